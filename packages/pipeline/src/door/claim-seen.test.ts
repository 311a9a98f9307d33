import { DAY_MS, HOUR_MS, type Instant } from '@filrouge/domain/base';
import type { IncomingItem } from '@filrouge/domain/event';
import { createMemoryAppendStore, createMemoryVault, MemoryDatabase, type SeenAnswer } from '@filrouge/ports';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ATELIER_WEB, SERVER, WEB } from '../testing/example-deployment.ts';
import { at } from '../testing/pipeline-world.ts';
import { item, submission } from '../testing/told-items.ts';
import { claimSeen } from './claim-seen.ts';
import { deviceOf, hashItem, personOf } from './hashed-item.ts';

const NOON = at('2026-11-20T12:00:00');
const vault = createMemoryVault();

/** Sends groups of items one after the other; the answers in order. */
async function answers(groups: readonly (readonly IncomingItem[])[]): Promise<readonly SeenAnswer[]> {
  const store = createMemoryAppendStore(new MemoryDatabase(), () => NOON);
  const told: SeenAnswer[] = [];
  for (const items of groups) {
    const one = submission(WEB, NOON, { items });
    const hashed = items.map((_, i) => hashItem(vault, one, i));
    told.push(...(await store.append((transaction) => claimSeen(vault, hashed, (keys) => transaction.claim(keys)))));
  }
  return told;
}

const page = (messageId: string, body: string, t?: Instant): IncomingItem =>
  item('page', ['anonymous_id:a'], { messageId, bodyHash: body.padEnd(32, '0'), ...(t === undefined ? {} : { t }) });

describe('the same item is the same item (S16)', () => {
  test('a repeat inside one group is a duplicate, another body under its id is not', async () => {
    const told = await answers([[page('m', 'a'), page('m', 'a'), page('m', 'b')]]);
    expect(told).toEqual(['new', 'duplicate', 'other-body']);
  });

  test('beside a duplicate of an earlier commit, another body in the same group is told apart', async () => {
    const told = await answers([[page('m', 'a')], [page('m', 'a'), page('m', 'b'), page('m', 'a')]]);
    expect(told).toEqual(['new', 'duplicate', 'other-body', 'duplicate']);
  });

  test('beside another body first, the true repeat is still a duplicate', async () => {
    expect(await answers([[page('m', 'a')], [page('m', 'b'), page('m', 'a')]])).toEqual([
      'new',
      'other-body',
      'duplicate',
    ]);
  });

  test('S2 the retry of another body is a duplicate of it, and is not put into quarantine twice', async () => {
    const told = await answers([[page('m', 'a')], [page('m', 'b'), page('m', 'b')], [page('m', 'b'), page('m', 'c')]]);
    expect(told).toEqual(['new', 'other-body', 'duplicate', 'duplicate', 'other-body']);
  });

  test('a group with endless bodies of one id is answered, and takes none of them twice', async () => {
    const many = Array.from({ length: 50 }, (_, i) => page('m', `${i}x`));
    const told = await answers([many]);
    expect(told.filter((answer) => answer === 'new')).toHaveLength(1);
    expect(told.filter((answer) => answer === 'other-body')).toHaveLength(49);
  });

  test('an id without a day is found whatever day it was claimed under', async () => {
    const told = await answers([[page('m', 'a', (NOON - DAY_MS) as Instant)], [page('m', 'a')], [page('m', 'b')]]);
    expect(told).toEqual(['new', 'duplicate', 'other-body']);
  });

  test('invariant 24: however a run of items is cut into groups, each gets the same answer', async () => {
    const variant = fc.tuple(fc.constantFrom('m1', 'm2'), fc.constantFrom('a', 'b', 'c'), fc.constantFrom(0, -1));
    // A client that states no time never does; one id under two days and none is two ids that nobody can tell apart.
    const told = fc
      .tuple(fc.array(variant, { maxLength: 8 }), fc.boolean())
      .map(([variants, dated]) => variants.map(([id, body, day]) => [id, body, dated ? day : undefined] as const));
    const cuts = fc.array(fc.nat(8), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(told, cuts, async (run, where) => {
        // The client's time is part of the body.
        const items = run.map(([id, body, day]) =>
          page(id, `${body}${day ?? 'none'}`, day === undefined ? undefined : ((NOON + day * DAY_MS) as Instant)),
        );
        const alone = await answers(items.map((one) => [one]));
        const edges = [0, ...where.filter((cut) => cut < items.length).sort((a, b) => a - b), items.length];
        const groups = edges.slice(1).map((to, i) => items.slice(edges[i], to));
        expect(await answers(groups)).toEqual(alone);
      }),
      { numRuns: 200 },
    );
  });

  test('the day is that of the raw client time, whatever the clock was; retries of an old item meet too', async () => {
    const dayOf = (t?: Instant): string | undefined =>
      hashItem(vault, submission(WEB, NOON, { items: [page('m', 'a', t)] }), 0).seen.day;
    expect(dayOf(NOON)).toBe('2026-11-20');
    expect(dayOf((NOON - 12 * HOUR_MS - 1) as Instant)).toBe('2026-11-19');
    expect(dayOf()).toBeUndefined();
    const old = page('m', 'a', (NOON - 100 * DAY_MS) as Instant);
    expect(await answers([[old], [old]])).toEqual(['new', 'duplicate']);
  });

  test('S1 two sources are two spaces of ids, and two brands know unrelated nodes of one value', () => {
    const hashed = [WEB, SERVER, ATELIER_WEB].map((source) =>
      hashItem(vault, submission(source, NOON, { items: [page('m', 'a')] }), 0),
    );
    expect(new Set(hashed.map(({ seen }) => seen.id)).size).toBe(3);
    expect(new Set(hashed.map(({ identifiers }) => identifiers[0]?.node)).size).toBe(2);
  });
});

test('of several identifiers the strongest of each layer is the person and the terminal', () => {
  const who = ['device_id:d', 'email:ada@example.com', 'anonymous_id:a', 'user_id:ada'];
  const hashed = hashItem(vault, submission(WEB, NOON, { items: [item('page', who)] }), 0);
  expect(personOf(hashed.identifiers)?.namespace).toBe('user_id');
  expect(deviceOf(hashed.identifiers)?.namespace).toBe('anonymous_id');
  expect(personOf([])).toBeUndefined();
});
