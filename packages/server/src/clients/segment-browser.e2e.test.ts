import { min as renderSnippet } from '@segment/snippet';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventsOf, idsOf, messageIdsOf, namesOf } from './testing/capture.ts';
import { type ChromiumSite, openChromiumSite } from './testing/chromium-site.ts';
import { type ClientHouse, DAY_MS, NOTICE, openClientHouse, someone, type Timeline } from './testing/client-house.ts';
import type { BrowserCall, SegmentSettings } from './testing/in-browser.ts';
import { callInPage, consentFromPage, eventRequests, taken } from './testing/visit.ts';

let house: ClientHouse;
let site: ChromiumSite;

beforeAll(async () => {
  house = await openClientHouse([
    { id: 'standard', kind: 'web' },
    { id: 'batching', kind: 'web' },
    { id: 'claims', kind: 'web' },
    { id: 'snippet', kind: 'web' },
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

type Expected = Readonly<Record<string, { readonly name: string; readonly content: object; readonly at?: number }>>;

function visitCalls(userId: string): { readonly calls: readonly BrowserCall[]; readonly expected: Expected } {
  const late = Date.now() - 2 * DAY_MS;
  return {
    calls: [
      ['page', 'Rayons', 'Chaussures', { season: 'hiver' }],
      ['track', 'Product Viewed', { sku: 'A-1', price: 19.9 }, { timestamp: new Date(late).toISOString() }],
      ['screen', 'Appli', 'Panier', { lines: 2 }],
      ['identify', userId, { plan: 'gold' }],
      ['group', 'club-7', { industry: 'mode' }],
      ['alias', userId],
    ],
    expected: {
      page: {
        name: 'Page Viewed',
        content: { properties: { name: 'Chaussures', category: 'Rayons', season: 'hiver' } },
      },
      track: { name: 'Product Viewed', content: { properties: { sku: 'A-1', price: 19.9 } }, at: late },
      screen: { name: 'Screen Viewed', content: { properties: { name: 'Panier', lines: 2 } } },
      identify: { name: 'Identify', content: { traits: { plan: 'gold' } } },
      group: { name: 'Group', content: { properties: { groupId: 'club-7', industry: 'mode' } } },
      alias: { name: 'Alias', content: {} },
    },
  };
}

async function openSegment(source: string, more: Partial<SegmentSettings> = {}) {
  const { page } = await site.visit();
  const settings: SegmentSettings = { writeKey: house.keyOf(source), cdnURL: house.front.url, ...more };
  const anonymousId = await page.evaluate((one) => globalThis.clients.segment(one), settings);
  return { page, anonymousId };
}

function expectVisit(timeline: Timeline, expected: Expected): void {
  const events = eventsOf(timeline);
  expect(events.map(({ type }) => type).sort()).toEqual(Object.keys(expected).sort());
  for (const event of events) {
    const { name, content, at = Date.parse(event.receivedAt) } = expected[event.type] ?? { name: '', content: {} };
    expect(event).toMatchObject({ name, ...content, marks: [] });
    expect(Math.abs(Date.parse(event.at) - at), `${event.type} is off by ms`).toBeLessThan(CLOCK_MS);
  }
}

describe.each([
  { source: 'standard', batching: false },
  { source: 'batching', batching: true },
])('@segment/analytics-next, $source delivery', ({ source, batching }) => {
  test('after the page recorded a consent every call is read back on the visitor', async () => {
    const { page, anonymousId } = await openSegment(source, { batching });
    await consentFromPage(house, page, source, anonymousId, [PURPOSE]);
    const userId = someone('client');
    const { calls, expected } = visitCalls(userId);
    await callInPage(page, calls);
    await taken(house.front, calls.length);

    const events = await house.timeline({ anonymousId }, PURPOSE);
    expectVisit(events, expected);
    expect(idsOf(events)).toEqual(messageIdsOf(eventRequests(house.front)));
    expect(await house.timeline({ userId }, PURPOSE), 'the device is the user’s from before the login on').toEqual(
      events,
    );
  });

  test('without a consent every call is counted withheld, and nobody is known', async () => {
    const before = await house.flowOf(source);
    const { page, anonymousId } = await openSegment(source, { batching });
    const { calls, expected } = visitCalls(someone('client'));
    await callInPage(page, calls);
    await taken(house.front, calls.length);

    const flow = await house.flowOf(source);
    expect(flow.withheld - before.withheld).toBe(calls.length);
    expect(flow.kept).toBe(before.kept);
    expect(flow.withheldBy['unknown']).toEqual(
      Object.fromEntries(Object.values(expected).map(({ name }) => [name, 1])),
    );
    expect(await house.timeline({ anonymousId }, PURPOSE)).toBe('profile-not-found');
  });
});

test.each([
  { source: 'standard', batching: false },
  { source: 'batching', batching: true },
])(
  '@segment/analytics-next, $source delivery, sends again after 503, 429 and a cut connection, and one event is kept',
  async ({ source, batching }) => {
    const { page, anonymousId } = await openSegment(source, { batching });
    await consentFromPage(house, page, source, anonymousId, [PURPOSE]);
    const before = await house.flowOf(source);
    house.front.misbehave(
      { kind: 'status', status: 503, retryAfterSeconds: 1 },
      { kind: 'status', status: 429, retryAfterSeconds: 1 },
      { kind: 'reset-when-taken' },
    );
    await callInPage(page, [['track', 'Product Added', { sku: 'B-2' }]]);
    await taken(house.front, 1);
    expect(eventRequests(house.front).map(({ answer }) => answer)).toEqual([503, 429, 'reset', 200]);
    expect(namesOf(await house.timeline({ anonymousId }, PURPOSE))).toEqual(['Product Added']);
    const flow = await house.flowOf(source);
    expect([flow.accepted - before.accepted, flow.duplicates - before.duplicates]).toEqual([1, 1]);
  },
);

describe.each([
  { delivery: 'standard', batching: false },
  { delivery: 'batching', batching: true },
])('@segment/analytics-consent-tools, $delivery delivery', ({ batching }) => {
  test('where the source declares what its stamps mean, a stamp becomes a fact and decides', async () => {
    const { page, anonymousId } = await openSegment('stamped', { batching, stamp: { mesure: true, pub: false } });
    await callInPage(page, [['track', 'Product Viewed', { sku: 'A-1' }]]);
    await taken(house.front, 1);
    await house.server.drain();
    expect(await house.statusesOf(anonymousId)).toMatchObject({
      audience_measurement: 'given',
      advertising: 'refused',
      profiling: 'unknown',
    });
    expect(namesOf(await house.timeline({ anonymousId }, PURPOSE))).toEqual(['Product Viewed']);
    expect(await house.timeline({ anonymousId }, 'advertising')).toBe('purpose-not-permitted');

    const before = await house.flowOf('stamped');
    await page.evaluate(() => globalThis.clients.choose({ mesure: false, pub: false }));
    await taken(house.front, 2);
    await callInPage(page, [['track', 'Product Added', { sku: 'A-1' }]]);
    await taken(house.front, 3);
    const flow = await house.flowOf('stamped');
    expect(flow.withheld - before.withheld).toBe(2);
    expect(Object.keys(flow.withheldBy['refused'] ?? {}).sort()).toEqual([
      'Product Added',
      'Segment Consent Preference Updated',
    ]);
    expect(await house.statusesOf(anonymousId)).toMatchObject({
      audience_measurement: 'refused',
      advertising: 'refused',
    });
    expect(await house.timeline({ anonymousId }, PURPOSE), 'what was collected is not used any more').toBe(
      'purpose-not-permitted',
    );
  });

  test('where it does not, a stamp is a claim: it narrows what was consented, and opens nothing', async () => {
    const stamp = { audience_measurement: true, advertising: false };
    const { page, anonymousId } = await openSegment('claims', { batching, stamp });
    const before = await house.flowOf('claims');
    await callInPage(page, [['track', 'Product Viewed', { sku: 'A-1' }]]);
    await taken(house.front, 1);
    expect((await house.flowOf('claims')).withheld - before.withheld, 'a claim opens nothing').toBe(1);

    await consentFromPage(house, page, 'claims', anonymousId, [PURPOSE, 'advertising']);
    await callInPage(page, [['track', 'Product Added', { sku: 'A-1' }]]);
    await taken(house.front, 2);
    expect(namesOf(await house.timeline({ anonymousId }, PURPOSE))).toEqual(['Product Added']);
    expect(await house.timeline({ anonymousId }, 'advertising'), 'the claim closed this purpose').toEqual([]);
    expect(await house.statusesOf(anonymousId)).toMatchObject({ audience_measurement: 'given', advertising: 'given' });
  });
});

describe('the snippet of Segment with our host in it', () => {
  /** As rendered for a site, but for the scheme: the house has no certificate. */
  function snippetPage(): string {
    const host = new URL(house.front.url).host;
    const snippet = renderSnippet({ apiKey: house.keyOf('snippet'), host, useHostForBundles: true });
    return `<!doctype html><title>Boutique</title><script>${snippet.replaceAll('https://', 'http://')}</script>
      <script src="/clients.js"></script>
      <script>analytics.track('Product Viewed', { sku: 'A-1' })</script>`;
  }

  test('loads script and chunks from us and from nobody else, and delivers what was called before it was there', async () => {
    site.put('/snippet', snippetPage());
    const { asked, page } = await site.visit({ path: `/snippet?ajs_uid=${someone('client')}` });
    await taken(house.front, 3);
    const anonymousId = await page.evaluate(() => localStorage.getItem('ajs_anonymous_id'));
    expect((await house.flowOf('snippet')).withheldBy['unknown']).toMatchObject({
      'Page Viewed': 1,
      'Product Viewed': 1,
    });

    await consentFromPage(house, page, 'snippet', JSON.parse(anonymousId ?? '') as string, [PURPOSE]);
    await page.reload();
    await taken(house.front, 6);
    const events = await house.timeline({ anonymousId: JSON.parse(anonymousId ?? '') as string }, PURPOSE);
    expect(namesOf(events).toSorted()).toEqual(['Identify', 'Page Viewed', 'Product Viewed']);

    const origins = new Set(asked.map((url) => new URL(url).origin));
    expect([...origins].sort()).toEqual([house.front.url, site.origin].sort());
    const served = house.front.captured.filter(({ method, answer }) => method === 'GET' && answer === 200);
    expect(served.map(({ path }) => path)).toContain(`/analytics.js/v1/${house.keyOf('snippet')}/analytics.min.js`);
    expect(served.filter(({ path }) => path.startsWith('/analytics-next/bundles/')).length).toBeGreaterThan(0);
    expect(house.front.captured.filter(({ answer }) => answer === 404).map(({ path }) => path)).toEqual([]);
  });

  test('a key that is nobody’s and a chunk that is not there are answered with a problem', async () => {
    const unknown = await fetch(`${house.url}/analytics.js/v1/nobody/analytics.min.js`);
    expect([unknown.status, ((await unknown.json()) as { code: string }).code]).toEqual([401, 'write-key-unknown']);
    const missing = await fetch(`${house.url}/analytics-next/bundles/..%2f..%2fpackage.json`);
    expect([missing.status, ((await missing.json()) as { code: string }).code]).toEqual([404, 'not-found']);
  });
});
