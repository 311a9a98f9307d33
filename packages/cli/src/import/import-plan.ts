import type { FileRow, RowProblem } from '@filrouge/wire';
import {
  columnsOf,
  type ImportKind,
  type Mapping,
  type MappingHints,
  type Proposal,
  proposeMapping,
} from '@filrouge/wire/import';
import type { RowFile } from './file-rows.ts';

/** Rows that are looked at before a mapping is proposed. */
const SAMPLE_ROWS_MAX = 1_000;

/** The beginning of a file; `header` is undefined where it has no row at all. */
export type FileSample = {
  readonly header: FileRow | undefined;
  readonly rows: readonly FileRow[];
  /** What keeps the first line from being read. */
  readonly problem?: RowProblem;
};

/** Reads the first line and up to 1,000 rows that can be trusted. */
export async function sampleOf(file: RowFile, signal: AbortSignal): Promise<FileSample> {
  let header: FileRow | undefined;
  const rows: FileRow[] = [];
  for await (const each of file.rows(signal)) {
    if (!('row' in each)) return header === undefined ? { header, rows, problem: each.problem } : { header, rows };
    if (header === undefined) {
      if (each.problem !== undefined) return { header, rows, problem: each.problem };
      header = each.row;
    } else if (each.problem === undefined) rows.push(each.row);
    if (rows.length >= SAMPLE_ROWS_MAX) break;
  }
  return { header, rows };
}

/** A mapping for the sample. */
export function propose(sample: FileSample, hints: MappingHints): Proposal {
  const rows = sample.rows.map(({ cells }) => cells);
  return proposeMapping({ header: sample.header?.cells ?? [], rows }, hints);
}

/** Whether a file has our own columns and nothing to decide: then there is nothing to keep in a mapping file. */
export function isOwnForm(mapping: Mapping, kind: ImportKind): boolean {
  const own = columnsOf(kind);
  const plain = mapping.columns.every(
    ({ from, to, repair, with: beside }) =>
      from === to &&
      own.includes(to) &&
      beside === undefined &&
      !/^(decimal-comma|date-dmy|date-mdy|excel-serial)$/.test(repair),
  );
  return (
    plain && mapping.dropped.length === 0 && mapping.consents.length === 0 && Object.keys(mapping.values).length === 0
  );
}
