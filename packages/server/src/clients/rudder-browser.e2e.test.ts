import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventsOf, idsOf, messageIdsOf, namesOf } from './testing/capture.ts';
import { type ChromiumSite, openChromiumSite } from './testing/chromium-site.ts';
import { type ClientHouse, NOTICE, openClientHouse, someone, type Timeline } from './testing/client-house.ts';
import type { BrowserCall, RudderSettings } from './testing/in-browser.ts';
import { callInPage, consentFromPage, eventRequests, taken } from './testing/visit.ts';

let house: ClientHouse;
let site: ChromiumSite;

beforeAll(async () => {
  house = await openClientHouse([
    { id: 'xhr', kind: 'web' },
    { id: 'batch', kind: 'web' },
    { id: 'beacon', kind: 'web' },
    {
      id: 'stamped',
      kind: 'web',
      stamps: {
        noticeId: NOTICE.id,
        noticeVersion: NOTICE.version,
        categories: { mesure: ['audience_measurement'], pub: ['advertising'] },
      },
    },
  ]);
  site = await openChromiumSite();
});
afterAll(async () => {
  await site.close();
  await house.close();
});
beforeEach(() => house.front.clear());

const PURPOSE = 'audience_measurement';
const CLOCK_MS = 5_000;

type Expected = Readonly<Record<string, { readonly name: string; readonly content: object }>>;

function visitCalls(userId: string): { readonly calls: readonly BrowserCall[]; readonly expected: Expected } {
  return {
    calls: [
      ['page', 'Rayons', 'Chaussures', { season: 'hiver' }],
      ['track', 'Product Viewed', { sku: 'A-1', price: 19.9 }],
      ['identify', userId, { plan: 'gold' }],
      ['group', 'club-7', { industry: 'mode' }],
      ['alias', userId],
    ],
    expected: {
      page: {
        name: 'Page Viewed',
        content: { properties: { name: 'Chaussures', category: 'Rayons', season: 'hiver' } },
      },
      track: { name: 'Product Viewed', content: { properties: { sku: 'A-1', price: 19.9 } } },
      identify: { name: 'Identify', content: { traits: { plan: 'gold' } } },
      group: { name: 'Group', content: { properties: { groupId: 'club-7', industry: 'mode' } } },
      alias: { name: 'Alias', content: {} },
    },
  };
}

async function openRudder(source: string, more: Partial<RudderSettings> = {}) {
  const { page } = await site.visit();
  const settings: RudderSettings = { writeKey: house.keyOf(source), url: house.front.url, delivery: 'xhr', ...more };
  const anonymousId = await page.evaluate((one) => globalThis.clients.rudder(one), settings);
  return { page, anonymousId };
}

function expectVisit(timeline: Timeline, expected: Expected): void {
  const events = eventsOf(timeline);
  expect(events.map(({ type }) => type).sort()).toEqual(Object.keys(expected).sort());
  for (const event of events) {
    const { name, content } = expected[event.type] ?? { name: '', content: {} };
    expect(event).toMatchObject({ name, ...content, marks: [] });
    expect(Math.abs(Date.parse(event.at) - Date.parse(event.receivedAt)), `${event.type} is off by ms`).toBeLessThan(
      CLOCK_MS,
    );
  }
}

describe.each(['xhr', 'batch', 'beacon'] as const)('@rudderstack/analytics-js, by %s', (delivery) => {
  test('after the page recorded a consent every call is read back on the visitor', async () => {
    const { page, anonymousId } = await openRudder(delivery, { delivery });
    await consentFromPage(house, page, delivery, anonymousId, [PURPOSE]);
    const userId = someone('client');
    const { calls, expected } = visitCalls(userId);
    await callInPage(page, calls);
    // A beacon is sent when the page is left.
    if (delivery === 'beacon') await page.goto('about:blank');
    await taken(house.front, calls.length);

    const events = await house.timeline({ anonymousId }, PURPOSE);
    expectVisit(events, expected);
    expect(idsOf(events)).toEqual(messageIdsOf(eventRequests(house.front)));
    expect(await house.timeline({ userId }, PURPOSE), 'the device is the user’s from before the login on').toEqual(
      events,
    );
  });

  test('without a consent every call is counted withheld, and nobody is known', async () => {
    const before = await house.flowOf(delivery);
    const { page, anonymousId } = await openRudder(delivery, { delivery });
    const { calls, expected } = visitCalls(someone('client'));
    await callInPage(page, calls);
    if (delivery === 'beacon') await page.goto('about:blank');
    await taken(house.front, calls.length);

    const flow = await house.flowOf(delivery);
    expect(flow.withheld - before.withheld).toBe(calls.length);
    expect(flow.kept).toBe(before.kept);
    expect(flow.withheldBy['unknown']).toEqual(
      Object.fromEntries(Object.values(expected).map(({ name }) => [name, 1])),
    );
    expect(await house.timeline({ anonymousId }, PURPOSE)).toBe('profile-not-found');
  });
});

test('@rudderstack/analytics-js with consent management: a declared stamp decides', async () => {
  const { page, anonymousId } = await openRudder('stamped', { consented: { allowed: ['mesure'], denied: ['pub'] } });
  await callInPage(page, [['track', 'Product Viewed', { sku: 'A-1' }]]);
  await taken(house.front, 1);
  expect(namesOf(await house.timeline({ anonymousId }, PURPOSE))).toEqual(['Product Viewed']);
  expect(await house.timeline({ anonymousId }, 'advertising')).toBe('purpose-not-permitted');
  expect(await house.statusesOf(anonymousId)).toMatchObject({ audience_measurement: 'given', advertising: 'refused' });
});

test('@rudderstack/analytics-js sends again after 503, 429 and a cut connection, and one event is kept', async () => {
  const { page, anonymousId } = await openRudder('xhr');
  await consentFromPage(house, page, 'xhr', anonymousId, [PURPOSE]);
  const before = await house.flowOf('xhr');
  house.front.misbehave(
    { kind: 'status', status: 503, retryAfterSeconds: 1 },
    { kind: 'status', status: 429, retryAfterSeconds: 1 },
    { kind: 'reset-when-taken' },
  );
  await callInPage(page, [['track', 'Product Added', { sku: 'B-2' }]]);
  await taken(house.front, 1);
  expect(eventRequests(house.front).map(({ answer }) => answer)).toEqual([503, 429, 'reset', 200]);
  expect(namesOf(await house.timeline({ anonymousId }, PURPOSE))).toEqual(['Product Added']);
  const flow = await house.flowOf('xhr');
  expect([flow.accepted - before.accepted, flow.duplicates - before.duplicates]).toEqual([1, 1]);
});
