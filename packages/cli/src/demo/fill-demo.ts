import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BRANDS, type Brand, playHistory, sourceId, writeRetailer } from '@filrouge/simulator';
import { COLLECT_LIMITS } from '@filrouge/wire';
import type { ImportKind } from '@filrouge/wire/import';
import { importNameOf } from '../import/errors-path.ts';
import { type ImportSummary, importFile } from '../import/import-file.ts';
import { openOwnFile } from '../import/own-file.ts';
import { createBatchSender, IMPORT_PATH } from '../import/send-batch.ts';
import type { Language } from '../words/figures.ts';
import type { DemoDirectory, DemoWorld } from './demo-directory.ts';
import type { DemoWords } from './demo-words.ts';
import { createDoorSender, type Sent } from './door-sender.ts';
import { customersIn } from './person-to-try.ts';
import { SendingWindow } from './sending-window.ts';
import type { StandTeller } from './stand-teller.ts';

/**
 * How the history travels: each decision is a request of its own, calls are handed over in batches of a source. Under
 * way at a time are enough for the door to commit many together, few enough to stop soon.
 */
const HANDED_OVER = { consents: { requestsMax: 512 }, calls: { requestsMax: 16, batch: 100 } } as const;
const IMPORT_REQUESTS_MAX = 4;
const [FIRST_BRAND] = BRANDS as readonly [Brand, ...Brand[]];
const TOLD_EVERY_MS = 5_000;

export type FillDeps = {
  readonly url: string;
  readonly keys: ReadonlyMap<string, string>;
  readonly words: DemoWords;
  readonly language: Language;
  readonly say: (line: string) => void;
  readonly stand: StandTeller;
  /** Waits until what was accepted is in the projections: who is who decides what later phases may keep. */
  readonly drain: () => Promise<void>;
  readonly signal: AbortSignal;
};

/**
 * The history of a retailer through the public door, in the order in which a retailer moves house: the consents of the
 * former register, the customer file, the calls, the receipts of the tills. Answers customers of the first brand that it
 * sent.
 */
export async function fillDemo(
  world: DemoWorld,
  directory: DemoDirectory,
  deps: FillDeps,
): Promise<{ readonly customers: readonly string[] }> {
  const files = join(directory.path, 'files');
  await playConsents(world, deps);
  await writeRetailer({ ...world, to: files, parts: ['customers', 'tickets'] });
  deps.signal.throwIfAborted();
  await importAll('customers', files, deps);
  const customers = await customersIn(join(files, `customers-${FIRST_BRAND.id}.csv`), deps.signal);
  await playCalls(world, deps);
  await importAll('tickets', files, deps);
  await rm(files, { recursive: true });
  return { customers };
}

/** Decisions are no items (S2): the books of the flow do not count them, so what was sent is told. */
async function playConsents(world: DemoWorld, deps: FillDeps): Promise<void> {
  const begun = performance.now();
  let told = (): void => undefined;
  const timer = setInterval(() => told(), TOLD_EVERY_MS);
  try {
    await play(world, 'consents', deps, (sent) => {
      told = () => deps.say(deps.words.recorded(sent.requests, (sent.requests / (performance.now() - begun)) * 1_000));
    });
  } finally {
    clearInterval(timer);
  }
  told();
}

async function playCalls(world: DemoWorld, deps: FillDeps): Promise<void> {
  const endTelling = deps.stand.tellEvery(TOLD_EVERY_MS);
  try {
    await play(world, 'calls', deps);
  } finally {
    endTelling();
  }
  await deps.stand.tell();
}

async function play(
  world: DemoWorld,
  only: 'consents' | 'calls',
  { url, keys, words, say, drain, signal }: FillDeps,
  onBegun?: (sent: Readonly<Sent>) => void,
): Promise<void> {
  say(words[only]);
  const { requestsMax, ...backfill } = HANDED_OVER[only];
  const sender = createDoorSender(url, keys, requestsMax, signal);
  onBegun?.(sender.sent);
  const window = new SendingWindow(requestsMax);
  try {
    await playHistory({ ...world, only, backfill: { ...backfill, now: Date.now }, signal }, (request) =>
      window.enter(() => sender.send(request)),
    );
    signal.throwIfAborted();
    await window.settle();
  } finally {
    sender.close();
  }
  await drain();
}

async function importAll(
  kind: Extract<ImportKind, 'customers' | 'tickets'>,
  files: string,
  deps: FillDeps,
): Promise<void> {
  const begun = performance.now();
  const summaries: ImportSummary[] = [];
  const names = kind === 'tickets' ? ['tickets', 'tickets-resent'] : ['customers'];
  for (const { key, id } of BRANDS) {
    for (const name of names)
      summaries.push(
        await importOne(
          kind,
          join(files, `${name}-${id}.csv`),
          sourceId(key, kind === 'tickets' ? 'till' : 'server'),
          deps,
        ),
      );
  }
  const sum = (figure: (summary: ImportSummary) => number): number =>
    summaries.reduce((total, summary) => total + figure(summary), 0);
  const [rows, refused] = [sum((each) => each.rows), sum((each) => each.refused + each.rejected)];
  const ms = performance.now() - begun;
  deps.say(kind === 'tickets' ? deps.words.tickets(rows, refused, ms) : deps.words.customers(rows, ms));
  await deps.drain();
  await deps.stand.tell();
}

async function importOne(
  kind: ImportKind,
  file: string,
  source: string,
  { url, keys, signal, language }: FillDeps,
): Promise<ImportSummary> {
  const sender = createBatchSender(
    {
      url,
      path: IMPORT_PATH,
      writeKey: keys.get(source) ?? '',
      source,
      label: { import: `demo-${kind}-${source}`, kind, file: basename(file), content: '' },
    },
    IMPORT_REQUESTS_MAX,
    signal,
  );
  try {
    return await importFile({
      ...(await openOwnFile(file, { kind, country: 'FR', signal })),
      importId: 'demo',
      nameOf: (column) => column,
      errorsFile: `${file}.errors.csv`,
      importName: importNameOf(file, kind),
      language,
      send: sender.send,
      itemsMax: COLLECT_LIMITS.itemsMax,
      requestsMax: IMPORT_REQUESTS_MAX,
      signal,
    });
  } finally {
    sender.close();
  }
}
