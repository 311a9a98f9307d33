import { mkdirSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import { BRANDS, type SourceRole, sourceId } from './brands.ts';
import { CleanForm } from './clean-form.ts';
import { callsRequest, consentRequest, requestLine } from './request.ts';
import { RetailerFiles } from './retailer-files.ts';
import type { FileForm, RetailerForm } from './retailer-form.ts';
import { RETAILER_PARTS, type RetailerPart, TABLE_PARTS } from './retailer-part.ts';
import { Tally } from './tally.ts';
import { tracesByArrival } from './timeline.ts';
import type { Trace } from './trace.ts';
import { UglyForm } from './ugly/ugly-form.ts';
import { type World, type WorldSettings, worldOf } from './world.ts';
import { truthOf, writePersons } from './write-persons.ts';

export type WriteSettings = WorldSettings & {
  /** Directory, made if absent; files of the same names are overwritten. */
  readonly to: string;
  /** All of the form: of the clean one everything, of the ugly one its tables. */
  readonly parts?: readonly RetailerPart[];
  /** How tables are written, `clean` by default. */
  readonly files?: FileForm;
  /** Also `truth-items.ndjson`, one line per call sent: what it is, whose, and the verdict expected of the door. */
  readonly itemTruth?: boolean;
  readonly onProgress?: (done: { readonly items: number; readonly at: number }) => void;
};

export type WrittenRetailer = {
  readonly directory: string;
  readonly files: readonly string[];
  readonly items: number;
  /** Of all files, first lines of tables included. */
  readonly lines: number;
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
  const ugly = settings.files === 'ugly';
  const parts = new Set<RetailerPart>(settings.parts ?? (ugly ? TABLE_PARTS : RETAILER_PARTS));
  mkdirSync(settings.to, { recursive: true });
  const files = new RetailerFiles(settings.to);
  const form = ugly ? new UglyForm(world, files, parts) : new CleanForm(world, files, parts);
  const tally = new Tally();
  // The ugly form has its consents in a table; as requests they would have to be made with all the calls.
  const asRequests = new Set(parts);
  if (ugly) asRequests.delete('consents');
  const items = await writeTraces(world, asRequests, settings, { files, form }, tally);
  const truth = await writePersons(world, parts, files, form);
  form.campaigns(truth.campaigns);
  form.close();
  if (parts.has('truth')) {
    files.of('truth.json').write(`${JSON.stringify(truthOf(world, tally, truth), undefined, 2)}\n`);
  }
  files.close();
  return { directory: settings.to, files: files.names, items, lines: files.lines, world };
}

type Sinks = { readonly files: RetailerFiles; readonly form: RetailerForm };

async function writeTraces(
  world: World,
  parts: ReadonlySet<RetailerPart>,
  settings: WriteSettings,
  sinks: Sinks,
  tally: Tally,
): Promise<number> {
  const truth = parts.has('truth');
  const wanted = {
    requests: truth || parts.has('calls') || parts.has('consents'),
    tickets: truth || parts.has('tickets'),
  };
  openRequests(parts, sinks.files);
  let items = 0;
  let traces = 0;
  for (const trace of tracesByArrival(world, wanted)) {
    if (truth) tally.add(trace);
    items += trace.kind === 'calls' ? trace.items.length : 1;
    writeTrace(trace, parts, sinks);
    if (settings.itemTruth === true && trace.kind === 'calls') writeItemTruth(trace, sinks.files);
    if (++traces % TRACES_PER_BREATH === 0) {
      settings.onProgress?.({ items, at: trace.at });
      await breathe();
    }
  }
  return items;
}

const CALL_ROLES: readonly SourceRole[] = ['web', 'app', 'server', 'kiosk', 'mail', 'care'];

/** Every file of requests exists even when nothing falls into it. */
function openRequests(parts: ReadonlySet<RetailerPart>, files: RetailerFiles): void {
  for (const { key } of BRANDS) {
    if (parts.has('calls')) for (const role of CALL_ROLES) files.of(`calls-${sourceId(key, role)}.ndjson`);
  }
  if (parts.has('consents')) files.of('consents.ndjson');
}

function writeTrace(trace: Trace, parts: ReadonlySet<RetailerPart>, { files, form }: Sinks): void {
  switch (trace.kind) {
    case 'calls':
      if (parts.has('calls')) files.of(`calls-${trace.source}.ndjson`).write(requestLine(callsRequest(trace)));
      break;
    case 'consents':
      if (parts.has('consents')) files.of('consents.ndjson').write(requestLine(consentRequest(trace)));
      break;
    case 'ticket':
      form.ticket(trace);
      break;
  }
}

function writeItemTruth(trace: Extract<Trace, { kind: 'calls' }>, files: RetailerFiles): void {
  const file = files.of('truth-items.ndjson');
  for (const item of trace.items) {
    const { source, copy = null, mess } = trace;
    file.write(`${JSON.stringify({ ...item, source, arrivedAt: trace.at, copy, mess })}\n`);
  }
}
