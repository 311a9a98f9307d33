import { DAY_MS, HOUR_MS } from '@filrouge/domain/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Plan } from './episode.ts';
import { planOf } from './plan.ts';
import type { Shopper } from './shopper.ts';
import { lastBegun, UNTIL_DEFAULT, worldOf } from './world.ts';

const seed = fc.nat(1_000_000);
const index = fc.nat(999);
const days = fc.integer({ min: 1, max: 400 });
/** Any instant of eight years, nights on which the clocks change among them. */
const until = fc.integer({ min: Date.UTC(2022, 0, 1), max: Date.UTC(2030, 0, 1) });

/** Everything that names somebody. */
function whoIsWho({ person, segment, email, phone, relations, household }: Shopper): unknown {
  return {
    person,
    segment,
    email,
    phone,
    household,
    relations: relations.map(({ brand, homeStore, account, card, terminals }) => ({
      brand,
      store: homeStore.id,
      account: account?.userId,
      attitude: account?.attitude,
      card: [card?.number, card?.linked, card?.attitude],
      terminals: terminals.map(({ anonymousId, deviceId, attitude, skewMs }) => [
        anonymousId,
        deviceId,
        attitude,
        skewMs,
      ]),
    })),
  };
}

const happened = ({ episodes }: Plan) => episodes.map(({ kind, key, at }) => `${kind} ${key} ${at}`);

describe('a world and the day on which it ends', () => {
  test('who is who is the same whenever it ends', () => {
    fc.assert(
      fc.property(seed, index, days, until, until, (seed, index, days, one, other) => {
        const [a, b] = [one, other].map(
          (until) => planOf(worldOf({ seed, shoppers: 1_000, days, until }), index).shopper,
        );
        expect(whoIsWho(a as Shopper)).toEqual(whoIsWho(b as Shopper));
      }),
      { numRuns: 100 },
    );
  });

  test('a later hour of the same day: the same has happened, and more', () => {
    fc.assert(
      fc.property(
        seed,
        index,
        days,
        until,
        fc.integer({ min: 1, max: DAY_MS - 1 }),
        (seed, index, days, until, later) => {
          const early = worldOf({ seed, shoppers: 1_000, days, until });
          const late = worldOf({ seed, shoppers: 1_000, days, until: Math.min(until + later, early.end) });
          fc.pre(early.end > until && late.midnight === early.midnight);
          const all = planOf(late, index);
          const begun = { ...all, episodes: all.episodes.filter(({ at }) => at < lastBegun(early)) };
          expect(happened(planOf(early, index))).toEqual(happened(begun));
        },
      ),
      { numRuns: 200 },
    );
  });

  test('a day later the same is bought, on days that the calendar moves', () => {
    const totals = (until: number) => {
      const world = worldOf({ seed: 7, shoppers: 1_000, days: 90, until });
      return Array.from({ length: 1_000 }, (_, index) => planOf(world, index).episodes).flatMap((episodes) =>
        episodes.flatMap((each) => (each.kind === 'purchase' ? `${each.key} ${each.basket.totalMinor}` : [])),
      );
    };
    const today = new Set(totals(UNTIL_DEFAULT));
    for (const shift of [DAY_MS, 30 * DAY_MS, 200 * DAY_MS]) {
      const then = totals(worldOf({ seed: 7, shoppers: 2, until: UNTIL_DEFAULT - shift }).midnight);
      expect(then.length).toBe(today.size);
      expect(then.filter((each) => !today.has(each))).toEqual([]);
    }
  });

  test('its days are those of Paris, and it begins and ends where they do', () => {
    fc.assert(
      fc.property(days, until, (days, until) => {
        const { start, midnight, end } = worldOf({ seed: 1, shoppers: 2, days, until });
        expect(midnight <= until && until <= end && end - midnight <= 25 * HOUR_MS).toBe(true);
        expect(Math.round((midnight - start) / DAY_MS)).toBe(days);
      }),
    );
    const { start, midnight, end } = worldOf({ seed: 1, shoppers: 2 });
    expect([start, midnight, end]).toEqual([UNTIL_DEFAULT - 365 * DAY_MS, UNTIL_DEFAULT, UNTIL_DEFAULT]);
  });
});
