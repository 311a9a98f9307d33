import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeRetailer } from '../write-retailer.ts';

type FileTruth = Readonly<Record<'rows' | 'good' | 'repaired' | 'bad' | 'items', number>> & {
  readonly reasons: Readonly<Record<string, number>>;
};

const root = mkdtempSync(join(tmpdir(), 'filrouge-ugly-'));
const WORLD = { seed: 1, shoppers: 2_000, files: 'ugly' } as const;
const bytesOf = (name: string, from = 'a') => readFileSync(join(root, from, name));
let truth: Readonly<Record<string, FileTruth>>;

beforeAll(async () => {
  await writeRetailer({ ...WORLD, to: join(root, 'a') });
  truth = JSON.parse(bytesOf('truth-files.json').toString()) as Readonly<Record<string, FileTruth>>;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the tables as a retailer has them', () => {
  test('are the same bytes for the same seed, whichever of them are written', async () => {
    await writeRetailer({ ...WORLD, shoppers: 200, to: join(root, 'b') });
    await writeRetailer({ ...WORLD, shoppers: 200, to: join(root, 'c') });
    await writeRetailer({ ...WORLD, shoppers: 200, parts: ['customers', 'consents'], to: join(root, 'd') });
    for (const name of readdirSync(join(root, 'b'))) expect(bytesOf(name, 'c').equals(bytesOf(name, 'b'))).toBe(true);
    const some = readdirSync(join(root, 'd')).filter((name) => name.endsWith('.csv'));
    expect(some.map((name) => name.split('-')[0])).toEqual(['clients', 'clients', 'consentements', 'consentements']);
    for (const name of some) expect(bytesOf(name, 'd').equals(bytesOf(name, 'b'))).toBe(true);
  });

  test('are cp1252 and no UTF-8, with CR LF between the rows', () => {
    const text = bytesOf('clients-maison-aubrac.csv');
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(text)).toThrow(TypeError);
    const read = new TextDecoder('windows-1252').decode(text);
    expect(read).toContain('place de l’Église');
    expect(read).toContain('bd des Sœurs-Grises');
    expect(new TextDecoder('windows-1252').decode(bytesOf('campagnes-petit-large.csv'))).toContain(' €;');
    expect(read.endsWith('\r\n')).toBe(true);
  });

  test('have as many rows as the truth says, each good, repaired or bad for one reason', () => {
    for (const [name, { rows, good, repaired, bad, reasons }] of Object.entries(truth)) {
      const records = bytesOf(name).toString('latin1').split('\r\n');
      expect([name, records.length - 2]).toEqual([name, rows]);
      expect(good + repaired + bad).toBe(rows);
      expect(Object.values(reasons).reduce((sum, count) => sum + count, 0)).toBe(bad);
    }
  });

  test('name each bad row by the line on which it begins', () => {
    const told = bytesOf('truth-lines.ndjson').toString().trim().split('\n');
    const lines = told.map((line) => JSON.parse(line) as { file: string; line: number; code: string });
    expect(lines.length).toBe(Object.values(truth).reduce((sum, { bad }) => sum + bad, 0));
    const clients = bytesOf('clients-petit-large.csv').toString('latin1').split('\n');
    const wide = (clients[0] as string).split(';').length;
    const cut = lines.filter(({ file, code }) => file === 'clients-petit-large.csv' && code === 'row-too-short');
    expect(cut.length).toBeGreaterThan(0);
    for (const { line } of cut) expect((clients[line - 1] as string).split(';').length).toBeLessThan(wide);
  });

  test('are counted in docs/simulator.md', () => {
    const page = readFileSync(new URL('../../../../docs/simulator.md', import.meta.url), 'utf8');
    for (const [name, { rows, good, repaired, bad, items }] of Object.entries(truth)) {
      if (!/^(clients|tickets|consentements)-/.test(name)) continue;
      const figures = [rows, good, repaired, bad, items].map((figure) => figure.toLocaleString('en-US'));
      expect(page).toContain(`| \`${name}\` | ${figures.join(' | ')} |`);
    }
  });
});
