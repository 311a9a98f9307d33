import type { Page } from 'playwright-core';
import { itemsOf } from './capture.ts';
import type { Captured, CapturingFront } from './capturing-front.ts';
import { until } from './chromium-site.ts';
import { basic, type ClientHouse, consentBody } from './client-house.ts';
import type { BrowserCall } from './in-browser.ts';

/** Days before the visit at which web consents of these tests were given: a web key is believed for seven. */
const CONSENT_DAYS_AGO = 5;

/** The page itself records the choice of its visitor, with the key of its source: across origins, with a preflight. */
export async function consentFromPage(
  house: ClientHouse,
  page: Page,
  source: string,
  anonymousId: string,
  purposes: readonly string[],
): Promise<void> {
  const status = await page.evaluate(({ url, headers, body }) => globalThis.clients.post(url, headers, body), {
    url: `${house.front.url}/v1/consents`,
    headers: basic(house.keyOf(source)),
    body: consentBody({ anonymousId }, purposes, { daysAgo: CONSENT_DAYS_AGO }),
  });
  if (status !== 200) throw new Error(`the page's consent was answered ${status}`);
}

/** Makes the calls on the client that the page has opened. */
export async function callInPage(page: Page, calls: readonly BrowserCall[]): Promise<void> {
  await page.evaluate((list) => globalThis.clients.call(list), calls as BrowserCall[]);
}

/** Requests with events, without preflights, consents and settings. */
export function eventRequests({ captured }: CapturingFront): readonly Captured[] {
  return captured.filter(({ method, path }) => method === 'POST' && path !== '/v1/consents');
}

/** Waits until so many different events have been taken. */
export async function taken(front: CapturingFront, events: number): Promise<void> {
  const ids = (): number =>
    new Set(
      eventRequests(front)
        .filter(({ answer }) => answer === 200)
        .flatMap((request) => itemsOf(request).map(({ messageId }) => messageId)),
    ).size;
  await until(() => ids() >= events, `${events} events are taken`);
}
