import { DAY_MS, type Instant } from '@filrouge/domain/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isBalanced } from '../flow-balance.ts';
import { AM, WEB } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { histories, seen, tell } from '../testing/small-world.ts';
import { item } from '../testing/told-items.ts';
import { keepHorizon } from './keep-horizon.ts';
import { SnapshotDamaged } from './replay-base.ts';

const FIRST = at('2026-01-01T12:00:00');
const dayN = (days: number): Instant => (FIRST + days * DAY_MS) as Instant;

/** One page view a day of a visitor who agreed, kept to so many days of journal as in a server that runs all the time. */
async function worldOf(days: number, journalDays: number, aheadOn?: number) {
  const world = new PipelineWorld();
  await world.decide(WEB, ['anonymous_id:v'], 'given', [AM], { at: dayN(0) });
  const tailDays: number[] = [];
  for (let n = 0; n < days; n += 1) {
    await world.send(WEB, dayN(n), [item('page', ['anonymous_id:v'], { t: dayN(n) })]);
    await world.projector.drain();
    const { snapshots } = world.projection;
    if (n === aheadOn) await snapshots.take(dayN(4_000), (position) => world.events.digestUpTo(position));
    await keepHorizon(snapshots, world.events, journalDays, dayN(n));
    const { eldestDay } = await snapshots.horizon();
    tailDays.push(Math.round((dayN(n) - Date.parse(`${eldestDay}T12:00:00Z`)) / DAY_MS));
  }
  return { world, tailDays };
}

/** Takes the identifiers out of a snapshot. */
function damage(world: PipelineWorld, id: number | undefined): void {
  const snapshot = world.database.snapshots.find((one) => one.id === id);
  (snapshot?.tables.get('node') as Map<string, unknown> | undefined)?.clear();
}

describe('S17 the horizon', () => {
  test('the journal grows to its days and no further; a replay reaches back half of them at least', async () => {
    const { world, tailDays } = await worldOf(100, 20);
    expect(tailDays.slice(0, 21)).toEqual(Array.from({ length: 21 }, (_, n) => n));
    expect(new Set(tailDays.slice(21))).toEqual(new Set([20]));
    const [base] = await world.projection.snapshots.list();
    expect(base?.takenAt).toBeLessThanOrEqual(dayN(99 - 10));
    expect((await world.projection.snapshots.list()).length).toBeLessThanOrEqual(3);
  });

  test('a snapshot that was taken while the clock was years ahead holds nothing up', async () => {
    const { tailDays } = await worldOf(70, 20, 30);
    expect(new Set(tailDays.slice(50))).toEqual(new Set([20]));
  });

  test('a replay begins from the eldest snapshot that is whole, and ends in the digests of before', async () => {
    const { world } = await worldOf(60, 20);
    const [before, flow] = [await world.digests(), await world.reading.flow()];
    const snapshots = await world.projection.snapshots.list();
    const first = await world.projector.replay();
    expect(first.from).toEqual(snapshots[0]);
    expect(first.items).toBe(60 - (snapshots[0]?.position ?? 0));
    expect(await world.digests()).toEqual(before);
    expect(await world.reading.flow()).toEqual(flow);

    damage(world, snapshots[0]?.id);
    expect((await world.projector.replay()).from).toEqual(snapshots[1]);
    expect(await world.digests()).toEqual(before);

    for (const { id } of snapshots) damage(world, id);
    await expect(world.projector.replay()).rejects.toThrow(SnapshotDamaged);
    expect(await world.digests(), 'nothing was thrown away').toEqual(before);
  });

  test('events that are not what they were make a snapshot useless, and a replay says so', async () => {
    const { world } = await worldOf(60, 20);
    const { generation } = await world.projection.position();
    await world.events.reset(generation, 3);
    await expect(world.projector.replay()).rejects.toThrow(/none is what it was when it was taken: restore/);
  });

  test('equality for the same snapshot and tail: any history, cut anywhere, with decisions that come after', async () => {
    await fc.assert(
      fc.asyncProperty(histories(10), fc.nat(9), fc.nat(3), async ({ items, afterwards }, cut, drainEvery) => {
        const facts = [...items, ...afterwards];
        const world = await tell(facts.slice(0, cut), { drainEvery: drainEvery + 1 });
        const snapshot = await world.projection.snapshots.take(FIRST, (position) => world.events.digestUpTo(position));
        await tell(facts.slice(cut), { drainEvery: drainEvery + 1, world });
        const [before, answers, flow] = [await world.digests(), await seen(world), await world.reading.flow()];
        await world.projection.reset(snapshot);
        await world.projector.drain();
        expect(await world.digests()).toEqual(before);
        expect(await seen(world)).toEqual(answers);
        expect(await world.reading.flow()).toEqual(flow);
        expect(isBalanced(flow)).toBe(true);
      }),
      { numRuns: Number(process.env['FILROUGE_RUNS'] ?? 15) },
    );
  });

  test('a replay that died before it reached the event store, or after, is finished by whoever projects next', async () => {
    const { world } = await worldOf(60, 20);
    const before = await world.digests();
    const [base] = await world.projection.snapshots.list();
    await world.projection.reset(base);
    await world.openProjector().drain();
    expect(await world.digests()).toEqual(before);
    await world.projection.reset(base);
    const { generation, position } = await world.projection.position();
    await world.events.reset(generation, position);
    await world.openProjector().drain();
    expect(await world.digests()).toEqual(before);
  });
});
