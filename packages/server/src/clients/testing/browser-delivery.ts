import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { BrowserStage } from './browser-stage.ts';
import { eventsOf, idsOf, messageIdsOf, namesOf } from './capture.ts';
import { someone, type Timeline } from './client-house.ts';
import type { BrowserCall } from './in-browser.ts';
import { callInPage, consentFromPage, eventRequests, taken } from './visit.ts';

export const PURPOSE = 'audience_measurement';
const CLOCK_MS = 5_000;

/** What is read back, by type: name and content, and its time where the call states one. */
type Expected = Readonly<Record<string, { readonly name: string; readonly content: object; readonly at?: number }>>;
export type VisitCalls = { readonly calls: readonly BrowserCall[]; readonly expected: Expected };

/** A client as one of its ways to deliver uses it. */
export type BrowserClient = {
  readonly source: string;
  /** Opens a page with the client in it. */
  readonly open: () => Promise<{ readonly page: Page; readonly anonymousId: string }>;
  readonly visit: (userId: string) => VisitCalls;
  /** What makes it send the last of what it holds. */
  readonly leave?: (page: Page) => Promise<unknown>;
};

/** A visit in every call that all browser clients have. */
export function aVisit(userId: string): VisitCalls {
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

function expectVisit(timeline: Timeline, expected: Expected): void {
  const events = eventsOf(timeline);
  expect(events.map(({ type }) => type).sort()).toEqual(Object.keys(expected).sort());
  for (const event of events) {
    const { name, content, at = Date.parse(event.receivedAt) } = expected[event.type] ?? { name: '', content: {} };
    expect(event).toMatchObject({ name, ...content, marks: [] });
    expect(Math.abs(Date.parse(event.at) - at), `${event.type} is off by ms`).toBeLessThan(CLOCK_MS);
  }
}

/** A visit with a consent is read back whole, one without leaves counters alone. */
export function testVisits(stage: BrowserStage, { source, open, visit, leave }: BrowserClient): void {
  const visited = async (page: Page, { calls }: VisitCalls): Promise<void> => {
    await callInPage(page, calls);
    await leave?.(page);
    await taken(stage.house.front, calls.length);
  };

  test('after the page recorded a consent every call is read back on the visitor', async () => {
    const { house } = stage;
    const { page, anonymousId } = await open();
    await consentFromPage(house, page, source, anonymousId, [PURPOSE]);
    const userId = someone('client');
    const said = visit(userId);
    await visited(page, said);

    const events = await house.timeline({ anonymousId }, PURPOSE);
    expectVisit(events, said.expected);
    expect(idsOf(events)).toEqual(messageIdsOf(eventRequests(house.front)));
    expect(await house.timeline({ userId }, PURPOSE), 'the device is the user’s from before the login on').toEqual(
      events,
    );
  });

  test('without a consent every call is counted withheld, and nobody is known', async () => {
    const { house } = stage;
    const before = await house.flowOf(source);
    const { page, anonymousId } = await open();
    const said = visit(someone('client'));
    await visited(page, said);

    const flow = await house.flowOf(source);
    expect(flow.withheld - before.withheld).toBe(said.calls.length);
    expect(flow.kept).toBe(before.kept);
    expect(flow.withheldBy['unknown']).toEqual(
      Object.fromEntries(Object.values(said.expected).map(({ name }) => [name, 1])),
    );
    expect(await house.timeline({ anonymousId }, PURPOSE)).toBe('profile-not-found');
  });
}

/** Refusals that ask for a repetition, and an answer that is lost, are met by sending again. */
export function testResending(title: string, stage: BrowserStage, { source, open }: BrowserClient): void {
  test(`${title} sends again after 503, 429 and a cut connection, and one event is kept`, async () => {
    const { house } = stage;
    const { page, anonymousId } = await open();
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
  });
}
