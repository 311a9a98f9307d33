import { accept, type Result, refuse } from '@filrouge/domain/base';
import { type ParsedItem, parseItem } from '../json/parse-item.ts';
import { checkBytes, measureItem } from '../json/scan.ts';
import { type RowProblem, rowProblem } from './row.ts';

/**
 * One line of an NDJSON file -> a parsed item, through the rules of the door. `column` of a problem is the JSON
 * pointer. Blank lines are the caller's to skip.
 */
export function itemFromLine(bytes: Buffer, line: number): Result<ParsedItem, RowProblem> {
  const start = checkBytes(bytes);
  const parsed = start.ok ? parseItem(bytes, measureItem(bytes, start.value, bytes.length)) : start;
  return parsed.ok
    ? accept(parsed.value)
    : refuse(rowProblem(line, parsed.refusal.pointer, parsed.refusal.code, parsed.refusal.detail));
}
