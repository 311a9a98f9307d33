import { createHash } from 'node:crypto';
import { DAY_MS, instant, MINUTE_MS } from '@filrouge/domain/base';
import type { FlowReading } from '@filrouge/ports';
import { afterAll, expect, test } from 'vitest';
import { tellFault } from '../../../../tools/faults/table.ts';
import { buildDeployment } from '../config/build-deployment.ts';
import { readEnvironment } from '../config/environment.ts';
import { openOffline } from '../offline.ts';
import { shuffled, timed, yesOfEverybody } from './testing/arrival-orders.ts';
import { type Installation, openInstallation } from './testing/installation.ts';
import { openStores } from './testing/opened-stores.ts';
import { type Portrait, portraitOf } from './testing/portrait.ts';
import { type Delivery, deliver, findRetailer, RETAILER, type Retailer } from './testing/retailer.ts';

// G10: the same events, three times over, shuffled, by eight senders at once, come to what they come to once and in order;
// and what is built again from the journal is the same each time.

const SEED = Number(process.env['FILROUGE_SEED'] ?? 40);
const WORLD = { seed: SEED, shoppers: Number(process.env['FILROUGE_SHOPPERS'] ?? 550), days: 70 };
const TIMES = 3;
const SENDERS = 8;
const REPLAYS = 3;
/** Of so many identifiers every profile and timeline is looked at, one by one; of all others who they are and each event. */
const SHOWN = 120;

const houses: Installation[] = [];
afterAll(async () => {
  for (const house of houses) await house.remove();
});

/** How it is sent, and by how many at once. */
type Way = { readonly order: (deliveries: readonly Delivery[]) => readonly Delivery[]; readonly senders: number };
const IN_ORDER: Way = { order: (deliveries) => deliveries, senders: 1 };
const SHUFFLED: Way = {
  order: (deliveries) =>
    shuffled(
      deliveries.flatMap((delivery) => Array.from({ length: TIMES }, () => delivery)),
      SEED,
    ),
  senders: SENDERS,
};

type World = {
  readonly yes: readonly Delivery[];
  readonly facts: readonly Delivery[];
  readonly noes: readonly Delivery[];
};
type Events = { readonly rows: number; readonly events: number; readonly digest: string };
type Come = Events & { readonly portrait: Portrait; readonly flow: FlowReading; readonly house: Installation };

/** Decisions change no verdict where they come after the events (S3): what is kept then rests on no order. */
async function sent({ yes, facts, noes }: World, { order, senders }: Way, now: number): Promise<Come> {
  // Facts of one instant are taken in the order of keyed hashes (S13): the same keys, the same order.
  const [keysOf] = houses;
  const house = await openInstallation({ config: RETAILER, ...(keysOf === undefined ? {} : { keysOf }) });
  houses.push(house);
  await deliver(house, yes, SENDERS);
  for (const part of [facts, noes]) {
    await deliver(house, order(part), senders);
    await house.server.drain();
  }
  const portrait = await portraitOf(house.server.engines, instant(now), SHOWN);
  const flow = await house.server.engines.reading.flow();
  await house.stop();
  return { portrait, flow, house, ...(await events(house)) };
}

/** What is the event's own: not when it came in, under which key and at which place of the journal. */
const OWN = `brand, kind, thread, event_id, device, t, name, channel, source, property, store, purposes, bot, imported,
  terminal, receipt_type, receipt_number, currency, amount, vat, researched, skus, categories, line_amounts, clear`;

/** Every event as reports read it: rows as they lie, events, and a digest over all of them. */
async function events(house: Installation): Promise<Events> {
  const stores = await openStores(house.dataDir);
  try {
    const query = `select count() as rows, uniqExact(event_id) as events,
      (select toString(sum(cityHash64(${OWN}))) from event final) as digest from event`;
    const [row] = await (await stores.events.query({ query, format: 'JSONEachRow' })).json<Record<string, string>>();
    return { rows: Number(row?.['rows']), events: Number(row?.['events']), digest: String(row?.['digest']) };
  } finally {
    await stores.close();
  }
}

/** The digest of all projections as they stand, and after each replay. */
async function digests(house: Installation): Promise<readonly string[]> {
  const offline = await openOffline({
    environment: readEnvironment({ FILROUGE_DATA_DIR: house.dataDir }, house.directory),
    deployment: buildDeployment(RETAILER, 'proof'),
    onProgress: () => undefined,
  });
  try {
    const told = [digestOf(await offline.digest())];
    for (let at = 0; at < REPLAYS; at += 1) {
      await offline.replay(() => undefined);
      told.push(digestOf(await offline.digest()));
    }
    return told;
  } finally {
    await offline.close();
  }
}

/** A world in which somebody said no, and somebody said yes and then no. */
function isWorthIt({ consents }: Retailer): boolean {
  return ['"refused"', '"withdrawn"'].every((word) => consents.some(({ body }) => body.includes(word)));
}

function digestOf(value: object): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

function itemsIn(deliveries: readonly Delivery[]): number {
  return deliveries.reduce((sum, { body }) => {
    try {
      return sum + ((JSON.parse(body) as { readonly batch?: readonly unknown[] }).batch?.length ?? 1);
    } catch {
      return sum + 1;
    }
  }, 0);
}

test(
  'G10: events and decisions, three times over, shuffled, by eight senders, come to the same, and so do replays',
  async () => {
    const now = Date.now();
    const retailer = await findRetailer(WORLD, now, isWorthIt);
    const world: World = {
      yes: yesOfEverybody(retailer, now - (WORLD.days + 2) * DAY_MS),
      facts: [...retailer.imports, ...timed(retailer.calls, now)],
      noes: retailer.consents,
    };
    const tried = itemsIn([...world.facts, ...world.noes]);
    const once = await sent(world, IN_ORDER, now);
    const often = await sent(world, SHUFFLED, now);
    expect(Math.max(...once.portrait.persons.map(({ length }) => length)), 'some are joined').toBeGreaterThan(3);
    for (const part of ['kept', 'persons', 'reports', 'totals'] as const) {
      expect(often.portrait[part], part).toEqual(once.portrait[part]);
    }
    for (const [name, profile] of Object.entries(once.portrait.profiles)) {
      expect(often.portrait.profiles[name], name).toEqual(profile);
    }
    expect(digestOf(often.portrait)).toBe(digestOf(once.portrait));
    const lost = once.flow.kept - often.flow.kept;
    expect(often.flow.duplicates).toBeGreaterThanOrEqual((TIMES - 1) * often.flow.accepted);
    expect([often.events, often.digest], 'every event is the same').toEqual([once.events, once.digest]);
    const duplicated = often.rows - often.events + once.rows - once.events;
    for (const { house } of [once, often]) {
      expect(new Set(await digests(house)).size, 'every replay gives the same digest').toBe(1);
    }
    expect([lost, duplicated]).toEqual([0, 0]);
    await tellFault({
      goal: 'G10 replay',
      tried,
      of: `events and decisions, once in order and ${TIMES} times over, shuffled, by ${SENDERS} senders`,
      lost,
      duplicated,
      leaked: 0,
      measured: `${often.flow.accepted} accepted, ${often.flow.duplicates} duplicates; ${once.portrait.persons.length} persons; who is who, every event, ${Object.keys(once.portrait.profiles).length} profiles with consents and timelines, reports and totals equal; ${REPLAYS} replays of each the same digest`,
      met: true,
    });
  },
  60 * MINUTE_MS,
);
