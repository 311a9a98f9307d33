import { isExportHeader } from '../../export/export-rows.ts';
import { COLUMNS_OF, type ImportKind } from '../import-kind.ts';
import { type RowProblem, rowProblem } from '../row.ts';
import { type Assigned, assignColumns, type Sample, valuesAt } from './assign-columns.ts';
import { dateEvidence, decimalEvidence, type Evidence, plainRepair, postalRepair } from './choose-repair.ts';
import { type Shape, shapeOf } from './column-shape.ts';
import type { DropReason, MappedColumn, Mapping } from './mapping.ts';
import { UNREAD_COLUMNS } from './notation-words.ts';
import { namedPreset, type Preset, recognises } from './preset.ts';
import { PRESETS } from './presets.ts';
import { type Repair, withoutSpreadsheetMark } from './repair.ts';
import type { DecimalNotation } from './repair-amount.ts';
import type { DateNotation } from './repair-date.ts';

/** What the person who imports has said; what is not said is found in the file or asked. */
export type MappingHints = {
  readonly kind: ImportKind;
  /** ISO 3166-1: of telephone numbers and postal codes that do not name their own. */
  readonly country: string;
  /** IANA time zone of times that do not name their offset; where it is not said, the preset's or that of the store. */
  readonly zone?: string;
  readonly dates?: 'dmy' | 'mdy' | 'ymd';
  readonly decimals?: 'comma' | 'point';
  readonly preset?: Preset;
  /** Its cells have types of their own, so that no spreadsheet put a mark before a text. */
  readonly typed?: boolean | undefined;
};

/** `problems` are what the file leaves open and a person must say, and what it lacks. */
export type Proposal = { readonly mapping: Mapping; readonly problems: readonly RowProblem[] };

/** Currencies of countries whose tills print none; where a file has no such column, this one is proposed. */
const EURO = 'AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MC MT NL PT SI SK GP MQ GF RE YT AD SM VA'.split(' ');
const CURRENCIES: Readonly<Record<string, string>> = {
  CH: 'CHF',
  GB: 'GBP',
  US: 'USD',
  CA: 'CAD',
  PL: 'PLN',
  SE: 'SEK',
  DK: 'DKK',
};

/** Codes and numbers that a spreadsheet may have spoilt, and a file of ours has not. */
const KEPT_AS_WRITTEN: ReadonlySet<Shape> = new Set(['code', 'phone', 'postal-code', 'country']);

/** The clock that stores of most of our retailers show. */
const STORE_ZONE = 'Europe/Paris';

/** The preset of that kind that a first line is recognised by. */
export function presetOf(kind: ImportKind, header: readonly string[]): Preset | undefined {
  return PRESETS.find((preset) => preset.kinds.includes(kind) && recognises(preset, header));
}

/**
 * Proposes how the columns of a file become ours, from its first line and a sample of its rows. Nothing is guessed
 * silently: what two readings fit is a problem that names the option which decides it.
 */
export function proposeMapping(sample: Sample, hints: MappingHints): Proposal {
  const { kind, country } = hints;
  const preset = hints.preset ?? presetOf(kind, sample.header);
  const assigned = assignColumns(sample, kind, country, preset === undefined ? undefined : namedPreset(preset));
  const { columns, problems } = repairsOf(sample, assigned, hints);
  const mapping: Mapping = {
    kind,
    ...(preset === undefined ? {} : { preset: preset.name }),
    country,
    zone: hints.zone ?? preset?.zone ?? STORE_ZONE,
    columns,
    values: valuesFor(kind, country, assigned),
    consents: assigned.consents,
    dropped: assigned.dropped,
  };
  const missing = missingColumns(mapping).map((problem) => withUnread(problem, mapping));
  return { mapping, problems: [...problems, ...missing] };
}

/** What a missing column may be called in the file: the columns that nothing was made of. */
function withUnread(problem: RowProblem, { dropped }: Mapping): RowProblem {
  const names = dropped.flatMap(({ from, reason }) => (UNREAD.includes(reason) ? [from] : []));
  if (names.length === 0) return problem;
  const unread = `${UNREAD_COLUMNS}${names.join(', ')}`;
  return { ...problem, detail: problem.detail === undefined ? unread : `${problem.detail}; ${unread}` };
}

const UNREAD: readonly DropReason[] = ['unknown', 'second', 'does-not-fit', 'opt-in'];

/** Required columns that neither a column nor a value of the mapping fills. */
export function missingColumns(mapping: Mapping): readonly RowProblem[] {
  const filled = new Set([...mapping.columns.map(({ to }) => to), ...Object.keys(mapping.values)]);
  if (mapping.kind === 'consents' && mapping.consents.length > 0)
    for (const each of ['purpose', 'status']) filled.add(each);
  const { required, oneOf = [] } = COLUMNS_OF[mapping.kind];
  return [
    ...required.filter((column) => !filled.has(column)).map((column) => rowProblem(1, column, 'column-missing')),
    ...oneOf
      .filter((columns) => !columns.some((column) => filled.has(column)))
      .map((columns) => rowProblem(1, columns[0] ?? '', 'column-missing', columns.join(', '))),
  ];
}

function valuesFor(kind: ImportKind, country: string, { places }: Assigned): Readonly<Record<string, string>> {
  const has = { orders: true, tickets: true, products: places.has('price'), campaigns: places.has('spend') };
  if (has[kind as keyof typeof has] !== true || places.has('currency')) return {};
  const currency = EURO.includes(country) ? 'EUR' : CURRENCIES[country];
  return currency === undefined ? {} : { currency };
}

/** How a column that nobody has found yet is probably read, in the notations of the ones that were found. */
export function repairExpected(column: string, { kind, columns }: Mapping): Repair {
  const shape = shapeOf(column, kind === 'orders' || kind === 'tickets');
  const known = columns.map(({ repair }) => repair);
  if (shape === 'amount') return known.find((repair) => repair.startsWith('decimal-')) ?? 'decimal-comma';
  if (shape === 'day' || shape === 'time') return known.find((repair) => repair.startsWith('date-')) ?? 'date-dmy';
  return plainRepair(shape) ?? 'postal-code';
}

type Drawn = {
  readonly to: string;
  readonly place: number;
  readonly shape: Shape;
  readonly values: readonly string[];
};

function repairsOf(
  sample: Sample,
  assigned: Assigned,
  hints: MappingHints,
): { readonly columns: readonly MappedColumn[]; readonly problems: readonly RowProblem[] } {
  const nameOf = (place: number): string => sample.header[place]?.trim() ?? '';
  const timeOfDay = assigned.timeOfDay;
  // In the order of the file, which is that in which somebody reads the proposal.
  const inOrder = [...assigned.places].sort(([, a], [, b]) => a - b);
  const drawn = inOrder.map(([to, place]): Drawn => {
    const values = valuesAt(sample, place).map(withoutSpreadsheetMark);
    return { to, place, shape: shapeOf(to, hints.kind === 'orders' || hints.kind === 'tickets'), values };
  });
  // What an export of ours wrote has lost nothing that could be put back, and leaves nothing open.
  const own = isExportHeader(sample.header);
  const problems: RowProblem[] = [];
  const dates = new Map(drawn.filter(isDate).map((each) => [each.to, dateEvidence(each.values)]));
  const decimals = new Map(drawn.filter(isAmount).map((each) => [each.to, decimalEvidence(each.values)]));
  const fileDates = agreed(
    [...dates.values()].flatMap(({ notation }) =>
      notation === 'date-dmy' || notation === 'date-mdy' ? [notation] : [],
    ),
  );
  const fileDecimals = agreed([...decimals.values()].flatMap(({ notation }) => notation ?? []));
  const repairFor = (each: Drawn): Repair => {
    if (own && hints.typed === true && !isDate(each) && !isAmount(each)) return 'none';
    if (own && KEPT_AS_WRITTEN.has(each.shape)) return 'text';
    const date = dates.get(each.to);
    if (date !== undefined) return dateRepair(each, date, fileDates);
    const decimal = decimals.get(each.to);
    if (decimal !== undefined) return decimalRepair(each, decimal, fileDecimals);
    return plainRepair(each.shape) ?? postalRepair(each.values, hints.country);
  };
  const dateRepair = (each: Drawn, { notation, open }: Evidence<DateNotation>, file?: DateNotation): Repair => {
    const said = hints.dates === undefined ? undefined : (`date-${hints.dates}` as const);
    const found = notation === 'date-ymd' || notation === 'excel-serial' ? notation : (said ?? notation ?? file);
    if (found === undefined && open.length > 0 && !own)
      problems.push(rowProblem(1, nameOf(each.place), 'dates-ambiguous'));
    return found ?? 'date-ymd';
  };
  const decimalRepair = (
    each: Drawn,
    { notation, open }: Evidence<DecimalNotation>,
    file?: DecimalNotation,
  ): Repair => {
    const found = hints.decimals === undefined ? (notation ?? file) : (`decimal-${hints.decimals}` as const);
    if (found === undefined && open.length > 0 && !own)
      problems.push(rowProblem(1, nameOf(each.place), 'decimals-ambiguous'));
    return found ?? 'decimal-point';
  };
  const columns = drawn.map((each) => ({
    from: nameOf(each.place),
    ...(each.to === 'occurred_at' && timeOfDay !== undefined ? { with: nameOf(timeOfDay) } : {}),
    to: each.to,
    repair: repairFor(each),
  }));
  return { columns, problems };
}

function isDate({ shape }: Drawn): boolean {
  return shape === 'day' || shape === 'time';
}

function isAmount({ shape }: Drawn): boolean {
  return shape === 'amount';
}

/** What all who say something say; one export program writes one notation. */
function agreed<T>(said: readonly T[]): T | undefined {
  return new Set(said).size === 1 ? said[0] : undefined;
}
