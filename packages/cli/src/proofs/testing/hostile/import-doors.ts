import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COLUMNS_OF, IMPORT_KINDS, type ImportKind } from '@filrouge/wire/import';
import { parquetWriteFile } from 'hyparquet-writer';
import { ITEM_SHAPES, idOf, userOf } from './item-doors.ts';
import type { Place } from './place.ts';
import type { Tally } from './tally.ts';

type Row = Readonly<Record<string, string>>;

/** A row of each kind that nothing is wrong with. */
const GOOD: Readonly<Record<ImportKind, (at: string) => Row>> = {
  customers: (at) => ({ customer_id: `c-${at}`, email: `c-${at}@example.com`, first_name: 'Zoé', traits: '{"a":1}' }),
  orders: (at) => ({ ...RECEIPT, order_id: `o-${at}`, order_total: '10.00', order_vat: '1.67' }),
  tickets: (at) => ({ ...RECEIPT, ticket_id: `t-${at}`, ticket_total: '10.00', ticket_vat: '1.67' }),
  events: (at) => ({
    message_id: `e-${at}`,
    type: 'track',
    event: 'Seen',
    occurred_at: '2026-11-01T10:00:00Z',
    user_id: userOf('event'),
    properties: '{"a":1}',
  }),
  consents: (at) => ({
    customer_id: `d-${at}`,
    purpose: 'email_marketing',
    status: 'refused',
    indicated_at: '2026-11-01T10:00:00Z',
  }),
  products: (at) => ({ sku: `p-${at}`, name: 'Coat' }),
  stores: (at) => ({ store_id: `s-${at}`, name: 'Rivoli' }),
  campaigns: (at) => ({ campaign_id: `a-${at}`, name: 'Winter' }),
};

const RECEIPT: Row = {
  occurred_at: '2026-11-01T10:00:00Z',
  store_id: 'S1',
  currency: 'EUR',
  customer_id: userOf('event'),
  line_sku: 'sku-1',
  line_amount: '10.00',
  line_quantity: '1',
  // Of a column of amounts that are all strange nobody could say how they are written: the file would be refused as a whole.
  line_price: '10.00',
  line_discount: '0.00',
  line_vat_rate: '20.00',
};

type FileFormat = 'csv' | 'ndjson' | 'parquet';
/** Lines of NDJSON are items as the door takes them, whatever the kind. */
const FORMATS: Readonly<Record<ImportKind, readonly FileFormat[]>> = {
  customers: ['csv', 'parquet'],
  orders: ['csv', 'parquet'],
  tickets: ['csv', 'parquet'],
  events: ['csv', 'ndjson', 'parquet'],
  consents: ['csv', 'ndjson', 'parquet'],
  products: ['csv', 'parquet'],
  stores: ['csv', 'parquet'],
  campaigns: ['csv', 'parquet'],
};

/** Every text in a cell of a file of each kind and form: each row is taken, or refused by its line with what would mend it. */
export async function playImports(
  place: Place,
  directory: string,
  texts: readonly string[],
  tally: Tally,
  shown: (said: string) => void,
  formats: Partial<typeof FORMATS> = FORMATS,
): Promise<void> {
  for (const kind of IMPORT_KINDS) {
    for (const format of formats[kind] ?? []) {
      const file = join(directory, `${kind}-hostile.${format}`);
      await writeRows(file, kind, format, texts);
      const source = kind === 'tickets' ? 'store' : 'server';
      const argv = ['import', kind, file, '--source', source, '--json', '--errors', `${file}.errors.csv`];
      const { exitCode, stdout, stderr } = await place.run(directory, argv, source);
      shown(stderr);
      if (exitCode !== 0 && exitCode !== 3) {
        tally.blame(`import ${kind} ${format}`, `ended with ${exitCode}: ${stderr}`);
        continue;
      }
      const said = JSON.parse(stdout) as Readonly<
        Record<'rows' | 'refused' | 'rejected' | 'accepted' | 'items', number>
      >;
      if (said.rows !== texts.length)
        tally.blame(`import ${kind} ${format}`, `read ${said.rows} of ${texts.length} rows`);
      tally.add('taken', said.rows - said.refused - said.rejected);
      tally.add('refused', said.refused + said.rejected);
      const wrong = await wrongWithErrors(`${file}.errors.csv`, said.refused + said.rejected);
      if (wrong !== undefined) tally.blame(`import ${kind} ${format}`, wrong);
    }
  }
}

async function writeRows(file: string, kind: ImportKind, format: FileFormat, texts: readonly string[]): Promise<void> {
  const { required, oneOf = [], optional } = COLUMNS_OF[kind];
  const columns = [...new Set([...required, ...oneOf.flat(), ...optional])];
  if (format === 'ndjson') return writeFile(file, `${texts.map((text, at) => lineOf(kind, text, at)).join('\n')}\n`);
  const rows = texts.map(
    (text, at): Row => ({
      ...GOOD[kind](`${format}-${at}`),
      [columns[at % columns.length] as string]: text,
    }),
  );
  if (format === 'csv') {
    const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
    const lines = [columns, ...rows.map((row) => columns.map((name) => row[name] ?? ''))];
    return writeFile(file, `${lines.map((cells) => cells.map(quoted).join(',')).join('\r\n')}\r\n`);
  }
  const columnData = columns.map((name) => ({
    name,
    type: 'STRING' as const,
    data: rows.map((row) => row[name] ?? ''),
  }));
  parquetWriteFile({ filename: file, columnData });
}

/** A line of NDJSON is an item as the door takes it. */
function lineOf(kind: ImportKind, text: string, at: number): string {
  if (kind === 'consents') {
    const subject = { userId: `n-${at}` };
    const decisions = [{ purpose: 'profiling', status: at % 2 === 0 ? 'refused' : text }];
    return JSON.stringify({
      subject,
      decisions,
      indicatedAt: '2026-11-01T10:00:00Z',
      channel: at % 3 === 0 ? text : 'web',
    });
  }
  const shape = ITEM_SHAPES[at % ITEM_SHAPES.length] as (typeof ITEM_SHAPES)[number];
  return JSON.stringify({ messageId: `file-${idOf(shape.name, at)}`, ...shape.item(text, userOf(shape.name)) });
}

/** Each refused line is told with what would mend it, and no cell of the list is one that a spreadsheet runs. */
async function wrongWithErrors(file: string, refused: number): Promise<string | undefined> {
  if (refused === 0) return undefined;
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.trimEnd().split('\n').slice(1);
  if (lines.length < refused) return `${refused} lines are refused, ${lines.length} told`;
  return lines.find((line) => !/^\d+,[^,]*,[a-z0-9-]+,./.test(line) || /(?:^|,)"?[=+@\t\r]/.test(line));
}
