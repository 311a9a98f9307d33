import { DAY_MS, type Instant } from '@filrouge/domain/base';
import { type ConsentState, type PurposeStates, statusAt, usable } from '@filrouge/domain/consent';
import type { BrandId } from '@filrouge/domain/deployment';
import { isWithin, NO_THREAD, NOBODY, type PersonNumber, personOfThread, type Thread } from '@filrouge/domain/identity';
import { isAskedAtTill, type RopoCell, type SampleTally, type Tally } from '@filrouge/domain/measurement';
import {
  type ConsentStanding,
  type EventRow,
  type EventStore,
  type ReadPermission,
  type RopoQuery,
  type ScanCursor,
  type ScanPage,
  type ScanQuery,
  StaleGeneration,
  type ThreadSpans,
  type TimelinePage,
  type TimelineQuery,
  type Total,
  type TotalsQuery,
} from '../event-store.ts';
import { digestOfRows } from './canonical-text.ts';

type Versioned<T> = { readonly value: T; readonly version: number };

/** Everything in maps, answered by the domain's own functions: what every other engine must agree with. */
export function createMemoryEventStore(): EventStore {
  const store = new MemoryEvents();
  return {
    insertRange: async (range, rows) => store.insertRange(range.generation, rows),
    forgetRun: async (run) => store.forgetRun(run),
    putAgain: async (rows) => store.put(rows),
    putThreadSpans: async (entries, version) => {
      for (const entry of entries) put(store.spans, `${entry.brand} ${entry.thread}`, entry, version);
    },
    settle: () => Promise.resolve(),
    putConsentStates: async (entries, version) => {
      for (const entry of entries)
        put(store.standings, standingKey(entry.brand, entry.bit, entry.thread), entry, version);
    },
    timeline: async (query) => store.timeline(query),
    scan: async (query) => store.scan(query),
    ropoCells: async (query) => ropoCells(store, query),
    totals: async (query) => totals(store, query),
    digest: async () => store.digest(),
    digestUpTo: async (position) => store.digestUpTo(position),
    reset: async (generation, upTo = 0) => store.reset(generation, upTo),
    close: async () => undefined,
  };
}

/** What nothing is known of is as good as absent. */
function saysSomething({ device, person }: ConsentStanding): boolean {
  return [device, person].some((state) => state !== undefined && state.kind !== 'unknown');
}

function put<T>(map: Map<string, Versioned<T>>, key: string, value: T, version: number): void {
  const known = map.get(key);
  if (known === undefined || known.version <= version) map.set(key, { value, version });
}

function standingKey(brand: BrandId, bit: number, thread: Thread): string {
  return `${brand} ${bit} ${thread}`;
}

class MemoryEvents {
  readonly events = new Map<string, EventRow>();
  readonly spans = new Map<string, Versioned<ThreadSpans>>();
  readonly standings = new Map<string, Versioned<ConsentStanding>>();
  private generation = '';

  insertRange(generation: string, rows: readonly EventRow[]): void {
    if (this.generation !== '' && generation !== this.generation) {
      throw new StaleGeneration(`this is generation ${this.generation}`);
    }
    this.generation = generation;
    this.put(rows);
  }

  put(rows: readonly EventRow[]): void {
    for (const row of rows) {
      const key = `${row.brand} ${row.eventId}`;
      const known = this.events.get(key);
      if (known === undefined || row.position < known.position) this.events.set(key, row);
    }
  }

  forgetRun(run: number): void {
    for (const [key, row] of this.events) if (row.run === run) this.events.delete(key);
  }

  reset(generation: string, upTo: number): void {
    for (const [key, { position }] of this.events) if (position > upTo) this.events.delete(key);
    this.spans.clear();
    this.standings.clear();
    this.generation = generation;
  }

  rowsOf(brand: BrandId): readonly EventRow[] {
    return [...this.events.values()].filter((row) => row.brand === brand);
  }

  personOf(row: EventRow): PersonNumber {
    if (row.thread === NO_THREAD) return NOBODY;
    const spans = this.spans.get(`${row.brand} ${row.thread}`)?.value.spans ?? [];
    return spans.find((span) => isWithin(span, row.t))?.person ?? personOfThread(row.thread);
  }

  allows(row: EventRow, { purpose, use, now }: ReadPermission): boolean {
    const claim = this.standings.get(standingKey(row.brand, purpose.bit, row.thread))?.value;
    const terminal = this.standings.get(standingKey(row.brand, purpose.bit, row.device))?.value;
    return usable(row, purpose, statesOf(row, claim, terminal), use, now).ok;
  }

  timeline({ brand, threads, permission, kinds, limit, after }: TimelineQuery): TimelinePage {
    const found = this.rowsOf(brand)
      .filter((row) => threads.some((span) => span.thread === row.thread && isWithin(span, row.t)))
      .filter((row) => kinds === undefined || kinds.includes(row.kind))
      .filter((row) => permission === 'every-row' || this.allows(row, permission))
      .filter((row) => after === undefined || newestFirst(after, row) < 0)
      .sort(newestFirst);
    const rows = found.slice(0, limit);
    const last = rows.at(-1);
    if (found.length <= limit || last === undefined) return { rows };
    return { rows, next: { t: last.t, eventId: last.eventId } };
  }

  scan({ brand, kind, from, to, permission, nobodys, limit, after }: ScanQuery): ScanPage {
    const seen = this.rowsOf(brand)
      .filter((row) => row.kind === kind && from <= row.t && row.t < to)
      .filter((row) => after === undefined || inScanOrder(after, row) < 0)
      .sort(inScanOrder)
      .slice(0, limit);
    const rows = seen.filter((row) =>
      row.thread === NO_THREAD && row.device === NO_THREAD ? nobodys && !row.bot : this.allows(row, permission),
    );
    const last = seen.at(-1);
    if (seen.length < limit || last === undefined) return { rows, seen: seen.length };
    return { rows, seen: seen.length, next: { thread: last.thread, eventId: last.eventId } };
  }

  digestUpTo(position: number): string {
    const rows = [...this.events.values()].filter((row) => row.position <= position);
    return digestOfRows(rows.map(({ sealed, ...row }) => ({ ...row, sealed: sealed.length })));
  }

  digest(): { events: string; threads: string; consents: string } {
    const spans = [...this.spans.values()].map(({ value }) => value).filter((entry) => entry.spans.length > 0);
    return {
      events: this.digestUpTo(Number.POSITIVE_INFINITY),
      threads: digestOfRows(spans),
      consents: digestOfRows([...this.standings.values()].map(({ value }) => value).filter(saysSomething)),
    };
  }
}

/** S8: the terminal's own word stands beside the claim only where the claim is somebody else. */
function statesOf(row: EventRow, claim?: ConsentStanding, terminal?: ConsentStanding): PurposeStates {
  const device = row.device === NO_THREAD ? undefined : terminal?.device;
  return {
    ...(device === undefined ? {} : { device }),
    ...(claim?.person === undefined ? {} : { person: claim.person }),
    ...(device === undefined || row.device === row.thread ? {} : { onDevice: device }),
  };
}

function inScanOrder(a: ScanCursor, b: ScanCursor): number {
  const [one, other] = [BigInt(a.thread), BigInt(b.thread)];
  if (one !== other) return one < other ? -1 : 1;
  return a.eventId === b.eventId ? 0 : a.eventId < b.eventId ? -1 : 1;
}

type Place = { readonly t: Instant; readonly eventId: string };

function newestFirst(a: Place, b: Place): number {
  if (a.t !== b.t) return b.t - a.t;
  return a.eventId === b.eventId ? 0 : a.eventId < b.eventId ? 1 : -1;
}

function isResearch(row: EventRow, { direction }: RopoQuery): boolean {
  return direction === 'online-to-store'
    ? row.terminal && ['page', 'screen', 'track'].includes(row.kind)
    : row.kind === 'ticket' && row.receipt?.type === 'sale';
}

function isPurchase(row: EventRow, { direction, from, to }: RopoQuery): boolean {
  const kind = direction === 'online-to-store' ? 'ticket' : 'order';
  return row.kind === kind && row.receipt?.type === 'sale' && !row.bot && row.t >= from && row.t < to;
}

type Purchase = {
  readonly row: EventRow;
  readonly person: PersonNumber;
  readonly usable: boolean;
  readonly observable: boolean;
  readonly hit: boolean;
  /** What its buyer said at the till. */
  readonly answer: boolean | undefined;
};

function ropoCells(store: MemoryEvents, query: RopoQuery): readonly RopoCell[] {
  const rows = store.rowsOf(query.brand);
  const research = new Map<PersonNumber, EventRow[]>();
  for (const row of rows) {
    if (!isResearch(row, query) || row.t >= query.to || !store.allows(row, query.permission)) continue;
    const person = store.personOf(row);
    research.set(person, [...(research.get(person) ?? []), row]);
  }
  const reachable = personsWithTerminal(store, query);
  const cells = new Map<string, RopoCell>();
  const persons = new Map<string, Set<string>>();
  for (const row of rows.filter((each) => isPurchase(each, query))) {
    const person = store.personOf(row);
    const allowed = person !== NOBODY && store.allows(row, query.permission);
    const seen = person === NOBODY ? [] : (research.get(person) ?? []);
    const purchase: Purchase = {
      row,
      person,
      usable: allowed,
      observable: allowed && (seen.length > 0 || reachable.has(person)),
      hit: allowed && seen.some((visit) => precedes(visit, row, query)),
      answer: isAskedAtTill(query) ? row.receipt?.researchedOnline : undefined,
    };
    for (const [key, value] of worths(row, query)) addTo(cells, persons, key, value, purchase);
  }
  return [...cells.values()].sort((a, b) => (cellKey(a) < cellKey(b) ? -1 : 1));
}

/** Persons with a terminal that says yes, though nothing was seen of it yet. */
function personsWithTerminal(store: MemoryEvents, query: RopoQuery): ReadonlySet<PersonNumber> {
  const { purpose, use, now } = query.permission;
  const persons = new Set<PersonNumber>();
  if (query.direction !== 'online-to-store' || purpose.basis !== 'consent' || !purpose.scope.device) return persons;
  for (const { value } of store.spans.values()) {
    const state = store.standings.get(standingKey(query.brand, purpose.bit, value.thread))?.value.device;
    if (value.brand !== query.brand || state === undefined || !stands(state, now, use === 'aggregate')) continue;
    for (const span of value.spans) persons.add(span.person);
  }
  return persons;
}

function stands(state: ConsentState, now: Instant, evenExpired: boolean): boolean {
  const status = statusAt(state, now);
  return status === 'given' || (status === 'expired' && evenExpired);
}

function precedes(visit: EventRow, row: EventRow, { window, match }: RopoQuery): boolean {
  if (!(visit.t < row.t && visit.t >= row.t - window * DAY_MS)) return false;
  if (match === 'any') return true;
  const mine = new Set(row.lines.map((line) => line[match]));
  return visit.lines.some((line) => mine.has(line[match]));
}

function worths(row: EventRow, { by, direction }: RopoQuery): ReadonlyMap<string, number> {
  if (by === 'store') {
    const place = direction === 'online-to-store' ? row.store : row.property;
    return new Map([[place, row.receipt?.amountMinor ?? 0]]);
  }
  const worth = new Map<string, number>();
  for (const { category, amountMinor } of row.lines) worth.set(category, (worth.get(category) ?? 0) + amountMinor);
  return worth;
}

const NONE: Tally = { count: 0, valueMinor: 0 };
const EMPTY: SampleTally = { ...NONE, valueSquares: 0, persons: 0 };

function cellKey({ key, month, currency }: Pick<RopoCell, 'key' | 'month' | 'currency'>): string {
  return [key, month, currency].join('\u0000');
}

function addTo(
  cells: Map<string, RopoCell>,
  persons: Map<string, Set<string>>,
  key: string,
  value: number,
  purchase: Purchase,
): void {
  const place = {
    key,
    month: new Date(purchase.row.t).toISOString().slice(0, 7),
    currency: purchase.row.receipt?.currency ?? '',
  };
  const id = cellKey(place);
  const cell = cells.get(id) ?? {
    ...place,
    all: NONE,
    identified: NONE,
    consented: NONE,
    observable: EMPTY,
    ropo: EMPTY,
    asked: { ...NONE, valueSquares: 0 },
    confirmed: NONE,
  };
  const sampled = (tally: SampleTally, name: string, counts: boolean): SampleTally => {
    if (!counts) return tally;
    const known = persons.get(`${id} ${name}`) ?? new Set();
    persons.set(`${id} ${name}`, known.add(purchase.person));
    return {
      count: tally.count + 1,
      valueMinor: tally.valueMinor + value,
      valueSquares: tally.valueSquares + value * value,
      persons: known.size,
    };
  };
  const tallied = (tally: Tally, counts: boolean): Tally =>
    counts ? { count: tally.count + 1, valueMinor: tally.valueMinor + value } : tally;
  cells.set(id, {
    ...place,
    all: tallied(cell.all, true),
    identified: tallied(cell.identified, purchase.person !== NOBODY),
    consented: tallied(cell.consented, purchase.usable),
    observable: sampled(cell.observable, 'observable', purchase.observable),
    ropo: sampled(cell.ropo, 'ropo', purchase.hit),
    asked: {
      ...tallied(cell.asked, purchase.answer !== undefined),
      valueSquares: cell.asked.valueSquares + (purchase.answer === undefined ? 0 : value * value),
    },
    confirmed: tallied(cell.confirmed, purchase.answer === true),
  });
}

function totals(store: MemoryEvents, { brand, kinds, from, to }: TotalsQuery): readonly Total[] {
  const sums = new Map<string, Total>();
  for (const row of store.rowsOf(brand)) {
    if (row.bot || !kinds.includes(row.kind) || row.t < from || row.t >= to) continue;
    const type = row.receipt?.type ?? '';
    const currency = row.receipt?.currency ?? '';
    const id = [row.kind, type, currency].join('\u0000');
    const { count, amountMinor } = sums.get(id) ?? { count: 0, amountMinor: 0 };
    const amount = row.receipt?.amountMinor ?? 0;
    sums.set(id, { kind: row.kind, type, currency, count: count + 1, amountMinor: amountMinor + amount });
  }
  return [...sums.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, total]) => total);
}
