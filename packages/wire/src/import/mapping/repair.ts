import { rearmed } from '../text/csv-cell.ts';
import type { Shape } from './column-shape.ts';
import { repairAmount } from './repair-amount.ts';
import { judgedPostalCode, repairCode, repairPhone, repairPostalCode } from './repair-code.ts';
import { DATE_NOTATIONS, repairDate } from './repair-date.ts';
import { repairWord } from './repair-word.ts';
import { type Repaired, type RepairPlace, repaired } from './repaired.ts';

/** What is done to each cell of a column, by the names that stand in a mapping file. */
export const REPAIRS = [
  'none',
  'text',
  'code',
  'phone',
  'postal-code',
  'country',
  'receipt-type',
  'consent-status',
  'decimal-comma',
  'decimal-point',
  ...DATE_NOTATIONS,
] as const;
export type Repair = (typeof REPAIRS)[number];

/**
 * Brings one cell into our notation. Empty cells are not repaired. What a spreadsheet puts before a text, so that it stays
 * one (`'0612`, `="0612"`), goes first, whatever the repair.
 */
export function repairCell(repair: Repair, cell: string, shape: Shape, place: RepairPlace): Repaired {
  if (repair === 'none') return repaired(cell);
  const text = withoutSpreadsheetMark(cell);
  const result = repairText(repair, text, shape, place);
  return text !== cell && result.ok && result.note === undefined
    ? repaired(result.text, 'spreadsheet-mark-removed')
    : result;
}

function repairText(repair: Exclude<Repair, 'none'>, text: string, shape: Shape, place: RepairPlace): Repaired {
  switch (repair) {
    case 'text':
      return repaired(text);
    case 'code':
      return shape === 'postal-code' ? judgedPostalCode(repairCode(text), place) : repairCode(text);
    case 'phone':
      return repairPhone(text, place);
    case 'postal-code':
      return judgedPostalCode(repairPostalCode(text, place), place);
    case 'country':
    case 'receipt-type':
    case 'consent-status':
      return repairWord(text, repair);
    case 'decimal-comma':
    case 'decimal-point':
      return repairAmount(text, repair);
    case 'date-dmy':
    case 'date-mdy':
    case 'date-ymd':
    case 'excel-serial':
      return repairDate(text, repair, shape === 'day' ? 'day' : 'time', place);
  }
}

/** Without what a spreadsheet, or a file of ours, put before a text so that it stays one. */
export function withoutSpreadsheetMark(cell: string): string {
  const formula = /^="([^"]*)"$/.exec(cell)?.[1];
  return formula ?? rearmed(cell);
}
