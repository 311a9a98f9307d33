import { describe, expect, test } from 'vitest';
import { playHistory } from './play-history.ts';
import type { SimulatedRequest } from './request.ts';
import { RETAILER_CONFIG } from './retailer-config.ts';

const WORLD = { seed: 12, shoppers: 80, days: 200 };

async function play(settings: Partial<Parameters<typeof playHistory>[0]> = {}): Promise<SimulatedRequest[]> {
  const sent: SimulatedRequest[] = [];
  await playHistory({ ...WORLD, ...settings }, async (request) => {
    sent.push(request);
  });
  return sent;
}

type Call = {
  readonly messageId: string;
  readonly timestamp?: string;
  readonly originalTimestamp?: string;
  readonly sentAt?: string;
};
type Body = { readonly batch?: readonly Call[]; readonly sentAt: string };

/** The event times that S4 recovers, by message id; r is the receipt. */
function timesOf(
  requests: readonly SimulatedRequest[],
  receiptOf: (request: SimulatedRequest) => number,
): Map<string, number> {
  const times = new Map<string, number>();
  for (const request of requests) {
    const body = JSON.parse(request.body) as Body;
    for (const call of body.batch ?? []) {
      const stated = Date.parse(call.originalTimestamp ?? call.timestamp ?? '');
      if (!times.has(call.messageId))
        times.set(call.messageId, receiptOf(request) - (Date.parse(call.sentAt ?? body.sentAt) - stated));
    }
  }
  return times;
}

describe('the history played', () => {
  test('comes in order of arrival, from sources of the configuration, in bodies within the limits', async () => {
    const sent = await play();
    const sources = new Set(RETAILER_CONFIG.sources.map((source) => source.id));
    let last = 0;
    for (const request of sent) {
      expect(request.at).toBeGreaterThanOrEqual(last);
      expect(sources.has(request.source)).toBe(true);
      expect(Buffer.byteLength(request.body)).toBeLessThan(500_000);
      last = request.at;
    }
    expect(new Set(sent.map((request) => request.kind))).toEqual(new Set(['calls', 'consents']));
  });

  test('a terminal speaks with its own key for its own anonymous id, and numbers what it says', async () => {
    const last = new Map<string, number>();
    for (const request of await play({ only: 'consents' })) {
      const body = JSON.parse(request.body) as { subject: Record<string, string>; sequence?: number; channel: string };
      if (!/-(web|app|kiosk)$/.test(request.source)) continue;
      expect(Object.keys(body.subject)).toEqual(['anonymousId']);
      const id = body.subject['anonymousId'] ?? '';
      expect(body.sequence).toBe((last.get(id) ?? 0) + 1);
      last.set(id, body.sequence ?? 0);
    }
    expect(last.size).toBeGreaterThan(40);
  });

  test('decides only purposes of the notice it names', async () => {
    const notices = new Map(RETAILER_CONFIG.notices.map((notice) => [notice.id, notice]));
    for (const request of await play({ only: 'consents' })) {
      const body = JSON.parse(request.body) as {
        brand: string;
        notice: { id: string; version: string };
        decisions: { purpose: string }[];
      };
      const notice = notices.get(body.notice.id);
      expect([notice?.version, notice?.brand]).toEqual([body.notice.version, body.brand]);
      for (const { purpose } of body.decisions) expect(notice?.purposes as readonly string[]).toContain(purpose);
    }
  });

  test('S4: a backfill at another clock gives every event its true time, clocks that lie included', async () => {
    const now = Date.UTC(2031, 0, 1);
    const lived = timesOf(await play({ only: 'calls' }), (request) => request.at);
    const backfill = timesOf(await play({ only: 'calls', backfill: { now: () => now } }), () => now);
    expect(backfill.size).toBe(lived.size);
    const off = [...lived].filter(([id, t]) => Math.abs((backfill.get(id) ?? 0) - t) > 1000);
    expect(off).toEqual([]);
  });

  test('S6: a backfill says all choices first, by the servers', async () => {
    const sent = await play({ backfill: { now: () => Date.UTC(2026, 10, 20) } });
    const firstCall = sent.findIndex((request) => request.kind === 'calls');
    expect(sent.slice(firstCall).every((request) => request.kind === 'calls')).toBe(true);
    expect(sent.slice(0, firstCall).every((request) => request.source.endsWith('-server'))).toBe(true);
    expect(sent.length).toBe((await play()).length);
  });

  test('S4: put together in larger requests, the same calls keep their true times', async () => {
    const now = Date.UTC(2031, 0, 1);
    const lived = timesOf(await play({ only: 'calls' }), (request) => request.at);
    const merged = await play({ only: 'calls', backfill: { now: () => now, batch: 100 } });
    for (const request of merged) {
      expect(request.items).toBeLessThanOrEqual(100);
      expect(Buffer.byteLength(request.body)).toBeLessThan(500_000);
    }
    expect(merged.length).toBeLessThan((await play({ only: 'calls' })).length / 20);
    const times = timesOf(merged, () => now);
    expect(times.size).toBe(lived.size);
    expect([...lived].filter(([id, t]) => Math.abs((times.get(id) ?? 0) - t) > 1000)).toEqual([]);
    await expect(play({ backfill: { now: () => now, batch: 501 } })).rejects.toThrow(RangeError);
  });

  test('stops when told', async () => {
    const stop = new AbortController();
    let sent = 0;
    await playHistory({ ...WORLD, signal: stop.signal }, async () => {
      if (++sent === 10) stop.abort();
    });
    expect(sent).toBe(10);
  });
});
