import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvCell, disarmed, rearmed } from './csv-cell.ts';

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
  ["'=1+1", "''=1+1"],
  ["'0612", "''0612"],
  ["'t Hooft", "'t Hooft"],
])('a cell is text to a spreadsheet, never a formula: %j', (text, cell) => {
  expect(csvCell(text)).toBe(cell);
});

/** Mostly what a spreadsheet would misread. */
const signs = fc.constantFrom("'", '=', '+', '-', '@', '\t', '\r', '0', '7', '.', 'a', '"', ',', '\n');
const text = fc.oneof(fc.string(), fc.string({ unit: signs, maxLength: 8 }));

test('no text begins like a formula, and each comes back as it was', () => {
  fc.assert(
    fc.property(text, (one) => {
      const safe = disarmed(one);
      expect(/^[=+@\t\r]/.test(safe) || (safe.startsWith('-') && !/^-\d+(\.\d+)?$/.test(safe))).toBe(false);
      expect(rearmed(safe)).toBe(one);
    }),
    { numRuns: 2_000 },
  );
});
