import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ropoCsv } from './ropo-csv.ts';

const figures = {
  population: 200,
  coverage: { value: 0.5 },
  consentedBase: 80,
  observed: 0.25,
  estimate: { value: 0.2, low: 0.1, high: 0.3, firm: true, basis: 'observed' as const },
  bounds: { low: 0.05, high: 0.9 },
};
const row = { ...figures, byValue: figures, observable: 60, asked: 0 };
const answer = {
  ...row,
  definition: 'what it means',
  brand: 'atelier',
  direction: 'online-to-store',
  window: 7,
  match: 'any',
  by: 'store',
  from: '2026-10-01T00:00:00.000Z',
  to: '2026-11-01T00:00:00.000Z',
  currency: 'EUR',
  otherCurrencies: [],
  rows: [],
  asOf: { ledgerPosition: 1, journalPosition: 1, at: '2026-11-01T00:00:00.000Z' },
} as const;

const lines = (rows: readonly (typeof row & { readonly key: string; readonly name?: string })[]): readonly string[] =>
  ropoCsv({ ...answer, rows: rows.map((one) => ({ name: null, ...one })) }).split('\r\n');

test('the total first, then a line a row; every line has every column', () => {
  const [head = '', total, lyon, last] = lines([{ ...row, key: 'lyon', name: 'Lyon Bellecour' }]);
  expect(total).toBe(
    'total,200,0.5,80,0.25,0.2,0.1,0.3,true,0.05,0.9,200,80,0.25,0.2,EUR,,2026-10-01T00:00:00.000Z,2026-11-01T00:00:00.000Z',
  );
  expect(lyon).toBe(
    'lyon,200,0.5,80,0.25,0.2,0.1,0.3,true,0.05,0.9,200,80,0.25,0.2,EUR,Lyon Bellecour,2026-10-01T00:00:00.000Z,2026-11-01T00:00:00.000Z',
  );
  expect(head.split(',')).toHaveLength(19);
  expect(last).toBe('');
});

test('invariant 17: a cell of few consenting persons tells nothing of them', () => {
  const [, , small] = lines([{ ...row, key: 'nice', consentedBase: 9 }]);
  expect(small).toBe('nice,200,0.5,,,,,,,,,200,,,,EUR,,2026-10-01T00:00:00.000Z,2026-11-01T00:00:00.000Z');
});

/** `consentedBase` by count and by value, as a file shows them: the total, then the rows; undefined where it is empty. */
function basesShown(bases: readonly number[]): readonly (readonly [number | undefined, number | undefined])[] {
  const rows = bases.map((consentedBase, at) => ({
    ...row,
    key: `s${at}`,
    name: null,
    consentedBase,
    byValue: { ...figures, consentedBase: consentedBase * 1_000 },
  }));
  const sum = bases.reduce((all, base) => all + base, 0);
  const total = { consentedBase: sum, byValue: { ...figures, consentedBase: sum * 1_000 } };
  const cell = (text = ''): number | undefined => (text === '' ? undefined : Number(text));
  return ropoCsv({ ...answer, ...total, rows })
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(','))
    .map((cells) => [cell(cells[3]), cell(cells[12])]);
}

test.each([
  ['one of few: the least of the others hides it', [40, 9, 20], [69, 40, undefined, undefined]],
  ['a row of nobody hides nobody', [40, 9, 0, 20], [69, 40, undefined, undefined, undefined]],
  ['two of very few are few together', [40, 2, 3, 20], [65, 40, undefined, undefined, undefined]],
  ['two of few hide each other', [40, 9, 8, 20], [77, 40, undefined, undefined, 20]],
  ['nobody at all is no secret', [40, 0, 20], [60, 40, undefined, 20]],
  ['rows of few alone', [9], [undefined, undefined]],
] as const)('invariant 17: %s', (_, bases, shown) => {
  expect(basesShown(bases).map(([count]) => count)).toEqual(shown);
});

test('invariant 17: what is hidden cannot be had by subtracting what is shown from the total', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 8 }), (bases) => {
      const [[total, totalMinor] = [], ...rows] = basesShown(bases);
      const hidden = bases.filter((base, at) => base > 0 && rows[at]?.[0] === undefined);
      expect(rows.every(([count = 10]) => count >= 10)).toBe(true);
      expect(rows.map(([count]) => count === undefined)).toEqual(rows.map(([, minor]) => minor === undefined));
      // No more than one row is given up for the others.
      expect(hidden.filter((base) => base >= 10).length).toBeLessThanOrEqual(1);
      const left = (total ?? 0) - rows.reduce((sum, [count = 0]) => sum + count, 0);
      const isSafe = total === undefined || hidden.length === 0 || (hidden.length > 1 && left >= 10);
      expect([isSafe, totalMinor === undefined]).toEqual([true, total === undefined]);
    }),
    { numRuns: 1_000 },
  );
});

test('so does a total of few, and an estimate that is not firm is no figure', () => {
  const tells = (changed: object): string | undefined => ropoCsv({ ...answer, ...changed }).split('\r\n')[1];
  const period = 'EUR,,2026-10-01T00:00:00.000Z,2026-11-01T00:00:00.000Z';
  expect(tells({ consentedBase: 9 })).toBe(`total,200,0.5,,,,,,,,,200,,,,${period}`);
  const estimate = { ...figures.estimate, firm: false };
  expect(tells({ estimate, byValue: { ...figures, estimate } })).toBe(
    `total,200,0.5,80,0.25,,,,false,0.05,0.9,200,80,0.25,,${period}`,
  );
});

test.each([
  ['=1+1', "'=1+1"],
  ['@sum', "'@sum"],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['+3,3', '"\'+3,3"'],
])('a key %s is a text in every spreadsheet', (key, cell) => {
  expect(lines([{ ...row, key }])[2]?.startsWith(`${cell},200`)).toBe(true);
});

test('what there is nothing to divide by is empty, not zero', () => {
  const nothing = { ...figures, coverage: { value: null }, observed: null, estimate: null, bounds: null };
  const [, total] = ropoCsv({ ...answer, ...nothing, byValue: nothing, rows: [] }).split('\r\n');
  expect(total).toBe('total,200,,80,,,,,,,,200,80,,,EUR,,2026-10-01T00:00:00.000Z,2026-11-01T00:00:00.000Z');
});
