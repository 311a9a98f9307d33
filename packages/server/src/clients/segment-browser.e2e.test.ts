import { min as renderSnippet } from '@segment/snippet';
import { describe, expect, test } from 'vitest';
import {
  aVisit,
  type BrowserClient,
  PURPOSE,
  testResending,
  testVisits,
  type VisitCalls,
} from './testing/browser-delivery.ts';
import { STAMPED, useBrowserStage } from './testing/browser-stage.ts';
import { namesOf } from './testing/capture.ts';
import { DAY_MS, someone } from './testing/client-house.ts';
import type { SegmentSettings } from './testing/in-browser.ts';
import { callInPage, consentFromPage, taken } from './testing/visit.ts';

const SOURCES = ['standard', 'batching', 'claims', 'snippet'] as const;
const stage = useBrowserStage([...SOURCES.map((id) => ({ id, kind: 'web' }) as const), STAMPED]);

/** The calls of every client, a screen, and a time of its own. */
function visit(userId: string): VisitCalls {
  const late = Date.now() - 2 * DAY_MS;
  const { calls, expected } = aVisit(userId);
  const viewed = { sku: 'A-1', price: 19.9 };
  const others = calls.filter(([method]) => method !== 'track');
  return {
    calls: [
      ['track', 'Product Viewed', viewed, { timestamp: new Date(late).toISOString() }],
      ['screen', 'Appli', 'Panier', { lines: 2 }],
      ...others,
    ],
    expected: {
      ...expected,
      track: { name: 'Product Viewed', content: { properties: viewed }, at: late },
      screen: { name: 'Screen Viewed', content: { properties: { name: 'Panier', lines: 2 } } },
    },
  };
}

async function openSegment(source: string, more: Partial<SegmentSettings> = {}) {
  const { page } = await stage.site.visit();
  const { keyOf, front } = stage.house;
  const settings: SegmentSettings = { writeKey: keyOf(source), cdnURL: front.url, ...more };
  const anonymousId = await page.evaluate((one) => globalThis.clients.segment(one), settings);
  return { page, anonymousId };
}

const by = (source: 'standard' | 'batching'): BrowserClient => ({
  source,
  open: () => openSegment(source, { batching: source === 'batching' }),
  visit,
});

describe.each(['standard', 'batching'] as const)('@segment/analytics-next, %s delivery', (source) => {
  testVisits(stage, by(source));
});

for (const source of ['standard', 'batching'] as const) {
  testResending(`@segment/analytics-next, ${source} delivery,`, stage, by(source));
}

describe.each([
  { delivery: 'standard', batching: false },
  { delivery: 'batching', batching: true },
])('@segment/analytics-consent-tools, $delivery delivery', ({ batching }) => {
  test('where the source declares what its stamps mean, a stamp becomes a fact and decides', async () => {
    const { page, anonymousId } = await openSegment('stamped', { batching, stamp: { mesure: true, pub: false } });
    await callInPage(page, [['track', 'Product Viewed', { sku: 'A-1' }]]);
    await taken(stage.house.front, 1);
    await stage.house.server.drain();
    expect(await stage.house.statusesOf(anonymousId)).toMatchObject({
      audience_measurement: 'given',
      advertising: 'refused',
      profiling: 'unknown',
    });
    expect(namesOf(await stage.house.timeline({ anonymousId }, PURPOSE))).toEqual(['Product Viewed']);
    expect(await stage.house.timeline({ anonymousId }, 'advertising')).toBe('purpose-not-permitted');

    const before = await stage.house.flowOf('stamped');
    await page.evaluate(() => globalThis.clients.choose({ mesure: false, pub: false }));
    await taken(stage.house.front, 2);
    await callInPage(page, [['track', 'Product Added', { sku: 'A-1' }]]);
    await taken(stage.house.front, 3);
    const flow = await stage.house.flowOf('stamped');
    expect(flow.withheld - before.withheld).toBe(2);
    expect(Object.keys(flow.withheldBy['refused'] ?? {}).sort()).toEqual([
      'Product Added',
      'Segment Consent Preference Updated',
    ]);
    expect(await stage.house.statusesOf(anonymousId)).toMatchObject({
      audience_measurement: 'refused',
      advertising: 'refused',
    });
    expect(await stage.house.timeline({ anonymousId }, PURPOSE), 'what was collected is not used any more').toBe(
      'purpose-not-permitted',
    );
  });

  test('where it does not, a stamp is a claim: it narrows what was consented, and opens nothing', async () => {
    const stamp = { audience_measurement: true, advertising: false };
    const { page, anonymousId } = await openSegment('claims', { batching, stamp });
    const before = await stage.house.flowOf('claims');
    await callInPage(page, [['track', 'Product Viewed', { sku: 'A-1' }]]);
    await taken(stage.house.front, 1);
    expect((await stage.house.flowOf('claims')).withheld - before.withheld, 'a claim opens nothing').toBe(1);

    await consentFromPage(stage.house, page, 'claims', anonymousId, [PURPOSE, 'advertising']);
    await callInPage(page, [['track', 'Product Added', { sku: 'A-1' }]]);
    await taken(stage.house.front, 2);
    expect(namesOf(await stage.house.timeline({ anonymousId }, PURPOSE))).toEqual(['Product Added']);
    expect(await stage.house.timeline({ anonymousId }, 'advertising'), 'the claim closed this purpose').toEqual([]);
    expect(await stage.house.statusesOf(anonymousId)).toMatchObject({
      audience_measurement: 'given',
      advertising: 'given',
    });
  });
});

describe('the snippet of Segment with our host in it', () => {
  /** As rendered for a site, but for the scheme: the house has no certificate. */
  function snippetPage(): string {
    const host = new URL(stage.house.front.url).host;
    const snippet = renderSnippet({ apiKey: stage.house.keyOf('snippet'), host, useHostForBundles: true });
    return `<!doctype html><title>Boutique</title><script>${snippet.replaceAll('https://', 'http://')}</script>
      <script src="/clients.js"></script>
      <script>analytics.track('Product Viewed', { sku: 'A-1' })</script>`;
  }

  test('loads script and chunks from us and from nobody else, and delivers what was called before it was there', async () => {
    stage.site.put('/snippet', snippetPage());
    const { asked, page } = await stage.site.visit({ path: `/snippet?ajs_uid=${someone('client')}` });
    await taken(stage.house.front, 3);
    const anonymousId = await page.evaluate(() => localStorage.getItem('ajs_anonymous_id'));
    expect((await stage.house.flowOf('snippet')).withheldBy['unknown']).toMatchObject({
      'Page Viewed': 1,
      'Product Viewed': 1,
    });

    await consentFromPage(stage.house, page, 'snippet', JSON.parse(anonymousId ?? '') as string, [PURPOSE]);
    await page.reload();
    await taken(stage.house.front, 6);
    const events = await stage.house.timeline({ anonymousId: JSON.parse(anonymousId ?? '') as string }, PURPOSE);
    expect(namesOf(events).toSorted()).toEqual(['Identify', 'Page Viewed', 'Product Viewed']);

    const origins = new Set(asked.map((url) => new URL(url).origin));
    expect([...origins].sort()).toEqual([stage.house.front.url, stage.site.origin].sort());
    const served = stage.house.front.captured.filter(({ method, answer }) => method === 'GET' && answer === 200);
    expect(served.map(({ path }) => path)).toContain(
      `/analytics.js/v1/${stage.house.keyOf('snippet')}/analytics.min.js`,
    );
    expect(served.filter(({ path }) => path.startsWith('/analytics-next/bundles/')).length).toBeGreaterThan(0);
    expect(stage.house.front.captured.filter(({ answer }) => answer === 404).map(({ path }) => path)).toEqual([]);
  });

  test('a key that is nobody’s and a chunk that is not there are answered with a problem', async () => {
    const unknown = await fetch(`${stage.house.url}/analytics.js/v1/nobody/analytics.min.js`);
    expect([unknown.status, ((await unknown.json()) as { code: string }).code]).toEqual([401, 'write-key-unknown']);
    const missing = await fetch(`${stage.house.url}/analytics-next/bundles/..%2f..%2fpackage.json`);
    expect([missing.status, ((await missing.json()) as { code: string }).code]).toEqual([404, 'not-found']);
  });
});
