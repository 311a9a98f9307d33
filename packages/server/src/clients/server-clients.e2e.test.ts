import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deliveries, eventsOf, idsOf, itemsOf, messageIdsOf } from './testing/capture.ts';
import {
  type ClientHouse,
  DAY_MS,
  HOUR_MS,
  openClientHouse,
  type ReadEvent,
  someone,
  type Timeline,
} from './testing/client-house.ts';
import { type Call, SERVER_CLIENTS, type ServerClient } from './testing/server-clients.ts';

let house: ClientHouse;

beforeAll(async () => {
  house = await openClientHouse(SERVER_CLIENTS.map(({ source }) => ({ id: source, kind: 'server' })));
});
afterAll(() => house.close());
beforeEach(() => house.front.clear());

const PURPOSE = 'profiling';
/** Between the two clocks of one machine and a batch's way through the client. */
const CLOCK_MS = 5_000;

/** One call of each type; the oldest was queued for fifty days. */
function everyCall({ has }: ServerClient, userId: string): readonly Call[] {
  const ago = (ms: number): Date => new Date(Date.now() - ms);
  const calls: readonly Call[] = [
    { type: 'identify', userId, at: ago(50 * DAY_MS), traits: { plan: 'gold', first_name: 'Zoé' } },
    {
      type: 'track',
      userId,
      at: ago(36 * DAY_MS),
      event: 'Product Viewed',
      properties: { sku: 'A-1', price: 19.9, note: 'bleu nuit' },
    },
    { type: 'page', userId, at: ago(3 * DAY_MS), name: 'Chaussures', properties: { path: '/chaussures' } },
    { type: 'screen', userId, at: ago(2 * HOUR_MS), name: 'Panier', properties: { lines: 2 } },
    { type: 'group', userId, at: ago(HOUR_MS), groupId: 'club-7', traits: { industry: 'mode' } },
    { type: 'alias', userId, at: ago(0), previousId: randomUUID() },
  ];
  return calls.filter(({ type }) => has.includes(type));
}

/** The name under which a call stands on the timeline. */
function nameOf({ type, event }: Call): string {
  const names = {
    identify: 'Identify',
    page: 'Page Viewed',
    screen: 'Screen Viewed',
    group: 'Group',
    alias: 'Alias',
    track: event ?? '',
  };
  return names[type];
}

function contentOf({ type, name, groupId, properties = {}, traits = {} }: Call) {
  if (type === 'identify') return { traits, properties: {} };
  if (type === 'group') return { properties: { ...traits, groupId } };
  return { properties: { ...properties, ...(name === undefined ? {} : { name }) } };
}

async function deliver(client: ServerClient, calls: readonly Call[]): Promise<void> {
  const opened = client.open(house.front.url, house.keyOf(client.source));
  for (const call of calls) opened.send(call);
  await opened.flush();
}

function onlyOf(events: Timeline, kind: string): ReadEvent {
  const found = eventsOf(events).filter(({ type }) => type === kind);
  expect(found, `events of kind ${kind}`).toHaveLength(1);
  return found[0] as ReadEvent;
}

describe.each(SERVER_CLIENTS)('$name', (client) => {
  test('after a consent every call is read back on its person with its id, true time and properties', async () => {
    const userId = someone(client.source);
    await house.decide({ userId }, [PURPOSE]);
    const calls = everyCall(client, userId);
    await deliver(client, calls);

    const events = await house.timeline({ userId }, PURPOSE);
    expect(idsOf(events)).toEqual(messageIdsOf(house.front.captured));
    const sent = new Map(
      deliveries(house.front.captured)
        .flatMap(itemsOf)
        .map((item) => [item['type'], item]),
    );
    for (const call of calls) {
      const event = onlyOf(events, call.type);
      expect(event).toMatchObject({ name: nameOf(call), source: client.source, ...contentOf(call) });
      expect(event.id).toBe(sent.get(call.type)?.['messageId']);
      const at = client.takesTime ? call.at.getTime() : Date.parse(event.receivedAt);
      expect(Math.abs(Date.parse(event.at) - at), `${call.type} is off by ms`).toBeLessThan(CLOCK_MS);
    }
    expect(await house.flowOf(client.source)).toMatchObject({ accepted: calls.length, withheld: 0, refused: 0 });
  });

  test('without a consent every call is counted withheld by name and reason, and nobody is known', async () => {
    const before = await house.flowOf(client.source);
    const userId = someone(client.source);
    const calls = everyCall(client, userId);
    await deliver(client, calls);

    const flow = await house.flowOf(client.source);
    expect(flow.accepted - before.accepted).toBe(calls.length);
    expect(flow.withheld - before.withheld).toBe(calls.length);
    expect(flow.kept).toBe(before.kept);
    expect(flow.withheldBy['unknown']).toEqual(Object.fromEntries(calls.map((call) => [nameOf(call), 1])));
    expect(await house.timeline({ userId }, PURPOSE)).toBe('profile-not-found');
  });
});

describe.each(SERVER_CLIENTS.filter(({ retries }) => retries))('$name, when the way is bad', (client) => {
  test('sends again after 503, 429 and a cut connection, and one event is kept', async () => {
    const before = await house.flowOf(client.source);
    const userId = someone(client.source);
    await house.decide({ userId }, [PURPOSE]);
    house.front.misbehave(
      { kind: 'status', status: 503, retryAfterSeconds: 1 },
      { kind: 'status', status: 429, retryAfterSeconds: 1 },
      { kind: 'reset-when-taken' },
    );
    const call: Call = {
      type: 'track',
      userId,
      at: new Date(Date.now() - HOUR_MS),
      event: 'Product Added',
      properties: { sku: 'B-2' },
    };
    const sentFrom = performance.now();
    await deliver(client, [call]);
    // A client may call itself done while its last attempt is on the way back.
    await expect
      .poll(() => deliveries(house.front.captured).map(({ answer }) => answer), { timeout: 30_000 })
      .toEqual([503, 429, 'reset', 200]);
    const waited = performance.now() - sentFrom;

    expect(messageIdsOf(house.front.captured)).toHaveLength(1);
    const event = onlyOf(await house.timeline({ userId }, PURPOSE), 'track');
    expect([event.id]).toEqual(messageIdsOf(house.front.captured));
    // Some clients keep the sentAt of their first attempt: the time is then late by the wait, and by no more.
    expect(Math.abs(Date.parse(event.at) - call.at.getTime()), 'off by ms').toBeLessThan(CLOCK_MS + waited);
    const flow = await house.flowOf(client.source);
    expect(flow.accepted - before.accepted).toBe(1);
    expect(flow.duplicates - before.duplicates).toBe(1);
  });
});
