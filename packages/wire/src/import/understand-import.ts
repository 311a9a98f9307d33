import { accept, type JsonObject, type Result, refuse } from '@filrouge/domain/base';
import type { Source } from '@filrouge/domain/deployment';
import type { IncomingItem } from '@filrouge/domain/event';
import { understandItem } from '../collect/understand.ts';
import { normalise } from '../json/normalise.ts';
import type { ParsedItem } from '../json/parse-item.ts';
import { type RowProblem, rowProblem } from './row.ts';

/** An item of a file, already parsed (NDJSON) -> what the door decides on. */
export function understandImported(parsed: ParsedItem, line: number, source: Source): Result<IncomingItem, RowProblem> {
  const understood = understandItem(parsed, { source });
  if (understood.ok) return understood;
  const { pointer, code, detail } = understood.refusal;
  return refuse(rowProblem(line, pointer, code, detail));
}

/** An item made from rows -> what the door decides on; the rows' texts pass the same normaliser as a body. */
export function understandRow(
  item: { readonly line: number; readonly json: JsonObject },
  source: Source,
): Result<IncomingItem, RowProblem> {
  const normal = normalise(item.json);
  if (normal.fault !== undefined) return refuse(rowProblem(item.line, normal.fault.pointer, normal.fault.code));
  const parsed = { json: normal.value as JsonObject, marks: normal.marks, inexact: new Set<string>() };
  const understood = understandImported(parsed, item.line, source);
  return understood.ok ? accept(understood.value) : understood;
}
