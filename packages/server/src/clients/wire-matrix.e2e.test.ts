import { describe, expect, test } from 'vitest';
import { type BrowserStage, useBrowserStage } from './testing/browser-stage.ts';
import { deliveries } from './testing/capture.ts';
import { someone } from './testing/client-house.ts';
import type { BrowserCall, RudderSettings, SegmentSettings } from './testing/in-browser.ts';
import { SERVER_CLIENTS } from './testing/server-clients.ts';
import { callInPage, eventRequests, taken } from './testing/visit.ts';
import { type WireForm, wireForms } from './testing/wire-form.ts';

// What each pinned client really sends. A new version that speaks otherwise fails here, before a customer tells us.

const stage = useBrowserStage([
  ...SERVER_CLIENTS.map(({ source }) => ({ id: source, kind: 'server' }) as const),
  { id: 'web', kind: 'web' },
]);

const JSON_TYPE = 'application/json';
const batch = { request: 'POST /v1/batch', auth: ['basic'], contentType: JSON_TYPE, encoding: '' } as const;

const FROM_SERVERS: Readonly<Record<string, WireForm>> = {
  '@segment/analytics-node': {
    ...batch,
    auth: ['basic', 'body'],
    frame: ['batch', 'sentAt', 'writeKey'],
    times: ['timestamp'],
  },
  'analytics-node': { ...batch, frame: ['batch', 'sentAt', 'timestamp'], times: ['timestamp'] },
  '@customerio/cdp-analytics-node': { ...batch, frame: ['batch'], times: ['timestamp'] },
  '@expo/rudder-sdk-node': {
    ...batch,
    contentType: 'application/json;charset=utf-8',
    frame: ['batch', 'sentAt'],
    times: ['timestamp', 'originalTimestamp', 'sentAt'],
  },
  '@rudderstack/rudder-sdk-node': {
    ...batch,
    contentType: 'application/x-www-form-urlencoded',
    encoding: 'gzip',
    frame: ['batch', 'sentAt', 'timestamp'],
    times: ['timestamp', 'originalTimestamp', 'sentAt'],
  },
  '@jitsu/js': {
    request: 'POST /api/s/s2s/track',
    auth: ['x-write-key'],
    contentType: JSON_TYPE,
    encoding: '',
    frame: 'item',
    times: ['timestamp', 'sentAt'],
  },
  '@dittofeed/sdk-node': { ...batch, request: 'POST /api/public/apps/batch', frame: ['batch'], times: [] },
};

describe('clients for servers', () => {
  test.each(SERVER_CLIENTS)('$name', async ({ name, source, open }) => {
    const client = open(stage.house.front.url, stage.house.keyOf(source));
    client.send({ type: 'track', userId: someone('client'), event: 'Product Viewed', at: new Date() });
    await client.flush();
    expect(wireForms(deliveries(stage.house.front.captured), stage.house.keyOf(source))).toEqual([FROM_SERVERS[name]]);
  });

  test('every client that delivers has its row', () => {
    expect(Object.keys(FROM_SERVERS).sort()).toEqual(SERVER_CLIENTS.map(({ name }) => name).sort());
  });
});

/** Everything of a visit: which paths were asked how often, and in which forms the events came. */
async function visit(
  open: (page: Awaited<ReturnType<BrowserStage['site']['visit']>>['page']) => Promise<unknown>,
  calls: readonly BrowserCall[],
  leaves = false,
) {
  const { page } = await stage.site.visit();
  await open(page);
  await callInPage(page, calls);
  if (leaves) await page.goto('about:blank');
  await taken(stage.house.front, calls.length);
  const { captured } = stage.house.front;
  return {
    forms: wireForms(eventRequests(stage.house.front), stage.house.keyOf('web')),
    settings: captured
      .filter(({ method }) => method === 'GET')
      .map(({ path }) => path.replace(stage.house.keyOf('web'), 'KEY')),
    preflighted: captured
      .filter(({ method }) => method === 'OPTIONS')
      .map(({ path, headers }) => `${path} ${headers['access-control-request-headers'] ?? ''}`),
  };
}

const SIX: readonly BrowserCall[] = [
  ['page'],
  ['track', 'A'],
  ['screen', 'B'],
  ['identify', 'client-1'],
  ['group', 'g'],
  ['alias', 'client-1'],
];

describe('clients in browsers', () => {
  const segment = (more: Partial<SegmentSettings> = {}): SegmentSettings => ({
    writeKey: stage.house.keyOf('web'),
    cdnURL: stage.house.front.url,
    ...more,
  });
  const rudder = (delivery: RudderSettings['delivery']): RudderSettings => ({
    writeKey: stage.house.keyOf('web'),
    url: stage.house.front.url,
    delivery,
  });

  test('@segment/analytics-next, standard: a letter for each call, each preflighted once', async () => {
    const { forms, settings, preflighted } = await visit(
      (page) => page.evaluate((one) => globalThis.clients.segment(one), segment()),
      SIX,
    );
    expect(settings).toEqual(['/v1/projects/KEY/settings']);
    const form = {
      auth: ['basic', 'body'],
      contentType: 'text/plain',
      encoding: '',
      frame: 'item',
      times: ['timestamp', 'sentAt'],
    };
    expect(forms.toSorted((a, b) => (a.request < b.request ? -1 : 1))).toEqual(
      ['a', 'g', 'i', 'p', 's', 't'].map((letter) => ({ ...form, request: `POST /v1/${letter}` })),
    );
    expect(preflighted.toSorted()).toEqual(
      ['a', 'g', 'i', 'p', 's', 't'].map((letter) => `/v1/${letter} authorization`),
    );
  });

  test('@segment/analytics-next, batching', async () => {
    const { forms, preflighted } = await visit(
      (page) => page.evaluate((one) => globalThis.clients.segment(one), segment({ batching: true })),
      SIX,
    );
    expect(forms).toEqual([
      {
        request: 'POST /v1/b',
        auth: ['basic', 'body'],
        contentType: 'text/plain',
        encoding: '',
        frame: ['batch', 'sentAt', 'writeKey'],
        times: ['timestamp'],
      },
    ]);
    expect(preflighted).toEqual(['/v1/b authorization']);
  });

  test('@rudderstack/analytics-js by xhr', async () => {
    const { forms, settings, preflighted } = await visit(
      (page) => page.evaluate((one) => globalThis.clients.rudder(one), rudder('xhr')),
      [['page'], ['track', 'A']],
    );
    expect(settings).toEqual(['/sourceConfig/']);
    const form = {
      auth: ['basic'],
      contentType: 'application/json;charset=UTF-8',
      encoding: '',
      frame: 'item',
      times: ['originalTimestamp', 'sentAt'],
    };
    expect(forms).toEqual(['page', 'track'].map((type) => ({ ...form, request: `POST /v1/${type}` })));
    const headers = 'anonymousid,authorization,content-type,sentat';
    expect(preflighted).toEqual(['/sourceConfig/ authorization', `/v1/page ${headers}`, `/v1/track ${headers}`]);
  });

  test('@rudderstack/analytics-js by batch', async () => {
    const { forms } = await visit(
      (page) => page.evaluate((one) => globalThis.clients.rudder(one), rudder('batch')),
      [['page'], ['track', 'A']],
    );
    expect(forms).toEqual([
      {
        request: 'POST /v1/batch',
        auth: ['basic'],
        contentType: 'application/json;charset=UTF-8',
        encoding: '',
        frame: ['batch', 'sentAt'],
        times: ['originalTimestamp', 'sentAt'],
      },
    ]);
  });

  test('@rudderstack/analytics-js by beacon: the key stands in the address, for a beacon has no headers', async () => {
    const { forms } = await visit(
      (page) => page.evaluate((one) => globalThis.clients.rudder(one), rudder('beacon')),
      [['page'], ['track', 'A']],
      true,
    );
    expect(forms).toEqual([
      {
        request: 'POST /beacon/v1/batch',
        auth: [],
        contentType: 'text/plain',
        encoding: '',
        frame: ['batch', 'sentAt'],
        times: ['originalTimestamp', 'sentAt'],
      },
    ]);
    expect(eventRequests(stage.house.front)[0]?.query).toBe(`?writeKey=${stage.house.keyOf('web')}`);
  });
});
