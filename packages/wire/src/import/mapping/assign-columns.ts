import { columnsOf, type ImportKind } from '../import-kind.ts';
import { shapeOf } from './column-shape.ts';
import { areNumbers, evidentColumn, fitOf } from './fits-shape.ts';
import type { ConsentColumn, DroppedColumn, DropReason } from './mapping.ts';
import { normalName } from './normal-name.ts';
import { boxOf, optInOf } from './opt-in-column.ts';
import type { NamedPreset } from './preset.ts';
import { secretKindOf } from './secret-column.ts';
import { isPersonWord, isTimeOfDay, meaningsOf } from './synonyms.ts';

/** The first line of a file and the rows after it that are looked at. */
export type Sample = { readonly header: readonly string[]; readonly rows: readonly (readonly string[])[] };

export type Assigned = {
  /** Our column -> the place of theirs. */
  readonly places: ReadonlyMap<string, number>;
  /** Place of a column of times of day, if there is one. */
  readonly timeOfDay: number | undefined;
  readonly consents: readonly ConsentColumn[];
  readonly dropped: readonly DroppedColumn[];
};

/** Share of a column's values that must be readable as what its name says. */
const FIT_MIN = 0.5;
/** Share of yes and no from which a column is a box that was ticked or not. */
const BOX_MIN = 0.9;
const RECEIPTS: readonly ImportKind[] = ['orders', 'tickets'];
const OPT_IN_KINDS: readonly ImportKind[] = ['customers', 'consents'];

/** What databases write for no value. */
const NO_VALUE = /^(?:\\N|NULL|0000-00-00.*)$/;

/** Values of one column of the sample that are not empty, trimmed. */
export function valuesAt(sample: Sample, place: number): readonly string[] {
  return sample.rows.flatMap((cells) => {
    const text = cells[place]?.trim() ?? '';
    return text === '' || NO_VALUE.test(text) ? [] : [text];
  });
}

/**
 * Gives each column of a file its meaning: by its name first, the plainest names before the vaguer ones; by what stands in
 * it where the name says nothing, or says what the content contradicts. What is kept out is named with its reason.
 */
export function assignColumns(sample: Sample, kind: ImportKind, country: string, preset?: NamedPreset): Assigned {
  const board = createBoard(sample, kind, country);
  const open: number[] = [];
  for (const [place, name] of sample.header.entries()) {
    if (name.trim() !== '' && !setAside(board, place, preset)) open.push(place);
  }
  assignByName(board, open, preset);
  assignByContent(board, open);
  for (const place of open) {
    if (!board.taken.has(place)) board.drop(place, board.vetoed.has(place) ? 'does-not-fit' : reasonOf(board, place));
  }
  return { places: board.places, timeOfDay: board.timeOfDay, consents: board.consents, dropped: board.dropped };
}

type Board = {
  readonly sample: Sample;
  readonly kind: ImportKind;
  readonly country: string;
  readonly places: Map<string, number>;
  readonly taken: Set<number>;
  readonly vetoed: Set<number>;
  readonly consents: ConsentColumn[];
  readonly dropped: DroppedColumn[];
  timeOfDay: number | undefined;
  readonly drop: (place: number, reason: DropReason) => void;
};

function createBoard(sample: Sample, kind: ImportKind, country: string): Board {
  const dropped: DroppedColumn[] = [];
  const drop = (place: number, reason: DropReason): void => {
    dropped.push({ from: nameAt(sample, place), reason });
  };
  return {
    sample,
    kind,
    country,
    places: new Map(),
    taken: new Set(),
    vetoed: new Set(),
    consents: [],
    dropped,
    timeOfDay: undefined,
    drop,
  };
}

function nameAt(sample: Sample, place: number): string {
  return sample.header[place]?.trim() ?? '';
}

/** Columns that are never one of ours whatever else they look like. */
function setAside(board: Board, place: number, preset: NamedPreset | undefined): boolean {
  const { sample, kind } = board;
  const name = nameAt(sample, place);
  const normal = normalName(name);
  const secret = secretKindOf(name, valuesAt(sample, place));
  if (secret !== undefined) {
    board.drop(place, secret);
    return true;
  }
  if (preset?.leftOut.has(normal) === true) {
    board.drop(place, 'left-out');
    return true;
  }
  if (preset?.columns.has(normal) === true || columnsOf(kind).includes(name)) return false;
  const answers = fitOf('consent-status', valuesAt(sample, place));
  const boxed = answers >= BOX_MIN && valuesAt(sample, place).length > 0;
  const found = OPT_IN_KINDS.includes(kind) ? (boxed ? boxOf(name) : optInOf(name)) : undefined;
  const purpose = preset?.optIns.get(normal) ?? found;
  if (purpose !== undefined && answers >= FIT_MIN) {
    if (meaningsOf(kind, name).length > 0 && preset?.optIns.has(normal) !== true) return false;
    if (purpose === 'unsaid') board.drop(place, 'opt-in');
    else board.consents.push({ from: name, purpose });
    return true;
  }
  if (!RECEIPTS.includes(kind) || board.timeOfDay !== undefined || !isTimeOfDay(name)) return false;
  board.timeOfDay = place;
  return true;
}

function assignByName(board: Board, open: readonly number[], preset: NamedPreset | undefined): void {
  const order = columnsOf(board.kind);
  const wishes = open.flatMap((place) => {
    const name = nameAt(board.sample, place);
    const known = preset?.columns.get(normalName(name));
    // A preset knows its export: what it names means that and nothing else.
    const meanings = known === undefined ? meaningsOf(board.kind, name) : [[known, -1] as const];
    return meanings.filter(([column]) => order.includes(column)).map(([column, rank]) => ({ place, column, rank }));
  });
  wishes.sort((a, b) => a.rank - b.rank || order.indexOf(a.column) - order.indexOf(b.column) || a.place - b.place);
  for (const { place, column, rank } of wishes) {
    if (board.taken.has(place) || board.places.has(column)) continue;
    const shape = shapeOf(column, RECEIPTS.includes(board.kind));
    const sure = rank < 0 || nameAt(board.sample, place) === column;
    const values = valuesAt(board.sample, place);
    const isName = isPersonWord(nameAt(board.sample, place)) && !areNumbers(values, board.country);
    if (!sure && (isName || fitOf(shape, values) < FIT_MIN)) {
      board.vetoed.add(place);
      continue;
    }
    board.places.set(column, place);
    board.taken.add(place);
  }
}

function assignByContent(board: Board, open: readonly number[]): void {
  const columns = columnsOf(board.kind);
  for (const place of open) {
    if (board.taken.has(place)) continue;
    const column = evidentColumn(valuesAt(board.sample, place), board.country);
    if (column === undefined || !columns.includes(column) || board.places.has(column)) continue;
    board.places.set(column, place);
    board.taken.add(place);
  }
}

function reasonOf(board: Board, place: number): DropReason {
  return meaningsOf(board.kind, nameAt(board.sample, place)).length > 0 ? 'second' : 'unknown';
}
