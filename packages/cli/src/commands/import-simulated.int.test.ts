import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BRANDS, sourceId, writeRetailer } from '@filrouge/simulator';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFakeDoor } from '../testing/fake-door.ts';
import { filrouge, temporaryDirectory } from '../testing/run-filrouge.ts';

type FileTruth = {
  readonly rows: number;
  readonly good: number;
  readonly repaired: number;
  readonly bad: number;
  readonly items: number;
  readonly amountMinor?: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly repairs: Readonly<Record<string, number>>;
};
type BadLine = { readonly file: string; readonly line: number; readonly column: string; readonly code: string };
type Summary = {
  readonly rows: number;
  readonly refused: number;
  readonly rejected: number;
  readonly items: number;
  readonly accepted: number;
  readonly repairs: Readonly<Record<string, number>>;
};

/** What each table is imported as, and by the key of which source. */
const TABLES = [
  ['clients', 'customers', 'server'],
  ['tickets', 'tickets', 'till'],
  ['tickets-renvoi', 'tickets', 'till'],
  ['consentements', 'consents', 'server'],
  ['produits', 'products', 'server'],
  ['magasins', 'stores', 'server'],
  ['campagnes', 'campaigns', 'server'],
] as const;
/** A file of some rows may have no day above the twelfth: then the order of day and month is asked. */
const SAID = ['--country', 'FR', '--dates', 'dmy', '--decimals', 'comma'];
const FILES = BRANDS.flatMap(({ key, id }) =>
  TABLES.map(([table, kind, role]) => [`${table}-${id}.csv`, kind, sourceId(key, role)] as const),
);

describe('the files of a simulated retailer, as its programs write them', () => {
  let directory: string;
  let remove: () => Promise<void>;
  let truth: Readonly<Record<string, FileTruth>>;
  let badLines: readonly BadLine[];

  beforeAll(async () => {
    ({ path: directory, remove } = await temporaryDirectory());
    await writeRetailer({ seed: 4, shoppers: 2_000, to: directory, files: 'ugly' });
    truth = JSON.parse(await read('truth-files.json')) as Readonly<Record<string, FileTruth>>;
    badLines = (await read('truth-lines.ndjson'))
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as BadLine]));
  });
  afterAll(() => remove());

  const read = (name: string): Promise<string> => readFile(join(directory, name), 'utf8');

  test.each(FILES)('%s imports as %s with the counts and the money that were planted', async (file, kind, source) => {
    const door = await openFakeDoor(() => ({ status: 200 }));
    try {
      const errors = `${file}.errors.csv`;
      const run = await filrouge(['import', kind, file, '--source', source, '--errors', errors, '--json', ...SAID], {
        directory,
        environment: { FILROUGE_URL: door.url, FILROUGE_KEY: 'a_key' },
      });
      const told = truth[file] as FileTruth;
      const summary = JSON.parse(run.stdout) as Summary;
      expect(summary).toMatchObject({
        rows: told.rows,
        refused: told.bad,
        rejected: 0,
        items: told.items,
        accepted: told.items,
        repairs: told.repairs,
      });
      expect(run.exitCode).toBe(told.bad === 0 ? 0 : 3);
      expect(told.bad === 0 ? [] : linesOf(await read(errors))).toEqual(
        badLines.flatMap((bad) => (bad.file === file ? [[String(bad.line), bad.column, bad.code]] : [])),
      );
      expect(told.amountMinor === undefined ? undefined : paidIn(door.calls)).toBe(told.amountMinor);
    } finally {
      await door.close();
    }
  });

  test('every row of a file is good, repaired or bad, and each kind of bad row is there', () => {
    const codes = new Set<string>();
    for (const { rows, good, repaired, bad, reasons } of Object.values(truth)) {
      expect(good + repaired + bad).toBe(rows);
      expect(Object.values(reasons).reduce((sum, count) => sum + count, 0)).toBe(bad);
      for (const code of Object.keys(reasons)) codes.add(code);
    }
    expect([...codes].sort()).toEqual([
      'amount-unreadable',
      'email-unreadable',
      'no-identifier',
      'no-such-day',
      'purpose-unreadable',
      'row-too-long',
      'row-too-short',
      'scientific-notation',
      'ticket-row-refused',
      'time-unreadable',
      'value-not-allowed',
      'year-too-short',
    ]);
  });
});

/** Line, column and reason of each refused line, in the order of the file. */
function linesOf(errors: string): readonly (readonly string[])[] {
  const rows = parse(errors) as readonly (readonly string[])[];
  return rows
    .slice(1)
    .map((row) => row.slice(0, 3))
    .sort((a, b) => Number(a[0]) - Number(b[0]));
}

function paidIn(calls: readonly { readonly batch: readonly unknown[] }[]): number {
  const items = calls.flatMap(({ batch }) => batch) as readonly {
    readonly receipt: { readonly amountMinor: number };
  }[];
  return items.reduce((sum, { receipt }) => sum + receipt.amountMinor, 0);
}
