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
