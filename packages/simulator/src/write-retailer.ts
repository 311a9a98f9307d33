import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { BRANDS, brandOf, type SourceRole, sourceId } from './brands.ts';
import { iso } from './calls.ts';
import { CUSTOMER_COLUMNS, customerRows, fileOf, TICKET_COLUMNS, ticketRows } from './csv.ts';
import { OutputFile } from './output-file.ts';
import { groupsOf, lagsOf, livesOf, type PersonLife, personLine, storeLag } from './person-truth.ts';
import { planOf } from './plan.ts';
import { callsRequest, consentRequest, requestLine } from './request.ts';
import { RopoTruth } from './ropo-truth.ts';
import { Tally } from './tally.ts';
import { tracesByArrival } from './timeline.ts';
import type { Trace } from './trace.ts';
import { type World, type WorldSettings, worldOf } from './world.ts';

/** What can be written; `truth` needs all of it to be made and is therefore as slow as everything. */
export type RetailerPart = 'calls' | 'consents' | 'tickets' | 'customers' | 'truth';
const ALL_PARTS: readonly RetailerPart[] = ['calls', 'consents', 'tickets', 'customers', 'truth'];

export type WriteSettings = WorldSettings & {
  /** Directory, made if absent; files of the same names are overwritten. */
  readonly to: string;
  readonly parts?: readonly RetailerPart[];
  /** Also `truth-items.ndjson`, one line per call sent: what it is, whose, and the verdict expected of the door. */
  readonly itemTruth?: boolean;
  readonly onProgress?: (done: { readonly items: number; readonly at: number }) => void;
};

export type WrittenRetailer = {
  readonly directory: string;
  readonly files: readonly string[];
  readonly items: number;
  readonly world: World;
};

/** Traces between two breaths, so that a process that does other things too stays alive. */
const TRACES_PER_BREATH = 2_000;

/**
 * Writes what the retailer has (requests by source in order of arrival, receipts and customers by brand) and the truth
 * beside it. One pass over time for the first, one over persons for the second; memory does not grow with the shoppers.
 * Errors: RangeError on settings; those of the file system.
 */
export async function writeRetailer(settings: WriteSettings): Promise<WrittenRetailer> {
  const world = worldOf(settings);
  const parts = new Set(settings.parts ?? ALL_PARTS);
  mkdirSync(settings.to, { recursive: true });
  const files = new Files(settings.to);
  const tally = new Tally();
  const items = await writeTraces(world, parts, settings, files, tally);
  const truth = await writePersons(world, parts, files);
  if (parts.has('truth')) {
    files.of('truth.json').write(`${JSON.stringify(truthOf(world, tally, truth), undefined, 2)}\n`);
  }
  files.close();
  return { directory: settings.to, files: files.names, items, world };
}

async function writeTraces(
  world: World,
  parts: ReadonlySet<RetailerPart>,
  settings: WriteSettings,
  files: Files,
  tally: Tally,
): Promise<number> {
  const truth = parts.has('truth');
  const wanted = {
    requests: truth || parts.has('calls') || parts.has('consents'),
    tickets: truth || parts.has('tickets'),
  };
  openAll(parts, files);
  let items = 0;
  let traces = 0;
  for (const trace of tracesByArrival(world, wanted)) {
    if (truth) tally.add(trace);
    items += trace.kind === 'calls' ? trace.items.length : 1;
    writeTrace(trace, parts, files);
    if (settings.itemTruth === true && trace.kind === 'calls') writeItemTruth(trace, files);
    if (++traces % TRACES_PER_BREATH === 0) {
      settings.onProgress?.({ items, at: trace.at });
      await breathe();
    }
  }
  return items;
}

const CALL_ROLES: readonly SourceRole[] = ['web', 'app', 'server', 'kiosk', 'mail', 'care'];

/** Every file exists even when nothing falls into it. */
function openAll(parts: ReadonlySet<RetailerPart>, files: Files): void {
  for (const { key } of BRANDS) {
    if (parts.has('calls')) for (const role of CALL_ROLES) files.of(`calls-${sourceId(key, role)}.ndjson`);
    for (const kind of parts.has('tickets') ? (['tickets', 'tickets-resent'] as const) : []) {
      files.of(fileOf(kind, key)).write(`${TICKET_COLUMNS}\n`);
    }
    if (parts.has('customers')) files.of(fileOf('customers', key)).write(`${CUSTOMER_COLUMNS}\n`);
  }
  if (parts.has('consents')) files.of('consents.ndjson');
}

function writeTrace(trace: Trace, parts: ReadonlySet<RetailerPart>, files: Files): void {
  switch (trace.kind) {
    case 'calls':
      if (parts.has('calls')) files.of(`calls-${trace.source}.ndjson`).write(requestLine(callsRequest(trace)));
      break;
    case 'consents':
      if (parts.has('consents')) files.of('consents.ndjson').write(requestLine(consentRequest(trace)));
      break;
    case 'ticket':
      if (parts.has('tickets')) files.of(fileOf(ticketFile(trace), trace.relation.brand)).write(ticketRows(trace));
      break;
  }
}

/** What a till sends again stands in a second export: within one file, the rows of a ticket stand together. */
function ticketFile(trace: Extract<Trace, { kind: 'ticket' }>): 'tickets' | 'tickets-resent' {
  return trace.copy === true ? 'tickets-resent' : 'tickets';
}

function writeItemTruth(trace: Extract<Trace, { kind: 'calls' }>, files: Files): void {
  const file = files.of('truth-items.ndjson');
  for (const item of trace.items) {
    const { source, copy = null, mess } = trace;
    file.write(`${JSON.stringify({ ...item, source, arrivedAt: trace.at, copy, mess })}\n`);
  }
}

type PersonTruth = {
  readonly onlineToStore: RopoTruth;
  readonly storeToOnline: RopoTruth;
  hits: number;
  orders: number;
};

async function writePersons(world: World, parts: ReadonlySet<RetailerPart>, files: Files): Promise<PersonTruth> {
  const sums = { onlineToStore: new RopoTruth(), storeToOnline: new RopoTruth(), hits: 0, orders: 0 };
  if (!parts.has('customers') && !parts.has('truth')) return sums;
  for (let index = 0; index < world.shoppers; index += 2) {
    const plans = [planOf(world, index), planOf(world, index + 1)] as const;
    if (parts.has('customers')) {
      for (const { shopper } of plans) {
        for (const relation of shopper.relations) {
          files.of(fileOf('customers', relation.brand)).write(customerRows(world, shopper, relation));
        }
      }
    }
    if (parts.has('truth')) {
      for (const life of livesOf(world, plans)) {
        files.of('truth.ndjson').write(personLine(life));
        addLife(sums, life);
      }
    }
    if (index % 1000 === 0) await breathe();
  }
  return sums;
}

function addLife(sums: PersonTruth, { shopper, lives }: PersonLife): void {
  for (const life of lives) {
    const brand = `brand:${brandOf(life.brand).id}`;
    sums.hits += life.visits.length;
    sums.orders += life.orders.length;
    for (const receipt of life.receipts) {
      if (receipt.kind !== 'purchase') continue;
      sums.onlineToStore.add(groupsOf(shopper, receipt), receipt.basket.totalMinor, lagsOf(life, receipt));
    }
    for (const { at, visit } of life.orders) {
      sums.storeToOnline.add(['all', brand], visit.order?.basket.totalMinor ?? 0, { visit: storeLag(life, at) });
    }
  }
}

function truthOf(world: World, tally: Tally, sums: PersonTruth) {
  return {
    seed: world.seed,
    shoppers: world.shoppers,
    from: iso(world.start),
    until: iso(world.until),
    definition: {
      onlineToStore:
        'share of store sales (refunds apart) with a hit of the same true person on the brand’s site or app at most W days before, strictly before the till time, consented or not; visit: any hit; product: Product Viewed of a SKU on the receipt (strict); category: of a category on it',
      storeToOnline: 'share of online orders with a store sale of the same true person and brand at most W days before',
      verdicts:
        'lived: everything reaches the door when it reached the retailer; backfill: all at `until`, consents first by trusted keys; depends: see docs/simulator.md',
    },
    totals: { onlineHits: sums.hits, orders: sums.orders, ...tally.close() },
    ropo: {
      onlineToStore: sums.onlineToStore.close(['visit', 'product', 'category']),
      storeToOnline: sums.storeToOnline.close(['visit']),
    },
  };
}

/** The files of one directory, opened when first needed. */
class Files {
  readonly #directory: string;
  readonly #open = new Map<string, OutputFile>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  get names(): readonly string[] {
    return [...this.#open.keys()].sort();
  }

  of(name: string): OutputFile {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const file = new OutputFile(join(this.#directory, name));
    this.#open.set(name, file);
    return file;
  }

  close(): void {
    for (const file of this.#open.values()) file.close();
  }
}
