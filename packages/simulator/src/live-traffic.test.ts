import { HOUR_MS, MINUTE_MS } from '@filrouge/domain/base';
import { describe, expect, test } from 'vitest';
import { liveTraffic } from './live-traffic.ts';
import { playHistory } from './play-history.ts';
import type { SimulatedRequest } from './request.ts';
import { UNTIL_DEFAULT } from './world.ts';

type Body = {
  readonly batch?: readonly {
    readonly messageId: string;
    readonly anonymousId?: string;
    readonly timestamp?: string;
  }[];
  readonly sentAt: string;
};

/** An hour of live traffic on a clock that jumps from nap to nap. */
async function anHour(seed: number): Promise<SimulatedRequest[]> {
  const sent: SimulatedRequest[] = [];
  const stop = new AbortController();
  let clock = UNTIL_DEFAULT;
  await liveTraffic(
    {
      seed,
      shoppers: 60,
      days: 120,
      until: UNTIL_DEFAULT,
      rate: 0.2,
      now: () => clock,
      wait: async (ms) => {
        clock += ms;
        if (clock >= UNTIL_DEFAULT + HOUR_MS) stop.abort();
      },
    },
    async (request) => {
      expect(request.at).toBeLessThanOrEqual(clock);
      sent.push(request);
    },
    stop.signal,
  );
  return sent;
}

function batchOf(request: SimulatedRequest) {
  return (JSON.parse(request.body) as Body).batch ?? [];
}

describe('live traffic', () => {
  test('comes at about the rate, by the clock, and the same for the same seed and start', async () => {
    const sent = await anHour(8);
    const calls = sent.filter((request) => request.kind === 'calls').reduce((sum, request) => sum + request.items, 0);
    // 720 visits of some seven calls, less what is still under way.
    expect(calls).toBeGreaterThan(2_500);
    expect(calls).toBeLessThan(8_000);
    expect(await anHour(8)).toEqual(sent);
  });

  test('is made by shoppers and terminals of the history, with new message ids', async () => {
    const history = new Set<string>();
    const terminals = new Set<string>();
    await playHistory({ seed: 8, shoppers: 60, days: 120, only: 'calls' }, async (request) => {
      for (const call of batchOf(request)) {
        history.add(call.messageId);
        if (call.anonymousId !== undefined) terminals.add(call.anonymousId);
      }
    });
    const live = (await anHour(8)).flatMap(batchOf);
    const seen = live.filter((call) => call.anonymousId !== undefined && terminals.has(call.anonymousId));
    expect(seen.length / live.length).toBeGreaterThan(0.5);
    expect(live.filter((call) => history.has(call.messageId))).toEqual([]);
  });

  test('carries times of the present', async () => {
    for (const request of await anHour(9)) {
      for (const call of batchOf(request)) {
        if (call.timestamp === undefined) continue;
        const t = request.at - (Date.parse((JSON.parse(request.body) as Body).sentAt) - Date.parse(call.timestamp));
        expect(t).toBeGreaterThan(UNTIL_DEFAULT - MINUTE_MS);
      }
    }
  });

  test('refuses a rate of nothing', async () => {
    const settings = { seed: 1, shoppers: 2, rate: 0, now: () => 0, wait: async () => {} };
    await expect(liveTraffic(settings, async () => {}, new AbortController().signal)).rejects.toThrow(RangeError);
  });
});
