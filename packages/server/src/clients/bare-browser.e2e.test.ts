import { describe, expect, test } from 'vitest';
import { useBrowserStage } from './testing/browser-stage.ts';
import { namesOf } from './testing/capture.ts';
import { until, type VisitOptions } from './testing/chromium-site.ts';
import { someone } from './testing/client-house.ts';
import { callInPage, consentFromPage, eventRequests, taken } from './testing/visit.ts';

const stage = useBrowserStage([
  { id: 'pixel', kind: 'web' },
  { id: 'beacon', kind: 'web' },
  { id: 'bots', kind: 'web' },
  { id: 'signal', kind: 'web' },
]);

const PURPOSE = 'audience_measurement';

async function consented(source: string, purposes: readonly string[], options: VisitOptions = {}) {
  const { page } = await stage.site.visit(options);
  const anonymousId = someone(source);
  await consentFromPage(stage.house, page, source, anonymousId, purposes);
  return { page, anonymousId };
}

describe('an image', () => {
  const data = (item: object): string => Buffer.from(JSON.stringify(item)).toString('base64url');

  test.each([
    {
      title: 'of Segment, its item in one parameter',
      query: (key: string, anonymousId: string) =>
        `/v1/pixel/track?data=${data({ writeKey: key, anonymousId, event: 'Product Viewed', properties: { sku: 'A-1' } })}`,
    },
    {
      title: 'of RudderStack, a parameter for each field',
      query: (key: string, anonymousId: string) =>
        `/pixel/v1/track?writeKey=${key}&anonymousId=${anonymousId}&event=Product%20Viewed&properties.sku=A-1`,
    },
  ])('$title is shown and read back; without a consent it is withheld, and shown all the same', async ({ query }) => {
    const before = await stage.house.flowOf('pixel');
    const { page, anonymousId } = await consented('pixel', [PURPOSE]);
    const stranger = someone('pixel');
    for (const visitor of [anonymousId, stranger]) {
      const address = stage.house.front.url + query(stage.house.keyOf('pixel'), visitor);
      const width = await page.evaluate((src) => globalThis.clients.image(src), address);
      expect(width, 'the image has one pixel').toBe(1);
    }
    const events = await stage.house.timeline({ anonymousId }, PURPOSE);
    expect(events).toMatchObject([{ type: 'track', name: 'Product Viewed', properties: { sku: 'A-1' } }]);
    expect(await stage.house.timeline({ anonymousId: stranger }, PURPOSE)).toBe('profile-not-found');
    const flow = await stage.house.flowOf('pixel');
    expect([flow.accepted - before.accepted, flow.withheld - before.withheld]).toEqual([2, 1]);
  });

  test('whose item cannot be understood is a pixel too: a page can do nothing about it', async () => {
    const { page } = await stage.site.visit();
    const width = await page.evaluate(
      (src) => globalThis.clients.image(src),
      `${stage.house.front.url}/v1/pixel/track?data=%%%`,
    );
    expect(width).toBe(1);
  });
});

test('navigator.sendBeacon on the way out of a page is read back', async () => {
  const { page, anonymousId } = await consented('beacon', [PURPOSE]);
  const body = JSON.stringify({
    batch: [{ type: 'track', event: 'Page Left', anonymousId, messageId: someone('left') }],
  });
  await page.evaluate(({ url, text }) => globalThis.clients.beaconOnLeave(url, text), {
    url: `${stage.house.front.url}/beacon/v1/batch?writeKey=${stage.house.keyOf('beacon')}`,
    text: body,
  });
  await page.goto('about:blank');
  await until(() => eventRequests(stage.house.front).some(({ answer }) => answer === 200), 'the beacon is taken');
  expect(namesOf(await stage.house.timeline({ anonymousId }, PURPOSE))).toEqual(['Page Left']);
});

test('a headless browser is flagged and counted, and what it did is not mixed in', async () => {
  const { page } = await stage.site.visit({ headless: true });
  const settings = { writeKey: stage.house.keyOf('bots'), cdnURL: stage.house.front.url };
  const anonymousId = await page.evaluate((one) => globalThis.clients.segment(one), settings);
  await consentFromPage(stage.house, page, 'bots', anonymousId, [PURPOSE]);
  await callInPage(page, [['page'], ['track', 'Product Viewed', { sku: 'A-1' }]]);
  await taken(stage.house.front, 2);
  expect(await stage.house.flowOf('bots')).toMatchObject({ accepted: 2, kept: 2, withheld: 0, bots: 2 });
  expect(await stage.house.timeline({ anonymousId }, PURPOSE), 'S10: no read for a purpose shows a machine').toEqual(
    [],
  );
});

test('R39: Sec-GPC closes advertising before the first event, and audience measurement stays open', async () => {
  const { page, anonymousId } = await consented('signal', [PURPOSE, 'advertising'], { headers: { 'Sec-GPC': '1' } });
  expect(await stage.house.statusesOf(anonymousId)).toMatchObject({ [PURPOSE]: 'given', advertising: 'given' });
  const item = { anonymousId, event: 'Product Viewed', properties: { sku: 'A-1' }, messageId: someone('gpc') };
  const status = await page.evaluate(({ url, headers, body }) => globalThis.clients.post(url, headers, body), {
    url: `${stage.house.front.url}/v1/t`,
    headers: { 'content-type': 'text/plain' },
    body: JSON.stringify({ ...item, writeKey: stage.house.keyOf('signal') }),
  });
  expect(status).toBe(200);
  expect(eventRequests(stage.house.front).map(({ headers }) => headers['sec-gpc'])).toEqual(['1']);

  await stage.house.server.drain();
  expect(await stage.house.statusesOf(anonymousId)).toMatchObject({
    [PURPOSE]: 'given',
    advertising: expect.stringMatching(/refused|withdrawn|objected/),
  });
  expect(namesOf(await stage.house.timeline({ anonymousId }, PURPOSE))).toEqual(['Product Viewed']);
  expect(await stage.house.timeline({ anonymousId }, 'advertising')).toBe('purpose-not-permitted');
});
