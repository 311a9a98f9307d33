import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type Instant, instant } from '@filrouge/domain/base';
import type { ConsentState, Purpose, PurposeId } from '@filrouge/domain/consent';
import type { BrandId, PropertyId, SourceId } from '@filrouge/domain/deployment';
import { BEGINNING, END, NO_THREAD, type PersonNumber, type Thread } from '@filrouge/domain/identity';
import { createClickHouseEventStore, migrate, openClient, startEmbeddedClickHouse } from '@filrouge/engine-clickhouse';
import type { ConsentStanding, EventRow, EventStore, KeyId, RopoQuery, ThreadSpans } from '@filrouge/ports';

/**
 * Reports over generated events in the embedded ClickHouse: `npm run bench -- reports [EVENTS]`, 1,000,000 by default,
 * of EVENTS / 10 persons over 90 days. The baseline of a report is one pass over the columns that it reads.
 */
const EVENTS = Number(process.argv[2] ?? 1_000_000);
const PERSONS = Math.ceil(EVENTS / 10);
const BATCH = 10_000;
const RUNS = 15;
const START = Date.UTC(2026, 7, 1);
const SPAN_MS = 90 * 86_400_000;
const BRAND = 'bench' as BrandId;
const PURPOSE: Purpose = {
  id: 'store_measurement' as PurposeId,
  bit: 12,
  basis: 'consent',
  scope: { device: true, person: true },
};

let state = 20_261_121;
function random(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
}

/** Threads are spread over all numbers, as keyed hashes are. */
function threadOf(person: number, name: number): Thread {
  return ((BigInt(person * 4 + name + 1) * 0x9e3779b97f4a7c15n) & ((1n << 63n) - 1n)).toString() as Thread;
}
const CARD = 0;
const PHONE = 1;
const LAPTOP = 2;

function eventId(n: number): string {
  const digits = ((BigInt(n + 1) * 0x9e3779b97f4a7c15f39cc0605cedc835n) & ((1n << 128n) - 1n))
    .toString(16)
    .padStart(32, '0');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Ten per cent are tickets (four in ten without a card, one in twenty a refund), two per cent orders, the rest visits. */
function eventAt(n: number): EventRow {
  const person = Math.floor(random() * PERSONS);
  const share = random();
  const t = instant(START + Math.floor(random() * SPAN_MS));
  const device = threadOf(person, random() < 0.7 ? PHONE : LAPTOP);
  const common = {
    eventId: eventId(n), brand: BRAND, t, r: t, c: t, property: 'shop' as PropertyId, purposes: random() < 0.8 ? 0x1fffn : 0x0fffn,
    bot: random() < 0.02, imported: false, clear: { path: `/p/${Math.floor(random() * 2_000)}` }, sealed: SEALED, key: (1 + person) as KeyId,
    position: 1 + Math.floor(n / 100), item: n % 100,
  }; // biome-ignore format: one row
  const lines = Array.from({ length: share < 0.12 ? 3 : 1 }, () => {
    const sku = Math.floor(random() * 2_000);
    return { sku: `SKU-${sku}`, category: `c${sku % 30}`, amountMinor: share < 0.12 ? 1_000 + sku : 0 };
  });
  if (share >= 0.12) {
    const thread = random() < 0.3 ? threadOf(person, CARD) : device;
    return { ...common, lines, thread, device, kind: share < 0.5 ? 'track' : 'page', name: 'Product Viewed', channel: 'web', source: 'site' as SourceId, store: '', terminal: true }; // biome-ignore format: one row
  }
  const amountMinor = lines.reduce((sum, line) => sum + line.amountMinor, 0);
  const type = random() < 0.05 ? 'refund' : 'sale';
  const receipt = {
    type,
    number: `R${n}`,
    currency: 'EUR',
    amountMinor,
    vatMinor: Math.round(amountMinor / 6),
  } as const;
  if (share < 0.02) return { ...common, lines, receipt, thread: threadOf(person, CARD), device: NO_THREAD, kind: 'order', name: 'Order', channel: 'server', source: 'shop' as SourceId, store: '', terminal: false }; // biome-ignore format: one row
  const thread = random() < 0.4 ? NO_THREAD : threadOf(person, CARD);
  return { ...common, lines, receipt, thread, device: NO_THREAD, kind: 'ticket', name: 'Ticket', channel: 'store', source: 'till' as SourceId, store: `s${Math.floor(random() * 40)}`, terminal: false }; // biome-ignore format: one row
}
const SEALED = Buffer.alloc(240, 'sealed properties').toString('base64');

async function insertEvents(store: EventStore): Promise<number> {
  let milliseconds = 0;
  for (let from = 0; from < EVENTS; from += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, EVENTS - from) }, (_, n) => eventAt(from + n));
    const begin = performance.now();
    await store.insertRange({ generation: 'bench', from: from / 100 + 1, to: (from + rows.length) / 100 }, rows);
    milliseconds += performance.now() - begin;
  }
  return EVENTS / (milliseconds / 1_000);
}

/** Six in ten phones belong to the card's holder, one in ten of them only since the middle of the time. */
function spansOf(person: number): readonly ThreadSpans[] {
  if (random() > 0.6) return [];
  const owner = threadOf(person, CARD) as string as PersonNumber;
  const middle = instant(START + SPAN_MS / 2);
  const from = random() < 0.1 ? middle : BEGINNING;
  return [{ brand: BRAND, thread: threadOf(person, PHONE), spans: [{ from, to: END, person: owner }] }];
}

function said(follows: boolean): ConsentState {
  if (random() < 0.3) return { kind: 'refused', since: instant(START), position: 1 };
  const runSince = follows && random() < 0.1 ? instant(START + SPAN_MS / 3) : instant(START);
  return { kind: 'given', since: runSince, runSince, followsNegative: runSince > START, position: 1, recordId: 'r' };
}

/** Three purposes, so that a report reads a part of the states and not all of them. */
function standingsOf(person: number): readonly ConsentStanding[] {
  return [2, 5, PURPOSE.bit].flatMap((bit) => [
    { brand: BRAND, bit, thread: threadOf(person, CARD), person: said(true) },
    { brand: BRAND, bit, thread: threadOf(person, PHONE), device: said(true), person: said(false) },
    { brand: BRAND, bit, thread: threadOf(person, LAPTOP), device: said(true), person: said(false) },
  ]);
}

async function insertStates(store: EventStore): Promise<void> {
  for (let from = 0; from < PERSONS; from += BATCH) {
    const persons = Array.from({ length: Math.min(BATCH, PERSONS - from) }, (_, n) => from + n);
    await store.putThreadSpans(persons.flatMap(spansOf), 1);
    await store.putConsentStates(persons.flatMap(standingsOf), 1);
  }
}

/** Milliseconds of the first run and the median of the others. */
async function timed(work: () => Promise<unknown>): Promise<{ readonly first: number; readonly median: number }> {
  const times: number[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const begin = performance.now();
    await work();
    times.push(performance.now() - begin);
  }
  const [first = 0, ...others] = times;
  return { first, median: others.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0 };
}

type Figure = {
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: number;
  readonly goal?: number;
};

function print({ metric, value, unit, baseline, goal }: Figure): void {
  const rounded = (x: number): number => Number(x.toPrecision(4));
  const met = goal === undefined ? null : unit === 'ms' ? value <= goal : value >= goal;
  const line = { bench: 'reports', metric, value: rounded(value), unit, baseline: rounded(baseline), ratio: rounded(value / baseline), goal: goal ?? null, met }; // biome-ignore format: one line of output
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const dataDir = await mkdtemp(join(tmpdir(), 'filrouge-bench-reports-'));
const engine = await startEmbeddedClickHouse({ dataDir });
const connection = { url: engine.url, username: engine.username, password: engine.password, database: 'filrouge' };
const client = openClient(connection);
await migrate(connection);
const store = createClickHouseEventStore(connection);
try {
  process.stderr.write(`${EVENTS} events of ${PERSONS} persons\n`);
  const inserted = await insertEvents(store);
  await insertStates(store);
  const scan = async (query: string) => (await client.query({ query, format: 'JSONEachRow' })).json();
  const bare = await timed(() =>
    scan('SELECT sum(sipHash64(thread, device, t, c, purposes, bot, terminal)) FROM event'),
  );
  const now: Instant = instant(START + SPAN_MS);
  const ropo: RopoQuery = {
    brand: BRAND, from: instant(START), to: now, permission: { purpose: PURPOSE, use: 'aggregate', now },
    direction: 'online-to-store', window: 7, match: 'any', by: 'store',
  }; // biome-ignore format: one question
  print({ metric: 'insert', value: inserted, unit: 'rows/s', baseline: EVENTS / (bare.median / 1_000) });
  const goal = (300 * EVENTS) / 1_000_000;
  const questions: readonly (readonly [string, RopoQuery])[] = [
    ['ropo-7-days', ropo],
    ['ropo-30-days-same-product', { ...ropo, window: 30, match: 'sku' }],
    ['ropo-7-days-by-category', { ...ropo, by: 'category' }],
    ['store-to-online-7-days', { ...ropo, direction: 'store-to-online' }],
  ];
  for (const [metric, question] of questions) {
    const { first, median } = await timed(() => store.ropoCells(question));
    print({ metric: `${metric}-first`, value: first, unit: 'ms', baseline: bare.first });
    print({ metric, value: median, unit: 'ms', baseline: bare.median, goal });
  }
  const person = (): Thread[] => {
    const number = Math.floor(random() * PERSONS);
    return [CARD, PHONE, LAPTOP].map((name) => threadOf(number, name));
  };
  const timeline = await timed(() =>
    store.timeline({
      brand: BRAND, threads: person().map((thread) => ({ thread, from: BEGINNING, to: END })), limit: 50,
      permission: { purpose: PURPOSE, use: 'individual', now },
    }),
  ); // biome-ignore format: one question
  const nothing = await timed(() => scan('SELECT 1 AS x'));
  print({ metric: 'timeline-of-one-person', value: timeline.median, unit: 'ms', baseline: nothing.median, goal: 50 });
  const digest = await timed(() => store.digest());
  print({ metric: 'digest', value: digest.median, unit: 'ms', baseline: bare.median });
} finally {
  await store.close();
  await client.close();
  await engine.stop();
  await rm(dataDir, { recursive: true, force: true });
}
