import { expect, test } from 'vitest';
import { harmless, harmlessLine } from './harmless.ts';
import { textTable } from './text-table.ts';

test.each([
  ['\u001b[31mred\u001b[0m', '\\u001b[31mred\\u001b[0m'],
  ['\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
  ['\u009b2J', '\\u009b2J'],
  ['over\rwritten', 'over\\u000dwritten'],
  ['back\b\b\b\b', 'back\\u0008\\u0008\\u0008\\u0008'],
  ['\u202egnp.exe', '\\u202egnp.exe'],
  ['two\nlines\tand a cell', 'two\nlines\tand a cell'],
  ['of Windows\r\n', 'of Windows\r\n'],
  ['Zoé 👩‍👩‍👧 東京', 'Zoé 👩‍👩‍👧 東京'],
])('%j reaches a terminal as %j', (text, shown) => {
  expect(harmless(text)).toBe(shown);
});

test('JSON says the same after it', () => {
  const value = { name: '\u007f\u009b31m\u202e"\\', '\u2028': ['\u0000\u001b'] };
  const shown = harmless(JSON.stringify(value));
  expect(JSON.parse(shown)).toEqual(value);
  expect(shown).not.toMatch(/[\u007f-\u009f\u2028\u202e]/);
});

test('a cell of a table is one line, whatever stands in it', () => {
  expect(harmlessLine('a\r\nb\u0085c')).toBe('a\\r\\nb\\u0085c');
  expect(textTable(['id', 'name'], [['1', 'x\ny\u001b[2J'], ['22', 'z']])).toEqual([
    'id  name',
    '1   x\\ny\\u001b[2J',
    '22  z',
  ]); // biome-ignore format: rows
});
