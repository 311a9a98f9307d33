/** Formats whose rows follow an INSERT as raw bytes and that the engine takes without a copy. */
const RAW_FORMATS = ['JSONEachRow', 'JSONCompactEachRow', 'TabSeparated', 'CSV'] as const;
export type RawFormat = (typeof RAW_FORMATS)[number];

/** An INSERT whose rows are bytes beside the statement. */
export type RawInsert = {
  readonly table: string;
  readonly columns: readonly string[] | undefined;
  readonly format: RawFormat;
};

const IDENTIFIER = '(?:`[A-Za-z0-9_]+`|[A-Za-z0-9_]+)';
const INSERT = new RegExp(
  `^\\s*INSERT\\s+INTO\\s+(?:TABLE\\s+)?(${IDENTIFIER}(?:\\.${IDENTIFIER})?)\\s*` +
    `(?:\\(\\s*(${IDENTIFIER}(?:\\s*,\\s*${IDENTIFIER})*)\\s*\\)\\s*)?FORMAT\\s+(\\w+)\\s*;?\\s*$`,
  'i',
);

/** `INSERT INTO t (a, b) FORMAT JSONEachRow` -> its parts; undefined for any other statement. */
export function parseRawInsert(sql: string): RawInsert | undefined {
  const found = INSERT.exec(sql);
  if (found === null) return undefined;
  const [, table = '', columns, formatName = ''] = found;
  const format = RAW_FORMATS.find((known) => known.toLowerCase() === formatName.toLowerCase());
  if (format === undefined) return undefined;
  const bare = (text: string): string => text.replaceAll('`', '').trim();
  return { table: bare(table), columns: columns?.split(',').map(bare), format };
}

/** Whether a statement only reads, so that it takes a place among the readers and may be cancelled half way. */
export function onlyReads(sql: string): boolean {
  return /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(?:\(\s*)*(?:SELECT|WITH|SHOW|DESCRIBE|DESC|EXPLAIN|EXISTS)\b/i.test(sql);
}

/** Names of the `{name:Type}` placeholders of a statement; one inside a string literal is named too. */
export function placeholderNames(sql: string): readonly string[] {
  return [...sql.matchAll(/\{\s*([A-Za-z_]\w*)\s*:/g)].map((found) => found[1] ?? '');
}

/** A string literal of ClickHouse SQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
