import { type FileRow, type NamedRow, type RowProblem, rowProblem } from '../row.ts';
import { type Shape, shapeOf } from './column-shape.ts';
import type { MappedColumn, Mapping } from './mapping.ts';
import { missingColumns } from './propose-mapping.ts';
import { type Repair, repairCell } from './repair.ts';
import type { RepairNote } from './repaired.ts';

/** A row in our columns; several where columns of yes and no each make one. */
export type MappedRow = {
  readonly rows: readonly NamedRow[];
  readonly notes: readonly RepairNote[];
  /**
   * Cells that could not be read and are left out of `rows`, at the names of the file's own columns. Such a row makes no
   * item, unless it is a decision, where a no must not be lost to them; it is read on, so that all its faults are told.
   */
  readonly problems?: readonly RowProblem[];
};

/** Rows of one file, read through its mapping. */
export type MappedFile = {
  /** Errors: why nothing of the row can be trusted to stand under its name. */
  readonly read: (row: FileRow) => MappedRow | readonly RowProblem[];
  /** The cells of a row with problems, as far as they go: only good for telling what it belongs to. */
  readonly glance: (row: FileRow) => NamedRow;
  /** The file's own name of one of our columns, for whoever mends the file. */
  readonly nameOf: (column: string) => string;
};

type Cell = MappedColumn & { readonly place: number; readonly beside: number | undefined; readonly shape: Shape };

/** Fewer rows than this that end with an empty cell too many may be wrong ones. */
const SURPLUS_ROWS_MIN = 2;

/**
 * Empty cells that every row of a sample has beyond the first line: some programs end each row with a delimiter, and not
 * the first line. 0 where some rows do not: there, one that does is shifted.
 */
export function surplusOf(header: readonly string[], rows: readonly (readonly string[])[]): number {
  const [first] = rows;
  const surplus = (first?.length ?? 0) - header.length;
  if (surplus <= 0 || rows.length < SURPLUS_ROWS_MIN) return 0;
  const alike = rows.every((cells) => cells.length === header.length + surplus && isEmptyFrom(cells, header.length));
  return alike ? surplus : 0;
}

function isEmptyFrom(cells: readonly string[], place: number): boolean {
  return cells.slice(place).every((cell) => cell.trim() === '');
}

/**
 * Binds a mapping to the first line of a file. Refused where the mapping speaks of a column that is not there or stands
 * there twice, or leaves a required one empty. `surplus`: empty cells that every row has beyond the first line.
 */
export function mapFile(mapping: Mapping, header: FileRow, surplus = 0): MappedFile | readonly RowProblem[] {
  const names = header.cells.map((cell) => cell.trim());
  const problems = [...absentOrRepeated(mapping, names, header.line), ...missingColumns(mapping)];
  if (problems.length > 0) return problems;
  const receipts = mapping.kind === 'orders' || mapping.kind === 'tickets';
  const cells = mapping.columns
    .map(
      (column): Cell => ({
        ...column,
        place: names.indexOf(column.from),
        beside: column.with === undefined ? undefined : names.indexOf(column.with),
        shape: shapeOf(column.to, receipts),
      }),
    )
    // A row's own country decides how its other cells are repaired.
    .sort((a, b) => Number(b.to === 'country') - Number(a.to === 'country'));
  const consents = mapping.consents.map((column) => ({ ...column, place: names.indexOf(column.from) }));
  const theirs = new Map(mapping.columns.map(({ from, to }) => [to, from]));
  const width = names.length;
  return {
    nameOf: (column) => theirs.get(column) ?? column,
    glance: (row) => named(row.line, { ...mapping.values, ...glanced(row, cells, mapping) }),
    read(row) {
      const misfit = misfitOf(row, width, surplus);
      if (misfit !== undefined) return [misfit];
      const fields: Record<string, string> = { ...mapping.values };
      const found: RowProblem[] = [];
      const unread: string[] = [];
      const notes: RepairNote[] = [];
      for (const cell of cells) {
        const text = textOf(row, cell);
        if (text === '') continue;
        const result = repairCell(cell.repair, text, cell.shape, {
          country: countryOf(fields, mapping),
          zone: mapping.zone,
        });
        if (!result.ok) {
          found.push(rowProblem(row.line, cell.from, result.code, result.detail));
          unread.push(cell.to);
        } else {
          fields[cell.to] = result.text;
          if (result.note !== undefined) notes.push(result.note);
        }
      }
      const made =
        mapping.kind !== 'consents' || consents.length === 0
          ? [named(row.line, fields)]
          : consents.flatMap((column) => optInRow(row, fields, column));
      if (found.length === 0) return { rows: made, notes };
      const spoilt = new Set(unread);
      return { rows: made.map((each) => ({ ...each, spoilt })), notes, problems: found };
    },
  };
}

function absentOrRepeated(mapping: Mapping, names: readonly string[], line: number): readonly RowProblem[] {
  const wanted = [
    ...mapping.columns.flatMap((column) => (column.with === undefined ? [column.from] : [column.from, column.with])),
    ...mapping.consents.map(({ from }) => from),
  ];
  return [...new Set(wanted)].flatMap((name) => {
    const times = names.filter((each) => each === name).length;
    if (times === 1) return [];
    return [rowProblem(line, name, times === 0 ? 'mapping-column-absent' : 'column-repeated')];
  });
}

/** A cell too many, even an empty last one, says that those before it may stand under names that are not theirs. */
function misfitOf({ line, cells }: FileRow, width: number, surplus: number): RowProblem | undefined {
  if (cells.length < width + surplus) return rowProblem(line, '', 'row-too-short', `${width} columns`);
  if (cells.length > width + surplus || !isEmptyFrom(cells, width)) {
    return rowProblem(line, '', 'row-too-long', `${width} columns`);
  }
  return undefined;
}

function textOf({ cells }: FileRow, { place, beside, shape }: Cell): string {
  const text = cells[place]?.trim() ?? '';
  if (isNothing(text, shape)) return '';
  const more = beside === undefined ? '' : (cells[beside]?.trim() ?? '');
  return text === '' || more === '' ? text : `${text.replace(/[ T]0{1,2}:00(?::00)?$/, '')} ${more}`;
}

/** What databases write for no value: `\\N`, a day zero; `NULL` too, but where it could be somebody's name. */
function isNothing(text: string, shape: Shape): boolean {
  if (text === '\\N' || (text === 'NULL' && shape !== 'text' && shape !== 'notice-text')) return true;
  return (shape === 'day' || shape === 'time') && text.startsWith('0000-00-00');
}

function countryOf(fields: Readonly<Record<string, string>>, { country }: Mapping): string {
  const own = fields['country']?.toUpperCase();
  // A country that is written out and not known has no rules of ours, least of all those of another.
  return own === undefined ? (country ?? 'FR') : /^[A-Z]{2}$/.test(own) ? own : 'ZZ';
}

function glanced(row: FileRow, cells: readonly Cell[], mapping: Mapping): Readonly<Record<string, string>> {
  return Object.fromEntries(
    cells.flatMap((cell) => {
      const text = textOf(row, cell);
      const place = { country: mapping.country ?? 'FR', zone: mapping.zone };
      const result = text === '' ? undefined : repairCell(cell.repair, text, cell.shape, place);
      return result === undefined ? [] : [[cell.to, result.ok ? result.text : text]];
    }),
  );
}

const STATUS: Repair = 'consent-status';

function optInRow(
  row: FileRow,
  fields: Readonly<Record<string, string>>,
  column: { readonly from: string; readonly purpose: string; readonly place: number },
): readonly NamedRow[] {
  const text = row.cells[column.place]?.trim() ?? '';
  if (text === '') return [];
  const status = repairCell(STATUS, text, 'consent-status', { country: 'ZZ', zone: 'UTC' });
  return [named(row.line, { ...fields, purpose: column.purpose, status: status.ok ? status.text : text })];
}

function named(line: number, fields: Readonly<Record<string, string>>): NamedRow {
  return {
    line,
    cell: (column) => {
      const text = fields[column];
      return text === '' ? undefined : text;
    },
  };
}
