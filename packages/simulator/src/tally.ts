import { brandOf } from './brands.ts';
import { tillIdentity } from './csv.ts';
import type { CallsTrace, ConsentTrace, TicketTrace, Trace } from './trace.ts';
import type { Verdict } from './verdict.ts';

type Counts = Record<string, number>;

/** Calls of one source: how many were sent, how many are the same again, and what the door should do with the rest. */
type SourceTally = {
  requests: number;
  calls: number;
  copies: { sameDay: number; otherDay: number };
  /** Calls that must be refused, by fault; they are in `calls` and in no verdict. */
  malformed: Counts;
  lived: VerdictTally;
  backfill: VerdictTally;
};
type VerdictTally = { kept: number; depends: number; withheld: Counts };

/** Totals of what is sent, counted as it is sent. */
export class Tally {
  readonly #sources = new Map<string, SourceTally>();
  readonly #mess: Counts = {};
  readonly #consents: Counts = {};
  readonly #brands = new Map<string, ReceiptTally>();
  readonly #stores = new Map<string, ReceiptTally>();

  add(trace: Trace): void {
    if (trace.kind === 'calls') this.#addCalls(trace);
    else if (trace.kind === 'consents') this.#addConsent(trace);
    else this.#addTicket(trace);
  }

  #addCalls(trace: CallsTrace): void {
    const tally = this.#sources.get(trace.source) ?? emptySource();
    this.#sources.set(trace.source, tally);
    tally.requests++;
    tally.calls += trace.items.length;
    for (const mess of trace.mess) raise(this.#mess, mess, trace.items.length);
    if (trace.copy !== undefined) {
      tally.copies[trace.copy === 'same-day' ? 'sameDay' : 'otherDay'] += trace.items.length;
      return;
    }
    if (trace.single === true) {
      raise(tally.malformed, trace.mess[0] ?? 'other', 1);
      return;
    }
    for (const item of trace.items) {
      addVerdict(tally.lived, item.lived);
      addVerdict(tally.backfill, item.backfill);
    }
  }

  #addConsent(trace: ConsentTrace): void {
    raise(this.#consents, `${trace.brand}-${trace.decision.role}`, 1);
  }

  #addTicket(trace: TicketTrace): void {
    const brand = brandOf(trace.relation.brand).id;
    for (const [map, key] of [
      [this.#brands, brand],
      [this.#stores, trace.receipt.store.id],
    ] as const) {
      const tally = map.get(key) ?? emptyReceipts();
      map.set(key, tally);
      addReceipt(tally, trace);
    }
  }

  /** Plain JSON, keys in a fixed order. */
  close() {
    const all = emptyReceipts();
    for (const tally of this.#brands.values()) {
      for (const key of Object.keys(all) as (keyof ReceiptTally)[]) all[key] += tally[key];
    }
    return {
      tickets: { all, byBrand: sorted(this.#brands), byStore: sorted(this.#stores) },
      calls: sorted(this.#sources),
      consents: sortedRecord(this.#consents),
      mess: sortedRecord(this.#mess),
    };
  }
}

type ReceiptTally = {
  sales: number;
  refunds: number;
  /** Sales minus refunds, tax included. */
  revenueMinor: number;
  salesMinor: number;
  identifiedSales: number;
  rows: number;
  copies: number;
  malformed: number;
  syncedLater: number;
  fixedEmail: number;
  /** Identified sales and refunds whose address or card has two signs the wrong way round. */
  typos: number;
};

function addReceipt(tally: ReceiptTally, trace: TicketTrace): void {
  const { receipt } = trace;
  tally.rows += receipt.basket.lines.length;
  if (trace.fault !== undefined) tally.malformed++;
  else if (trace.copy === true) tally.copies++;
  else {
    const identity = tillIdentity(trace.shopper, trace.relation, receipt);
    if (receipt.kind === 'purchase') {
      tally.sales++;
      tally.salesMinor += receipt.basket.totalMinor;
      if (identity.names) tally.identifiedSales++;
    } else tally.refunds++;
    tally.revenueMinor += receipt.basket.totalMinor;
    if (receipt.syncMs > 0) tally.syncedLater++;
    if (receipt.typo) tally.typos++;
    if (identity.email !== '' && identity.email === receipt.store.fixedEmail) tally.fixedEmail++;
  }
}

function emptyReceipts(): ReceiptTally {
  return {
    sales: 0,
    refunds: 0,
    revenueMinor: 0,
    salesMinor: 0,
    identifiedSales: 0,
    rows: 0,
    copies: 0,
    malformed: 0,
    syncedLater: 0,
    fixedEmail: 0,
    typos: 0,
  };
}

function emptySource(): SourceTally {
  const verdicts = () => ({ kept: 0, depends: 0, withheld: {} });
  return {
    requests: 0,
    calls: 0,
    copies: { sameDay: 0, otherDay: 0 },
    malformed: {},
    lived: verdicts(),
    backfill: verdicts(),
  };
}

function addVerdict(tally: VerdictTally, verdict: Verdict): void {
  if (verdict === 'kept' || verdict === 'depends') tally[verdict]++;
  else raise(tally.withheld, verdict, 1);
}

function raise(counts: Counts, key: string, by: number): void {
  counts[key] = (counts[key] ?? 0) + by;
}

function sorted<T>(map: ReadonlyMap<string, T>): Readonly<Record<string, T>> {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sortedRecord(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
