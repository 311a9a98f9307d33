import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { invariant } from '@filrouge/domain/base';
import type { RopoCell } from '@filrouge/domain/measurement';
import {
  type ConsentStanding,
  EngineError,
  type EventRange,
  type EventRow,
  type EventStore,
  SCAN_ROWS_MAX,
  type ScanCursor,
  type ScanPage,
  type ScanQuery,
  StaleGeneration,
  type ThreadSpans,
  TIMELINE_ROWS_MAX,
  TIMELINE_THREADS_MAX,
  type TimelinePage,
  type TimelineQuery,
  type Total,
  type TotalsQuery,
} from '@filrouge/ports';
import { type ClickHouseConnection, openClient } from './clickhouse-connection.ts';
import { CONSENT_COLUMNS, consentRow } from './consent-row.ts';
import { DIGESTS, EVENTS_UP_TO, type StoredDigest } from './digest-query.ts';
import { EVENT_COLUMNS, eventLine, readEvent } from './event-columns.ts';
import {
  type Receipts,
  readRopoCell,
  ropoStatement,
  type Statement,
  seconds,
  severalReceiptsStatement,
} from './ropo-query.ts';
import { askInSlices } from './ropo-slices.ts';
import { type StoredScanEnd, scanEndStatement, scanStatement } from './scan-query.ts';
import { timelineStatement } from './timeline-query.ts';
import { toEngineError } from './to-engine-error.ts';

/** Rows of one insert: a part is written whole, so the same range must always be cut at the same rows. */
const INSERT_ROWS_MAX = 50_000;
const MAPS = ['thread_person', 'consent_state'] as const;

/** The event store on a migrated database. Every failure is an `EngineError`, but `StaleGeneration`. */
export function createClickHouseEventStore(connection: ClickHouseConnection): EventStore {
  const client = openClient(connection);
  let known: string | undefined;

  async function generation(): Promise<string> {
    known ??= await readGeneration(client);
    return known;
  }

  return {
    async insertRange(range, rows) {
      let current = await generation();
      // Another process may have begun the life that this range belongs to.
      if (current !== '' && current !== range.generation) current = known = await readGeneration(client);
      if (current !== '' && current !== range.generation) throw new StaleGeneration(`this is generation ${current}`);
      if (current === '') known = await beginGeneration(client, range.generation);
      await insertEvents(client, range, rows);
    },
    forgetRun: (run) => forgetEvents(client, `run = ${Math.trunc(run)}`),
    async putAgain(rows) {
      await insertLines(client, 'event', EVENT_COLUMNS, rows.map(eventLine), { insert_deduplicate: '0' });
    },
    async putThreadSpans(entries, version) {
      const lines = entries.map((entry) => JSON.stringify([...spanRow(entry), version]));
      await insertLines(client, 'thread_person', [...SPAN_COLUMNS, 'version'], lines);
    },
    async putConsentStates(entries, version) {
      const lines = entries.map((entry: ConsentStanding) => JSON.stringify([...consentRow(entry), version]));
      await insertLines(client, 'consent_state', [...CONSENT_COLUMNS, 'version'], lines);
    },
    settle: () => mergeMaps(client),
    timeline: (query) => readTimeline(client, query),
    scan: (query) => scan(client, query),
    ropoCells: askRopo(client),
    totals: (query) => readTotals(client, query),
    async digest() {
      const [events, threads, consents] = await Promise.all(
        DIGESTS.map(async (query) => {
          const [row] = await select<StoredDigest>(client, { query, parameters: {} });
          return digestText(row);
        }),
      );
      return { events: events ?? '', threads: threads ?? '', consents: consents ?? '' };
    },
    async digestUpTo(position) {
      const [row] = await select<StoredDigest>(client, { query: EVENTS_UP_TO, parameters: { position } });
      return digestText(row);
    },
    async reset(next, upTo = 0) {
      known = undefined;
      for (const table of MAPS) await command(client, `TRUNCATE TABLE ${table}`);
      await forgetEventsAfter(client, upTo);
      known = await beginGeneration(client, next);
    },
    close: () => client.close(),
  };
}

function askRopo(client: ClickHouseClient): EventStore['ropoCells'] {
  /** Brand and direction of questions that met an event with several receipts: the next is asked with care at once. */
  const withSeveralReceipts = new Set<string>();
  return async (query) => {
    const ask = (receipts: Receipts): Promise<readonly RopoCell[]> =>
      askInSlices(async (slice) => (await select(client, ropoStatement(query, slice, receipts))).map(readRopoCell));
    const which = JSON.stringify([query.brand, query.direction]);
    if (!withSeveralReceipts.has(which)) {
      const [several, cells] = await Promise.all([select(client, severalReceiptsStatement(query)), ask('one')]);
      if (several.length === 0) return cells;
      withSeveralReceipts.add(which);
    }
    return ask('perhaps-several');
  };
}

function digestText(row: StoredDigest | undefined): string {
  return `${row?.rows}-${row?.sum}-${row?.mix}`;
}

/** Reports read the maps with FINAL, which costs ten times as much over two parts as over one. */
async function mergeMaps(client: ClickHouseClient): Promise<void> {
  for (const table of MAPS) {
    await command(client, `OPTIMIZE TABLE ${table} FINAL SETTINGS optimize_skip_merged_partitions = 1`);
  }
}

/** How often it is asked whether rows are gone: no statement may wait for long, and rewriting parts may take long. */
const FORGET_LOOK_MS = 100;

/** Parts that hold later rows are written anew without them: a mutation, which other statements do not see half done. */
async function forgetEventsAfter(client: ClickHouseClient, position: number): Promise<void> {
  if (position === 0) {
    await command(client, 'TRUNCATE TABLE event');
    return;
  }
  await forgetEvents(client, `position > ${Math.trunc(position)}`);
}

async function forgetEvents(client: ClickHouseClient, which: string): Promise<void> {
  await command(client, `ALTER TABLE event DELETE WHERE ${which}`);
  type Mutation = { readonly latest_fail_reason: string };
  const query = `SELECT latest_fail_reason FROM system.mutations
    WHERE database = currentDatabase() AND table = 'event' AND NOT is_done`;
  for (;;) {
    const under = await select<Mutation>(client, { query, parameters: {} });
    const failed = under.find(({ latest_fail_reason }) => latest_fail_reason !== '');
    if (failed !== undefined) throw new EngineError('other', failed.latest_fail_reason);
    if (under.length === 0) return;
    await pause(FORGET_LOOK_MS);
  }
}

async function readGeneration(client: ClickHouseClient): Promise<string> {
  const query = 'SELECT generation FROM generation FINAL WHERE id = 1';
  const [row] = await select<{ generation: string }>(client, { query, parameters: {} });
  return row?.generation ?? '';
}

async function beginGeneration(client: ClickHouseClient, generation: string): Promise<string> {
  await insertLines(client, 'generation', ['id', 'generation'], [JSON.stringify([1, generation])]);
  return generation;
}

/**
 * The token is the range itself: an attempt that reached the engine and was not acknowledged is recognised, part by
 * part. It names the generation too, for positions begin anew with it and other rows under an old token would vanish.
 */
async function insertEvents(client: ClickHouseClient, range: EventRange, rows: readonly EventRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += INSERT_ROWS_MAX) {
    const lines = rows.slice(from, from + INSERT_ROWS_MAX).map(eventLine);
    const token = `${range.generation}:${range.from}-${range.to}:${from}`;
    await insertLines(client, 'event', EVENT_COLUMNS, lines, { insert_deduplication_token: token });
  }
}

const SPAN_COLUMNS = ['brand', 'thread', 'froms', 'tos', 'persons'] as const;

function spanRow({ brand, thread, spans }: ThreadSpans): readonly unknown[] {
  return [brand, thread, spans.map(({ from }) => from), spans.map(({ to }) => to), spans.map(({ person }) => person)];
}

async function insertLines(
  client: ClickHouseClient,
  table: string,
  columns: readonly string[],
  lines: readonly string[],
  settings: Record<string, string> = {},
): Promise<void> {
  if (lines.length === 0) return;
  try {
    const { stream } = await client.exec({
      query: `INSERT INTO ${table} (${columns.join(', ')}) FORMAT JSONCompactEachRow`,
      values: Readable.from([Buffer.from(lines.join('\n'))], { objectMode: false }),
      clickhouse_settings: { ...settings, async_insert: 0 },
    });
    for await (const _ of stream) {
      // An INSERT answers nothing; the socket is free again at the end of the stream.
    }
  } catch (error) {
    throw toEngineError(error);
  }
}

async function select<Row>(client: ClickHouseClient, { query, parameters }: Statement): Promise<Row[]> {
  try {
    const answer = await client.query({ query, query_params: { ...parameters }, format: 'JSONEachRow' });
    return await answer.json<Row>();
  } catch (error) {
    throw toEngineError(error);
  }
}

async function command(client: ClickHouseClient, query: string): Promise<void> {
  try {
    await client.command({ query });
  } catch (error) {
    throw toEngineError(error);
  }
}

async function readTimeline(client: ClickHouseClient, query: TimelineQuery): Promise<TimelinePage> {
  invariant(query.limit >= 1 && query.limit <= TIMELINE_ROWS_MAX, 'a timeline page has 1 to 1,000 rows');
  invariant(query.threads.length <= TIMELINE_THREADS_MAX, 'a person has at most 5,000 spans');
  if (query.threads.length === 0) return { rows: [] };
  const found = await select<Parameters<typeof readEvent>[0]>(client, timelineStatement(query));
  const rows = found.slice(0, query.limit).map(readEvent);
  const last = rows.at(-1);
  if (found.length <= query.limit || last === undefined) return { rows };
  return { rows, next: { t: last.t, eventId: last.eventId } };
}

async function scan(client: ClickHouseClient, query: ScanQuery): Promise<ScanPage> {
  invariant(query.limit >= 1 && query.limit <= SCAN_ROWS_MAX, 'a page of a scan looks at 1 to 10,000 rows');
  const [found] = await select<StoredScanEnd>(client, scanEndStatement(query));
  const seen = Number(found?.seen ?? 0);
  if (found === undefined || seen === 0) return { rows: [], seen: 0 };
  const end = { thread: found.end_thread as ScanCursor['thread'], eventId: found.end_id };
  const rows = (await select<Parameters<typeof readEvent>[0]>(client, scanStatement(query, end))).map(readEvent);
  return Number(found.rows) < query.limit ? { rows, seen } : { rows, seen, next: end };
}

async function readTotals(
  client: ClickHouseClient,
  { brand, kinds, from, to }: TotalsQuery,
): Promise<readonly Total[]> {
  const query = `SELECT kind, receipt_type AS type, currency, count() AS n, sum(amount) AS total
    FROM (
      SELECT kind, receipt_type, currency, amount, event_id FROM event
      WHERE brand = {brand:String} AND kind IN {kinds:Array(String)} AND NOT bot AND t >= {from:DateTime64(3, 'UTC')} AND t < {to:DateTime64(3, 'UTC')}
      ORDER BY position, item LIMIT 1 BY event_id
    )
    GROUP BY kind, type, currency ORDER BY kind, type, currency`;
  const parameters = { brand, kinds, from: seconds(from), to: seconds(to) };
  type Stored = Pick<Total, 'kind' | 'type' | 'currency'> & { readonly n: string; readonly total: string };
  const rows = await select<Stored>(client, { query, parameters });
  return rows.map(({ kind, type, currency, n, total }) => ({
    kind,
    type,
    currency,
    count: Number(n),
    amountMinor: Number(total),
  }));
}
