import { describe, expect, test } from 'vitest';
import { aVisit, type BrowserClient, PURPOSE, testResending, testVisits } from './testing/browser-delivery.ts';
import { STAMPED, useBrowserStage } from './testing/browser-stage.ts';
import { namesOf } from './testing/capture.ts';
import type { RudderSettings } from './testing/in-browser.ts';
import { callInPage, taken } from './testing/visit.ts';

const DELIVERIES = ['xhr', 'batch', 'beacon'] as const;
const stage = useBrowserStage([...DELIVERIES.map((id) => ({ id, kind: 'web' }) as const), STAMPED]);

async function openRudder(source: string, more: Partial<RudderSettings> = {}) {
  const { page } = await stage.site.visit();
  const { keyOf, front } = stage.house;
  const settings: RudderSettings = { writeKey: keyOf(source), url: front.url, delivery: 'xhr', ...more };
  const anonymousId = await page.evaluate((one) => globalThis.clients.rudder(one), settings);
  return { page, anonymousId };
}

const by = (delivery: (typeof DELIVERIES)[number]): BrowserClient => ({
  source: delivery,
  open: () => openRudder(delivery, { delivery }),
  visit: aVisit,
  // A beacon is sent when the page is left.
  ...(delivery === 'beacon' ? { leave: (page) => page.goto('about:blank') } : {}),
});

describe.each(DELIVERIES)('@rudderstack/analytics-js, by %s', (delivery) => {
  testVisits(stage, by(delivery));
});

test('@rudderstack/analytics-js with consent management: a declared stamp decides', async () => {
  const { page, anonymousId } = await openRudder('stamped', { consented: { allowed: ['mesure'], denied: ['pub'] } });
  await callInPage(page, [['track', 'Product Viewed', { sku: 'A-1' }]]);
  await taken(stage.house.front, 1);
  expect(namesOf(await stage.house.timeline({ anonymousId }, PURPOSE))).toEqual(['Product Viewed']);
  expect(await stage.house.timeline({ anonymousId }, 'advertising')).toBe('purpose-not-permitted');
  expect(await stage.house.statusesOf(anonymousId)).toMatchObject({
    audience_measurement: 'given',
    advertising: 'refused',
  });
});

testResending('@rudderstack/analytics-js', stage, by('xhr'));
