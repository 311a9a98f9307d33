import { expect, test } from 'vitest';
import { csvCell } from './csv-cell.ts';

test.each([
  ['=1+1', "'=1+1"],
  ['+33', "'+33"],
  ['@cmd', "'@cmd"],
  ['-2+3', "'-2+3"],
  ['-12.50', '-12.50'],
  ['\tx', "'\tx"],
  ['a,b', '"a,b"'],
  ['say "so"', '"say ""so"""'],
  ['=a,"b"', '"\'=a,""b"""'],
  ['plain', 'plain'],
])('a cell is text to a spreadsheet, never a formula: %j', (text, cell) => {
  expect(csvCell(text)).toBe(cell);
});
