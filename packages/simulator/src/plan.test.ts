import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fictionPhone, PHONES_MAX } from './invented-names.ts';
import { planOf } from './plan.ts';
import { SEGMENTS } from './segments.ts';
import { shopperOf } from './shopper.ts';
import { worldOf } from './world.ts';

describe('a shopper', () => {
  test('is the same whoever else exists', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000_000), fc.nat(999), (seed, index) => {
        const small = planOf(worldOf({ seed, shoppers: 1_000, days: 60 }), index);
        const large = planOf(worldOf({ seed, shoppers: 1_000_000, days: 60 }), index);
        expect(large).toEqual(small);
      }),
      { numRuns: 60 },
    );
  });

  test('lives between the start and the end, in order', () => {
    const world = worldOf({ seed: 3, shoppers: 400 });
    for (let index = 0; index < 400; index++) {
      const times = planOf(world, index).episodes.map((episode) => episode.at);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      for (const at of times) expect(at >= world.start && at < world.until).toBe(true);
    }
  });

  test('makes receipts, users and cards that no other shares', () => {
    const world = worldOf({ seed: 4, shoppers: 600 });
    const names: string[] = [];
    for (let index = 0; index < 600; index++) {
      const { shopper, episodes } = planOf(world, index);
      names.push(shopper.email);
      for (const { account, card } of shopper.relations)
        names.push(account?.userId ?? `no account ${names.length}`, card?.number ?? `no card ${names.length}`);
      for (const episode of episodes)
        if (episode.kind === 'purchase' || episode.kind === 'refund') names.push(episode.ticketId);
    }
    expect(new Set(names).size).toBe(names.length);
  });

  test('carries a valid EAN-13 as loyalty card', () => {
    const world = worldOf({ seed: 5, shoppers: 200 });
    const cards = Array.from({ length: 200 }, (_, index) => shopperOf(world, index)).flatMap((shopper) =>
      shopper.relations.flatMap((relation) => relation.card?.number ?? []),
    );
    expect(cards.length).toBeGreaterThan(50);
    for (const card of cards) {
      const sum = card.split('').reduce((total, digit, place) => total + Number(digit) * (place % 2 === 0 ? 1 : 3), 0);
      expect([card.length, sum % 10]).toEqual([13, 0]);
    }
  });

  test('segments come in their shares', () => {
    const world = worldOf({ seed: 6, shoppers: 4_000 });
    const counts: Record<string, number> = {};
    for (let index = 0; index < 4_000; index++) {
      const { segment } = shopperOf(world, index);
      counts[segment] = (counts[segment] ?? 0) + 1;
    }
    for (const [name, { share }] of Object.entries(SEGMENTS)) expect((counts[name] ?? 0) / 4_000).toBeCloseTo(share, 1);
  });

  test('has a number of fiction that no other has, until the numbers run out', () => {
    const numbers = Array.from({ length: PHONES_MAX }, (_, index) => fictionPhone(index) ?? '');
    expect(new Set(numbers).size).toBe(PHONES_MAX);
    const fiction = /^\+33(63998|19900|26191|35301|46571|53649)\d{4}$/;
    expect(numbers.filter((number) => !fiction.test(number))).toEqual([]);
    expect(fictionPhone(PHONES_MAX)).toBeUndefined();
  });
});

describe('a world', () => {
  test.each([
    [{ seed: -1, shoppers: 2 }],
    [{ seed: 1.5, shoppers: 2 }],
    [{ seed: 1, shoppers: 1 }],
    [{ seed: 1, shoppers: 1_000_001 }],
    [{ seed: 1, shoppers: 2, days: 0 }],
    [{ seed: 1, shoppers: 2, days: 401 }],
    [{ seed: 1, shoppers: 2, until: Number.NaN }],
  ])('refuses %j', (settings) => {
    expect(() => worldOf(settings)).toThrow(RangeError);
  });

  test('has an even number of shoppers', () => {
    expect(worldOf({ seed: 1, shoppers: 3 }).shoppers).toBe(4);
  });
});
