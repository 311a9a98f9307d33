import type { Result } from '@filrouge/domain/base';
import type { Vault } from '@filrouge/ports';
import type { OpenedStores } from './opened-stores.ts';

/** One thing that is stored, as it reads with the keys in hand. */
export type OpenedText = {
  readonly store: 'postgres' | 'clickhouse';
  /** Table, and column where it was sealed. */
  readonly place: string;
  readonly sealed: boolean;
  readonly bytes: Buffer;
};

/** How each sealed column is opened: by the row's texts (bytea in hexadecimal), to all that it holds. */
type Opener = (vault: Vault, row: Readonly<Record<string, string>>) => readonly Buffer[];

const SEALED_COLUMNS: Readonly<Record<string, Opener>> = {
  'journal.body': (vault, row) =>
    [...vault.openBatch(Number(row['position']), bytea(row['body']))].map(({ plaintext }) => opened(plaintext)),
  'quarantine.sealed': (vault, row) => [opened(vault.openRecord(`quarantine/${row['id']}`, bytea(row['sealed'])))],
  'consent_record.sealed': (vault, row) => [
    opened(vault.openRecord(`consent/${row['record_id']}`, bytea(row['sealed']))),
  ],
  'node.sealed': (vault, row) => [opened(vault.openRecord(`node/${hex(row['node'])}`, bytea(row['sealed'])))],
  'trait_history.sealed': (vault, row) => [
    opened(vault.openRecord(`traits/${hex(row['node'])}`, bytea(row['sealed']))),
  ],
};
/** Hashes of secrets that the vault knows nothing of. */
const HASH_COLUMNS: ReadonlySet<string> = new Set(['source_key.hash', 'api_token.hash']);

/** Every row of every table of both engines: as it stands, and each sealed column opened. */
export async function openedTexts(stores: OpenedStores): Promise<readonly OpenedText[]> {
  return [...(await postgresTexts(stores)), ...(await clickhouseTexts(stores))];
}

async function postgresTexts({ database, vault }: OpenedStores): Promise<readonly OpenedText[]> {
  const tables = await database.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition order by 1`,
  );
  const texts: OpenedText[] = [];
  for (const { name } of tables) {
    const columns = await database.query<{ name: string; type: string }>(
      `select attname as name, atttypid::regtype::text as type from pg_attribute
       where attrelid = $1::text::regclass and attnum > 0 and not attisdropped`,
      [name],
    );
    const unknown = columns.filter(({ name: column, type }) => type === 'bytea' && !isKnown(`${name}.${column}`));
    if (unknown.length > 0) throw new Error(`nobody said how to open ${name}.${unknown[0]?.name}`);
    const list = columns.map(({ name: column }) => `"${column}"::text as "${column}"`).join(', ');
    const rows = await database.query<Record<string, string>>(`select ${list} from "${name}"`);
    for (const row of rows) {
      texts.push({ store: 'postgres', place: name, sealed: false, bytes: Buffer.from(JSON.stringify(row)) });
      for (const { name: column } of columns) {
        const open = SEALED_COLUMNS[`${name}.${column}`];
        for (const bytes of open?.(vault, row) ?? []) {
          texts.push({ store: 'postgres', place: `${name}.${column}`, sealed: true, bytes });
        }
      }
    }
  }
  return texts;
}

function isKnown(column: string): boolean {
  return column in SEALED_COLUMNS || HASH_COLUMNS.has(column);
}

async function clickhouseTexts({ events, vault }: OpenedStores): Promise<readonly OpenedText[]> {
  const tables = await rowsOf<{ database: string; name: string }>(
    events,
    `select database, name from system.tables
     where (database = 'system' and name like '%\\_log') or database not in ('system', 'INFORMATION_SCHEMA', 'information_schema')`,
  );
  const texts: OpenedText[] = [];
  for (const { database, name } of tables) {
    const place = `${database}.${name}`;
    for (const row of await rowsOf<Record<string, unknown>>(events, `select * from \`${database}\`.\`${name}\``)) {
      texts.push({ store: 'clickhouse', place, sealed: false, bytes: Buffer.from(JSON.stringify(row)) });
      const { sealed, event_id } = row;
      if (typeof sealed !== 'string' || sealed === '') continue;
      const bytes = opened(vault.openRecord(`event/${event_id as string}`, Buffer.from(sealed, 'base64')));
      texts.push({ store: 'clickhouse', place: `${place}.sealed`, sealed: true, bytes });
    }
  }
  return texts;
}

async function rowsOf<Row>(events: OpenedStores['events'], query: string): Promise<readonly Row[]> {
  const answer = await events.query({ query, format: 'JSONEachRow' });
  return await answer.json<Row>();
}

/** A proof by keys must open everything: what does not open proves nothing. */
function opened(plaintext: Result<Buffer, string>): Buffer {
  if (!plaintext.ok) throw new Error(`could not be opened: ${plaintext.refusal}`);
  return Buffer.from(plaintext.value);
}

function bytea(text: string | undefined): Buffer {
  return Buffer.from((text ?? '').replace(/^\\x/, ''), 'hex');
}

function hex(uuid: string | undefined): string {
  return (uuid ?? '').replaceAll('-', '');
}
