import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type Instant, instant } from '@filrouge/domain/base';
import type { ConsentState, Purpose, PurposeId } from '@filrouge/domain/consent';
import type { BrandId, PropertyId, SourceId } from '@filrouge/domain/deployment';
import { BEGINNING, END, NO_THREAD, type PersonNumber, type Thread } from '@filrouge/domain/identity';
import { createClickHouseEventStore, migrate, openClient, startEmbeddedClickHouse } from '@filrouge/engine-clickhouse';
import {
  type ConsentStanding,
  EngineError,
  type EventRow,
  type EventStore,
  type KeyId,
  type RopoQuery,
  type ThreadSpans,
} from '@filrouge/ports';
import { printFigure, quantile } from './shared/print-figure.ts';

/**
 * Reports over generated events in the embedded ClickHouse: `npm run bench -- reports [EVENTS]`, of EVENTS / 10 persons
 * over 90 days, 1,000,000 by default; then over ten times as many, made of copies of the first whose threads are their
 * own, unless `--once` is said. The baseline of a report is one pass over the columns that it reads.
 */
const EVENTS = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 1_000_000);
const COPIES = process.argv.includes('--once') ? 0 : 9;
const PERSONS = Math.ceil(EVENTS / 10);
const BATCH = 10_000;
const RUNS = 5;
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

/** Milliseconds of the first run and the median of the others; not a number where the engine refuses it. */
async function timed(work: () => Promise<unknown>): Promise<{ readonly first: number; readonly median: number }> {
  const times: number[] = [];
  try {
    for (let run = 0; run <= RUNS; run += 1) {
      const begin = performance.now();
      await work();
      times.push(performance.now() - begin);
    }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return { first: Number.NaN, median: Number.NaN };
  }
  const [first = Number.NaN, ...others] = times;
  return { first, median: quantile(others, 0.5) };
}

/** One more copy of everything, by other persons on other terminals: the engine makes it of the first. */
async function copyAll(copy: number): Promise<void> {
  const other = (BigInt(copy) * 0x5851f42d4c957f2dn) & ((1n << 63n) - 1n);
  const positions = Math.ceil(EVENTS / 100);
  const spares = 'SETTINGS min_insert_block_size_rows = 50000, min_insert_block_size_bytes = 0, max_threads = 1';
  const moved = (thread: string): string => `if(${thread} = 0, 0, bitXor(${thread}, ${other}))`;
  const copies: Readonly<Record<string, readonly [replaced: string, ofTheFirst: string]>> = {
    event: [
      `${moved('thread')} AS thread, ${moved('device')} AS device, generateUUIDv4() AS event_id, position + ${copy * positions} AS position`,
      `position <= ${positions}`,
    ],
    thread_person: [
      `bitXor(thread, ${other}) AS thread, arrayMap(person -> bitXor(person, ${other}), persons) AS persons, version + ${copy} AS version`,
      'version = 1',
    ],
    consent_state: [`bitXor(thread, ${other}) AS thread, version + ${copy} AS version`, 'version = 1'],
  };
  for (const [table, [replaced, ofTheFirst]] of Object.entries(copies)) {
    const query = `INSERT INTO ${table} SELECT * REPLACE (${replaced}) FROM (SELECT * FROM ${table} WHERE ${ofTheFirst}) ${spares}`;
    await client.command({ query, clickhouse_settings: { max_execution_time: 300 } });
  }
}

/** The most that the engine's process ever held (resident, the library's own pages included). Unit: MB. */
async function memoryAtTheHighest(): Promise<number> {
  const told = /^VmHWM:\s+(\d+) kB/m.exec(await readFile(`/proc/${engine.pid}/status`, 'utf8'));
  return Number(told?.[1]) / 1_000;
}

const bench = 'reports';
const NOW: Instant = instant(START + SPAN_MS);
const ROPO: RopoQuery = {
  brand: BRAND, from: instant(START), to: NOW, permission: { purpose: PURPOSE, use: 'aggregate', now: NOW },
  direction: 'online-to-store', window: 7, match: 'any', by: 'store',
}; // biome-ignore format: one question
const MILLION = 1_000_000;

/** Goals of what is written in docs/performance.md, for the sizes that they were set for. Unit: ms. */
async function reports(events: number): Promise<void> {
  const goalOf = (atMillion: number, atTenMillion: number): { readonly goal?: number } =>
    events === MILLION ? { goal: atMillion } : events === 10 * MILLION ? { goal: atTenMillion } : {};
  // Reading alone: a hash of what was read would cost ten times as much as the reading.
  const bare = await timed(() =>
    scan('SELECT count() FROM event WHERE NOT ignore(thread, device, t, c, purposes, bot, terminal)'),
  );
  const strict = { match: 'sku', window: 30 } as const;
  const questions: readonly (readonly [string, RopoQuery, { readonly goal?: number }])[] = [
    ['ropo-7-days', ROPO, goalOf(300, 1_500)],
    ['ropo-7-days-by-category', { ...ROPO, by: 'category' }, goalOf(300, 1_500)],
    ['store-to-online-7-days', { ...ROPO, direction: 'store-to-online' }, goalOf(300, 1_500)],
    ['ropo-30-days-same-product-by-store', { ...ROPO, ...strict }, goalOf(300, 4_000)],
    ['ropo-30-days-same-product-by-category', { ...ROPO, ...strict, by: 'category' }, goalOf(300, 4_000)],
  ];
  for (const [name, question, goal] of questions) {
    const { first, median } = await timed(() => store.ropoCells(question));
    const metric = `${name}-over-${events}`;
    printFigure({ bench, metric: `${metric}-first`, value: first, unit: 'ms', baseline: bare.first });
    printFigure({ bench, metric, value: median, unit: 'ms', baseline: bare.median, ...goal, atMost: true });
  }
  const highest = { value: await memoryAtTheHighest(), unit: 'MB', goal: 1_000, atMost: true };
  printFigure({ bench, metric: `memory-of-the-engine-after-${events}`, ...highest });
}

async function onePerson(): Promise<void> {
  const number = Math.floor(random() * PERSONS);
  const threads = [CARD, PHONE, LAPTOP].map((name) => ({ thread: threadOf(number, name), from: BEGINNING, to: END }));
  const permission = { purpose: PURPOSE, use: 'individual', now: NOW } as const;
  const timeline = await timed(() => store.timeline({ brand: BRAND, threads, limit: 50, permission }));
  const nothing = await timed(() => scan('SELECT 1 AS x'));
  const took = { value: timeline.median, unit: 'ms', baseline: nothing.median };
  printFigure({ bench, metric: 'timeline-of-one-person', ...took, goal: 50, atMost: true });
}

async function scan(query: string): Promise<unknown> {
  return (await client.query({ query, format: 'JSONEachRow' })).json();
}

/** The engine, with its memory counted from here on. */
async function openEngine(directory: string) {
  const started = await startEmbeddedClickHouse({ dataDir: directory });
  const { url, username, password } = started;
  const connection = { url, username, password, database: 'filrouge' };
  await migrate(connection);
  return { engine: started, client: openClient(connection), store: createClickHouseEventStore(connection) };
}

async function closeEngine(): Promise<void> {
  await store.close();
  await client.close();
  await engine.stop();
}

const dataDir = await mkdtemp(join(tmpdir(), 'filrouge-bench-reports-'));
let { engine, client, store } = await openEngine(dataDir);
try {
  process.stderr.write(`${EVENTS} events of ${PERSONS} persons\n`);
  printFigure({ bench, metric: 'insert', value: await insertEvents(store), unit: 'rows/s' });
  await insertStates(store);
  // As the projector does when it is at rest after much was projected.
  await store.settle();
  await reports(EVENTS);
  await onePerson();
  printFigure({ bench, metric: 'digest', value: (await timed(() => store.digest())).median, unit: 'ms' });
  for (let copy = 1; copy <= COPIES; copy += 1) {
    process.stderr.write(`copy ${copy} of ${COPIES}\n`);
    await copyAll(copy);
  }
  await store.settle();
  if (COPIES > 0) {
    // Nobody copies a million rows within the engine but this benchmark: reports are asked of one that did not.
    printFigure({
      bench,
      metric: 'memory-of-the-engine-while-it-copied',
      value: await memoryAtTheHighest(),
      unit: 'MB',
    });
    await closeEngine();
    ({ engine, client, store } = await openEngine(dataDir));
    await reports(EVENTS * (1 + COPIES));
  }
} finally {
  await closeEngine();
  await rm(dataDir, { recursive: true, force: true });
}
