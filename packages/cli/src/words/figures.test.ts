import { expect, test } from 'vitest';
import { amount, count, duration, languageOf } from './figures.ts';
import { textTable } from './text-table.ts';

test.each([
  [{ LANG: 'fr_FR.UTF-8' }, 'fr'],
  [{ LC_ALL: 'en_GB.UTF-8', LANG: 'fr_FR.UTF-8' }, 'en'],
  [{ LC_ALL: '', LC_MESSAGES: 'fr', LANG: 'C' }, 'fr'],
  [{ LANG: 'frr_DE' }, 'en'],
  [{}, 'en'],
])('the language of the terminal: %j is %s', (environment, language) => {
  expect(languageOf(environment)).toBe(language);
});

test.each([
  [400, '0 s'],
  [59_700, '1 min'],
  [125_000, '2 min 5 s'],
])('%i ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('figures and tables stand in columns', () => {
  expect(count(12_345)).toBe('12,345');
  expect([0, 1, 2].map((n) => amount(n, 'property', 'properties'))).toEqual([
    '0 properties',
    '1 property',
    '2 properties',
  ]);
  expect(
    textTable(
      ['a', 'items'],
      [
        ['kept', '1'],
        ['b', '12'],
      ],
      new Set([1]),
    ),
  ).toEqual(['a     items', 'kept      1', 'b        12']);
});
