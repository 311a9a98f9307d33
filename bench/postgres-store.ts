import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { instant } from '@filrouge/domain/base';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import type { LinkFact, Node, NodeId, Presence } from '@filrouge/domain/identity';
import { createPostgresAppendStore, createPostgresProjectionStore, migrate } from '@filrouge/engine-postgres';
import { openTestPostgres } from '@filrouge/engine-postgres/testing';
import type { KeyId, MessageKey, NewNode, SeenKey } from '@filrouge/ports';
import { DEVICES, loadVolume, nodeIds, PERSONS } from './postgres-store/load-volume.ts';

/**
 * What the hot statements of the PostgreSQL stores take over 200,000 identifiers, 300,000 links and sightings and two
 * million deduplication rows, beside the least that PostgreSQL can do for the same in the same run: rows put into tables
 * without index or constraint, nodes read by their key and nothing around them. Medians, in milliseconds.
 */
const REPEATS = 15;
const WARM_UP = 3;
const ITEMS = 1_000;
const BODY_BYTES = 400 * ITEMS;

const today = '2026-11-20';
const now = instant(Date.parse(`${today}T12:00:00Z`));
const brand = 'bench' as BrandId;
const source = 'source-1' as SourceId;

/** Medians of two works that take turns, so that whatever else the machine does weighs on both. Unit: ms. */
async function measure(work: () => Promise<void>, baseline: () => Promise<void>): Promise<readonly [number, number]> {
  const times = [work, baseline].map((one) => ({ one, each: [] as number[] }));
  for (let repeat = 0; repeat < REPEATS + WARM_UP; repeat += 1) {
    for (const { one, each } of times) {
      const begin = performance.now();
      await one();
      if (repeat >= WARM_UP) each.push(performance.now() - begin);
    }
  }
  const [value, bare] = times.map(({ each }) => each.sort((a, b) => a - b)[REPEATS >> 1] as number);
  return [value as number, bare as number];
}

function report(metric: string, [value, baseline]: readonly [number, number], goal: number): void {
  const ratio = Number((value / baseline).toFixed(2));
  const round = (figure: number): number => Number(figure.toFixed(2));
  const line = { bench: 'postgres-store', metric, value: round(value), unit: 'ms', baseline: round(baseline) };
  process.stdout.write(`${JSON.stringify({ ...line, ratio, goal, met: ratio <= goal })}\n`);
}

const postgres = await openTestPostgres();
const { database } = postgres;
await migrate(database);
const append = createPostgresAppendStore(database, () => now);
const projection = createPostgresProjectionStore(database);
await append.append(async () => undefined);
const begin = performance.now();
await loadVolume(database, today);
process.stderr.write(`loaded in ${((performance.now() - begin) / 1_000).toFixed(0)} s\n`);

const body = randomBytes(BODY_BYTES);
await database.execute(`
  create table bare_journal (position bigint, body bytea);
  alter table bare_journal alter column body set storage external;
  create table bare_row (a uuid, b uuid, t timestamptz)`);

/** Rows that nothing is asked of. */
const BARE_ROWS = {
  name: 'bare-rows',
  text: 'insert into bare_row select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[])',
};
const uuids = Array.from({ length: ITEMS }, () => randomUUID());
const instants = uuids.map(() => new Date(now).toISOString());

/** Fresh ids, but each tenth one known: what retries bring. */
function seenKeys(day: string | undefined): readonly SeenKey[] {
  return Array.from({ length: ITEMS }, (_, at): SeenKey => {
    const known = createHash('md5')
      .update(`s${at * 36}`)
      .digest('hex');
    const id = at % 10 === 0 ? known.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : randomUUID();
    return { day, id: id as MessageKey, body: randomBytes(16).toString('hex') };
  });
}

async function appendGroup(day: string | undefined): Promise<void> {
  await append.append(async (transaction) => {
    await transaction.claim(seenKeys(day));
    const flow = { brand, source, outcome: 'accepted' as const, reason: '', name: '', count: ITEMS };
    await transaction.write({
      receivedAt: now,
      journal: { position: transaction.head.journalPosition + 1, items: ITEMS, body },
      withheld: [],
      quarantined: [],
      keys: [],
      renewed: [],
      flow: [flow],
      lifted: [],
      released: [],
    });
  });
}

async function bareAppend(): Promise<void> {
  await database.withTransaction(async (sql) => {
    await sql.execute({ name: 'bare-journal', text: 'insert into bare_journal values (1, $1)' }, [body]);
    await sql.execute(BARE_ROWS, [uuids, uuids, instants]);
  });
}

report('append a group of 1,000 items', await measure(() => appendGroup(today), bareAppend), 5);
report('append 1,000 old items of a file', await measure(() => appendGroup('2025-03-01'), bareAppend), 5);

const places = (count: number, step: number): readonly number[] =>
  Array.from({ length: count }, (_, at) => (5 + at * step) % PERSONS);
const persons = await nodeIds(database, 'p', places(ITEMS, 97));
const devices = await nodeIds(database, 'd', places(ITEMS, 89));
const unknown = Array.from({ length: ITEMS }, () => randomBytes(16).toString('hex') as NodeId);

async function readKeys(nodes: readonly NodeId[]): Promise<void> {
  await database.query({ name: 'bare-nodes', text: 'select * from node where node = any($1::uuid[])' }, [nodes]);
}

async function subjects(nodes: readonly NodeId[]): Promise<void> {
  await append.append((transaction) => transaction.subjects(nodes));
}

const mixed = [...persons.slice(0, ITEMS / 2), ...devices.slice(0, ITEMS / 2)];
report(
  'subjects() of 1,000 cold nodes',
  await measure(
    () => subjects(mixed),
    () => readKeys(mixed),
  ),
  60,
);
report(
  'subjects() of 1,000 unknown nodes',
  await measure(
    () => subjects(unknown),
    () => readKeys(unknown),
  ),
  15,
);
report(
  'dependents() of 1,000 nodes',
  await measure(
    () => dependents(mixed),
    () => readKeys(mixed),
  ),
  25,
);

async function dependents(nodes: readonly NodeId[]): Promise<void> {
  await projection.project((transaction) => transaction.dependents(nodes));
}

const person = (id: NodeId): Node => ({ namespace: 'user_id', id });
const device = (id: NodeId): Node => ({ namespace: 'anonymous_id', id });

/** What 4,000 items of known and new visitors bring: a quarter each of nodes, links, sightings, logouts. */
function range(): Readonly<{ nodes: NewNode[]; links: LinkFact[]; presences: Presence[] }> {
  const origin = (): { t: typeof now; messageId: string } => ({ t: now, messageId: randomUUID() });
  return {
    nodes: Array.from({ length: ITEMS }, () => ({
      node: device(randomBytes(16).toString('hex') as NodeId),
      brand,
      firstPosition: 1,
      key: 1 as KeyId,
      sealed: body.subarray(0, 64),
    })),
    links: persons.map((id, at) => ({
      a: person(id),
      b: person(persons[(at + 1) % ITEMS] as NodeId),
      verified: false,
      evidence: 'identify',
      sourceKind: 'web',
      source,
      ...origin(),
    })),
    presences: persons.map((id, at) => {
      const hour = instant(now + Math.floor(Math.random() * 100) * 3_600_000);
      return {
        device: device(devices[at] as NodeId),
        person: person(id),
        first: hour,
        last: hour,
        verified: true,
        kiosk: false,
      };
    }),
  };
}

async function projectRange(): Promise<void> {
  const { nodes, links, presences } = range();
  await projection.project(async (transaction) => {
    await transaction.addNodes(nodes);
    await transaction.putLinks(brand, links);
    await transaction.putPresences(brand, presences);
    await transaction.putLogouts(
      brand,
      devices.map((id) => ({ device: device(id), t: now, messageId: randomUUID() })),
    );
  });
}

async function bareRange(): Promise<void> {
  await database.withTransaction(async (sql) => {
    for (let part = 0; part < 4; part += 1) await sql.execute(BARE_ROWS, [uuids, uuids, instants]);
  });
}

report('project 4,000 identity facts', await measure(projectRange, bareRange), 8);

process.stderr.write(`${PERSONS + DEVICES} identifiers; goals are ratios to the bare work of the same run\n`);
await postgres.close();
