import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MINUTE_MS } from '@filrouge/domain/base';
import {
  BRANDS,
  playHistory,
  RETAILER_CONFIG,
  type SimulatedRequest,
  sourceId,
  type WorldSettings,
  writeRetailer,
} from '@filrouge/simulator';
import {
  type Columns,
  CUSTOMER_COLUMNS,
  createTicketReader,
  customerFromRow,
  type ImportItem,
  isRowProblem,
  type NamedRow,
  readHeader,
  TICKET_COLUMNS,
} from '@filrouge/wire';
import { parse } from 'csv-parse';
import type { Installation } from './installation.ts';

/** The simulated retailer as a configuration of the product; its purposes are all among the default ones. */
export const RETAILER = RETAILER_CONFIG;

/** What the truth file says, as far as the proofs ask. */
export type Truth = {
  readonly totals: {
    readonly orders: number;
    readonly tickets: { readonly all: TicketTotals; readonly byBrand: Readonly<Record<string, TicketTotals>> };
    readonly calls: Readonly<Record<string, CallTruth>>;
    readonly mess: Readonly<Record<string, number>>;
  };
  readonly ropo: {
    readonly onlineToStore: Readonly<Record<string, TrueShares>>;
    readonly storeToOnline: Readonly<Record<string, TrueShares>>;
  };
};
export type TicketTotals = {
  readonly sales: number;
  readonly refunds: number;
  readonly revenueMinor: number;
  readonly salesMinor: number;
  readonly identifiedSales: number;
  readonly malformed: number;
  /** Receipts that print the till's own address. */
  readonly fixedEmail: number;
};
export type ExpectedVerdicts = {
  readonly kept: number;
  readonly depends: number;
  readonly withheld: Readonly<Record<string, number>>;
};
export type CallTruth = {
  readonly calls: number;
  readonly copies: { readonly sameDay: number; readonly otherDay: number };
  readonly malformed: Readonly<Record<string, number>>;
  readonly backfill: ExpectedVerdicts;
};
/** By what preceded (`visit`, `product`, `category`, or `store`), then by days. */
export type TrueShares = Readonly<Record<string, Readonly<Record<string, TrueShare>>>>;
export type TrueShare = {
  readonly share: number;
  readonly valueShare: number;
  /** What of it no report can see of persons whom it can see otherwise: research on a terminal that never said yes. */
  readonly escaped: { readonly share: number; readonly valueShare: number };
};

/** One simulated call with its expected verdict. */
export type TrueItem = {
  readonly messageId: string;
  readonly call: string;
  readonly at: number;
  readonly backfill: string;
  readonly person: string;
  readonly source: string;
  readonly copy: string | null;
  readonly mess: readonly string[];
};

/** A true person with all identifiers, by brand. */
export type TruePerson = {
  readonly person: string;
  readonly identifiers: readonly { readonly brand: string; readonly namespace: string; readonly value: string }[];
  readonly receipts: readonly {
    readonly identification?: string;
    readonly lagMs?: { readonly visit: number | null };
  }[];
};

/** One request as it goes to the product's door. */
export type Delivery = Pick<SimulatedRequest, 'source' | 'path' | 'body'>;

/** A retailer's traces ready to be sent, and the truth about them. */
export type Retailer = {
  /** Decisions, in the order in which they were taken. */
  readonly consents: readonly Delivery[];
  readonly calls: readonly Delivery[];
  /** Rows of files, as `filrouge import` sends them. */
  readonly imports: readonly Delivery[];
  /** Rows of files that no item was made of. */
  readonly refusedRows: number;
  readonly truth: Truth;
  readonly items: readonly TrueItem[];
  readonly persons: readonly TruePerson[];
};

/** Items of one request: several in flight must be worth it. */
const BATCH = 100;

/** Plays a world against the present: departure times are stated by `now`, and all of the history lies before it. */
export async function makeRetailer(settings: WorldSettings, now: number): Promise<Retailer> {
  const to = await mkdtemp(join(tmpdir(), 'filrouge-retailer-'));
  try {
    await writeRetailer({ ...settings, to, parts: ['tickets', 'customers', 'truth'], itemTruth: true });
    const consents: Delivery[] = [];
    const calls: Delivery[] = [];
    await playHistory({ ...settings, backfill: { now: () => now, batch: BATCH } }, async (request) => {
      (request.kind === 'consents' ? consents : calls).push(request);
    });
    const imported = await importsFrom(to);
    return {
      consents,
      calls,
      ...imported,
      truth: JSON.parse(await readFile(join(to, 'truth.json'), 'utf8')) as Truth,
      items: await linesOf<TrueItem>(join(to, 'truth-items.ndjson')),
      persons: await linesOf<TruePerson>(join(to, 'truth.ndjson')),
    };
  } finally {
    await rm(to, { recursive: true, force: true });
  }
}

async function linesOf<T>(path: string): Promise<readonly T[]> {
  const text = await readFile(path, 'utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as T]));
}

async function importsFrom(directory: string): Promise<Pick<Retailer, 'imports' | 'refusedRows'>> {
  const imports: Delivery[] = [];
  let refusedRows = 0;
  const names = await readdir(directory);
  for (const { key, id } of BRANDS) {
    for (const name of names.filter((each) => each.endsWith(`-${key}.csv`) || each.endsWith(`-${id}.csv`)).sort()) {
      const customers = name.startsWith('customers');
      const read = await itemsOfFile(join(directory, name), customers ? 'customers' : 'tickets');
      refusedRows += read.refused;
      const source = sourceId(key, customers ? 'server' : 'till');
      for (let at = 0; at < read.items.length; at += BATCH) {
        const batch = read.items.slice(at, at + BATCH).map(({ json }) => json);
        imports.push({ source, path: '/v1/import', body: JSON.stringify({ batch }) });
      }
    }
  }
  return { imports, refusedRows };
}

/** Reads a file as the command line does, row by row. */
async function itemsOfFile(
  path: string,
  kind: 'customers' | 'tickets',
): Promise<{ readonly items: readonly ImportItem[]; readonly refused: number }> {
  const columns: Columns = kind === 'customers' ? CUSTOMER_COLUMNS : TICKET_COLUMNS;
  const tickets = createTicketReader('FR');
  const items: ImportItem[] = [];
  let refused = 0;
  let named: ((cells: readonly string[], line: number) => NamedRow) | undefined;
  let line = 0;
  const rows = createReadStream(path).pipe(parse({ bom: true, relax_column_count: true, skip_empty_lines: true }));
  for await (const cells of rows as AsyncIterable<readonly string[]>) {
    line += 1;
    if (named === undefined) {
      named = reading({ line, cells }, columns);
      continue;
    }
    const row = named(cells, line);
    if (kind === 'tickets') {
      const step = tickets.push(row);
      items.push(...step.items);
      refused += step.problems.length;
      continue;
    }
    const customer = customerFromRow(row, 'FR');
    if (customer.ok) items.push(customer.value);
    else refused += customer.refusal.length;
  }
  const last = tickets.end();
  return { items: [...items, ...last.items], refused: refused + last.problems.length };
}

function reading(
  first: { readonly line: number; readonly cells: readonly string[] },
  columns: Columns,
): (cells: readonly string[], line: number) => NamedRow {
  const header = readHeader(first, columns);
  if (!header.ok) throw new Error(`the header cannot be read: ${JSON.stringify(header.problems)}`);
  return (cells, line) => {
    const row = header.read({ line, cells });
    if (isRowProblem(row)) throw new Error(`line ${line}: ${row.message}`);
    return row;
  };
}

/** Worlds hang on the day on which they end; one in a few shows what a proof is about. */
const SEEDS_TRIED_MAX = 60;

/** The first world from a seed on, ending now, in which the proof has something to prove; prints how to make it again. */
export async function findRetailer(
  { seed, ...size }: Omit<WorldSettings, 'until'>,
  now: number,
  isWorthIt: (retailer: Retailer) => boolean,
): Promise<Retailer> {
  for (let tried = 0; tried < SEEDS_TRIED_MAX; tried += 1) {
    const settings = { seed: seed + tried, ...size, until: now - MINUTE_MS };
    const retailer = await makeRetailer(settings, now);
    if (!isWorthIt(retailer)) continue;
    console.info(`simulated: ${JSON.stringify(settings)}`);
    return retailer;
  }
  throw new Error(`no world from seed ${seed} on has what the proof needs`);
}

/**
 * Sends deliveries, several at once where asked; each is answered 200, or 4xx where the retailer's own call is malformed
 * or names nobody.
 */
export async function deliver(house: Installation, deliveries: readonly Delivery[], atOnce = 1): Promise<void> {
  const waiting = deliveries.values();
  const worker = async (): Promise<void> => {
    for (const { source, path, body } of waiting) {
      const { status, body: answer } = await house.post(source, path, body);
      if (status >= 500 || status === 429) throw new Error(`${source} ${path} ${status} ${JSON.stringify(answer)}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
