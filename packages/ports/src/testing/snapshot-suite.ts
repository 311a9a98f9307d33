import { DAY_MS, type Instant } from '@filrouge/domain/base';
import { type Node, threadOf } from '@filrouge/domain/identity';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../snapshot-store.ts';
import { someFacts } from './projected-facts.ts';
import {
  ATELIER,
  aNode,
  day,
  decide,
  journal,
  know,
  NOON,
  type OpenStores,
  type StoresUnderTest,
} from './stores-under-test.ts';

/** Copies of the projections, and the part of the journal that they stand for (S17). */
export function describeSnapshots(open: OpenStores): void {
  describe('snapshots', () => {
    describeTaking(open);
    describePruning(open);
    describeWrongClock(open);
  });
}

/** One journal row received on that day and projected, with some facts of its own. */
async function live(stores: StoresUnderTest, days: number): Promise<void> {
  const receivedAt = (NOON + days * DAY_MS) as Instant;
  stores.setNow(receivedAt);
  const position = await journal(stores, 2, { receivedAt });
  const at = await stores.projection.position();
  const attempt = await stores.projection.begin(at, position);
  const facts = [...someFacts()];
  await stores.projection.project(async (transaction) => {
    await facts.pop()?.(transaction);
    for (const fact of facts) await fact(transaction);
    await transaction.commit({ attempt, position, items: 2, ledgerPosition: at.ledgerPosition, separationPosition: 0 });
  });
}

async function take(stores: StoresUnderTest): Promise<Snapshot> {
  const snapshot = await stores.projection.snapshots.take(NOON, async (position) => `events up to ${position}`);
  if (snapshot === undefined) throw new Error('somebody else takes one');
  return snapshot;
}

function describeTaking(open: OpenStores): void {
  test('S17: what a snapshot holds comes back, with the position it belongs to, and begins another life', async () => {
    const stores = await open();
    const { projection, reading } = stores;
    expect(await projection.snapshots.list()).toEqual([]);
    await live(stores, 0);
    await decide(stores, [aNode()]);
    const [before, digest] = [await projection.position(), await projection.digest()];
    const snapshot = await take(stores);
    expect(snapshot).toMatchObject({ position: 1, takenAt: NOON, events: 'events up to 1' });
    expect(await projection.snapshots.list()).toEqual([snapshot]);
    await live(stores, 1);
    const flow = await reading.flow();
    expect(await projection.digest()).not.toEqual(digest);
    expect(await projection.snapshots.digest(snapshot), 'a copy does not follow').toBe(snapshot.rows);
    for (const _again of [1, 2]) {
      await projection.reset(snapshot);
      expect(await projection.digest()).toEqual(digest);
      const after = await projection.position();
      expect(after).toMatchObject({ position: 1, planned: undefined, ledgerPosition: 0, counted: 2, born: false });
      expect(after.generation).not.toBe(before.generation);
      expect(after.version).toBeGreaterThan(before.version);
    }
    expect(await reading.flow(), 'what was counted is not counted again').toEqual(flow);
    await projection.reset();
    expect(await projection.position()).toMatchObject({ position: 0, born: false });
    await stores.close();
  });

  test('S17: two snapshots of the same projections come to the same, one of others to another', async () => {
    const stores = await open();
    await live(stores, 0);
    const [first, second] = [await take(stores), await take(stores)];
    expect(second.rows).toBe(first.rows);
    await live(stores, 1);
    expect((await take(stores)).rows).not.toBe(first.rows);
    await stores.close();
  });

  test('the whole map of threads is read, page by page, each node once with its spans in order', async () => {
    const stores = await open();
    const [user, device] = [aNode(), aNode('anonymous_id')];
    const span = (node: Node, from: number, to: number) => ({
      thread: threadOf(node.id),
      from: (NOON + from) as Instant,
      to: (NOON + to) as Instant,
      person: threadOf(user.id) as never,
    });
    await know(stores, [user, device], async (transaction) => {
      const entries = new Map([[device.id, [span(device, 5, 9), span(device, 1, 3)]]]);
      await transaction.replaceSpans(ATELIER, [device.id], entries);
    });
    const told = (await all(stores.projection.threadSpans())).flat();
    const spans = [span(device, 1, 3), span(device, 5, 9)].map(({ thread: _thread, ...rest }) => rest);
    expect(told).toEqual([{ brand: ATELIER, thread: threadOf(device.id), spans }]);
    await stores.close();
  });
}

function describePruning(open: OpenStores): void {
  test('S17: without a snapshot nothing of the journal goes', async () => {
    const stores = await open();
    const { snapshots } = stores.projection;
    expect(await snapshots.horizon()).toEqual({ prunedUpTo: 0, eldestDay: undefined });
    await live(stores, 0);
    expect(await snapshots.prune(day(30))).toEqual({ days: [], snapshots: 0 });
    expect(await snapshots.horizon()).toEqual({ prunedUpTo: 0, eldestDay: day(0) });
    await stores.close();
  });

  test('S17: whole days go that a snapshot holds, and snapshots that the journal does not reach any more', async () => {
    const stores = await open();
    const { projection } = stores;
    const { snapshots } = projection;
    await live(stores, 0);
    const early = await take(stores);
    for (const days of [1, 2, 3]) await live(stores, days);
    const late = await take(stores);
    for (const days of [3, 4]) await live(stores, days);

    const held = await snapshots.prune(day(1));
    expect(held.days).toContain(day(0));
    expect(held.snapshots).toBe(0);
    expect(await snapshots.horizon()).toEqual({ prunedUpTo: 1, eldestDay: day(1) });
    expect(await snapshots.list()).toEqual([early, late]);

    const far = await snapshots.prune(day(90));
    expect(far.days, 'the day on which the snapshot was taken is not over').toEqual([day(1), day(2)]);
    expect(far.snapshots).toBe(1);
    expect(await snapshots.horizon()).toEqual({ prunedUpTo: 3, eldestDay: day(3) });
    expect(await snapshots.list()).toEqual([late]);
    expect(await snapshots.digest(late)).toBe(late.rows);
    expect(await snapshots.digest(early), 'nothing is left of it').not.toBe(early.rows);
    const left = await all(projection.journal(0, 99));
    expect(left.map(({ position }) => position)).toEqual([4, 5, 6]);
    await stores.close();
  });
}

/** What a wrong clock did to some of the rows. */
function describeWrongClock(open: OpenStores): void {
  test('S17: a row that is dated long ago takes none of those before it along, one of the future goes with those around it', async () => {
    const stores = await open();
    const { projection } = stores;
    for (const days of [0, 1, -300, 2, 4_000, 3]) await live(stores, days);
    const { snapshots } = projection;
    await take(stores);
    await live(stores, 4);
    const left = async () => (await all(projection.journal(0, 99))).map(({ position }) => position);
    expect(await snapshots.daysReceived(day(1), day(3))).toBe(3);
    expect(await snapshots.daysReceived(day(3_966), day(4_000))).toBe(1);

    await snapshots.prune(day(1), day(5));
    expect(await snapshots.horizon()).toMatchObject({ prunedUpTo: 1 });
    expect(await left()).toEqual([2, 3, 4, 5, 6, 7]);
    await snapshots.prune(day(3), day(5));
    expect(await snapshots.horizon()).toEqual({ prunedUpTo: 5, eldestDay: day(3) });
    expect(await left()).toEqual([6, 7]);
    await stores.close();
  });
}

async function all<T>(source: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = [];
  for await (const one of source) list.push(one);
  return list;
}
