import { mkdirSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import { BRANDS, type SourceRole, sourceId } from './brands.ts';
import { CUSTOMER_COLUMNS, fileOf, TICKET_COLUMNS, ticketRows } from './csv.ts';
import {
  AUDIENCE_COLUMNS,
  CAMPAIGN_COLUMNS,
  campaignRows,
  PRODUCT_COLUMNS,
  productRows,
  referenceFile,
  STORE_COLUMNS,
  storeRows,
} from './reference-csv.ts';
import { callsRequest, consentRequest, requestLine } from './request.ts';
import { RetailerFiles } from './retailer-files.ts';
import { RETAILER_PARTS, type RetailerPart } from './retailer-part.ts';
import { Tally } from './tally.ts';
import { tracesByArrival } from './timeline.ts';
import type { Trace } from './trace.ts';
import { type World, type WorldSettings, worldOf } from './world.ts';
import { truthOf, writePersons } from './write-persons.ts';

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
  const parts = new Set(settings.parts ?? RETAILER_PARTS);
  mkdirSync(settings.to, { recursive: true });
  const files = new RetailerFiles(settings.to);
  const tally = new Tally();
  const items = await writeTraces(world, parts, settings, files, tally);
  const truth = await writePersons(world, parts, files);
  for (const { key } of BRANDS) {
    if (parts.has('campaigns'))
      files.of(referenceFile('campaigns', key)).write(campaignRows(world, key, truth.campaigns));
  }
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
  files: RetailerFiles,
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
function openAll(parts: ReadonlySet<RetailerPart>, files: RetailerFiles): void {
  for (const { key } of BRANDS) {
    if (parts.has('calls')) for (const role of CALL_ROLES) files.of(`calls-${sourceId(key, role)}.ndjson`);
    for (const kind of parts.has('tickets') ? (['tickets', 'tickets-resent'] as const) : []) {
      files.of(fileOf(kind, key)).write(`${TICKET_COLUMNS}\n`);
    }
    if (parts.has('customers')) files.of(fileOf('customers', key)).write(`${CUSTOMER_COLUMNS}\n`);
    if (parts.has('products')) {
      files.of(referenceFile('products', key)).write(`${PRODUCT_COLUMNS}\n${productRows(key)}`);
    }
    if (parts.has('stores')) files.of(referenceFile('stores', key)).write(`${STORE_COLUMNS}\n${storeRows(key)}`);
    if (parts.has('campaigns')) {
      files.of(referenceFile('campaigns', key)).write(`${CAMPAIGN_COLUMNS}\n`);
      files.of(referenceFile('campaign-audience', key)).write(`${AUDIENCE_COLUMNS}\n`);
    }
  }
  if (parts.has('consents')) files.of('consents.ndjson');
}

function writeTrace(trace: Trace, parts: ReadonlySet<RetailerPart>, files: RetailerFiles): void {
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

function writeItemTruth(trace: Extract<Trace, { kind: 'calls' }>, files: RetailerFiles): void {
  const file = files.of('truth-items.ndjson');
  for (const item of trace.items) {
    const { source, copy = null, mess } = trace;
    file.write(`${JSON.stringify({ ...item, source, arrivedAt: trace.at, copy, mess })}\n`);
  }
}
