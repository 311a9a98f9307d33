import type { EventStore, ProjectionStore } from '@filrouge/ports';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isBalanced } from '../flow-balance.ts';
import { SERVER, TILL } from '../testing/example-deployment.ts';
import { EngineDown, type PipelineWorld } from '../testing/pipeline-world.ts';
import { histories, seen, shuffled, tell, tellOtherBrand } from '../testing/small-world.ts';
import { item, ticket } from '../testing/told-items.ts';

const RUNS = Number(process.env['FILROUGE_RUNS'] ?? 15);
const seeds = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 2 });

describe('small worlds: the same facts, the same answers', () => {
  test('S3 S13 invariant 2: in any order of arrival', async () => {
    await fc.assert(
      fc.asyncProperty(histories(), seeds, async ({ items, afterwards }, others) => {
        const first = await seen(await tell([...items, ...afterwards], { drainEvery: 3 }));
        for (const seed of others) {
          const facts = [...shuffled(items, seed), ...shuffled(afterwards, seed)];
          expect(await seen(await tell(facts, { drainEvery: (seed % 4) + 1 }))).toEqual(first);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('invariant 24: in any batches, and whenever the projector runs', async () => {
    await fc.assert(
      fc.asyncProperty(histories(), fc.nat(6), fc.nat(6), async ({ items, afterwards }, batch, drainEvery) => {
        const facts = [...items, ...afterwards];
        const first = await seen(await tell(facts));
        expect(await seen(await tell(facts, { batch: batch + 1, drainEvery: drainEvery + 1 }))).toEqual(first);
      }),
      { numRuns: RUNS },
    );
  });

  test('invariants 1 and 2: everything sent twice changes nothing but the count of duplicates', async () => {
    await fc.assert(
      fc.asyncProperty(histories(10), async ({ items }) => {
        const once = await tell(items, { drainEvery: 4 });
        const twice = await tell(items, { drainEvery: 4, twice: true });
        expect(await seen(twice)).toEqual(await seen(once));
        const [a, b] = [await once.reading.flow(), await twice.reading.flow()];
        const { duplicates: _a, bySource: _x, ...left } = a;
        const { duplicates: _b, bySource: _y, ...right } = b;
        expect(right).toEqual(left);
        expect([isBalanced(a), isBalanced(b)]).toEqual([true, true]);
        expect(b.duplicates).toBe(b.accepted);
      }),
      { numRuns: RUNS },
    );
  });

  test('invariant 22: what another brand does with the same names changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(histories(10), histories(6), async ({ items, afterwards }, other) => {
        const world = await tell([...items, ...afterwards]);
        const before = await seen(world);
        await tellOtherBrand(world, other.items);
        expect(await seen(world)).toEqual(before);
      }),
      { numRuns: RUNS },
    );
  });

  test('invariant 24: a person whom nobody here knows changes nothing for the others', async () => {
    await fc.assert(
      fc.asyncProperty(histories(10), fc.nat(3), async ({ items, afterwards }, drainEvery) => {
        const facts = [...items, ...afterwards];
        const before = await seen(await tell(facts, { drainEvery: drainEvery + 1 }));
        const world = await tell([...stranger, ...facts], { drainEvery: drainEvery + 1 });
        expect(await seen(world)).toEqual(before);
      }),
      { numRuns: RUNS },
    );
  });

  test('invariant 3: a replay ends in the digests of the first life', async () => {
    await fc.assert(
      fc.asyncProperty(histories(), fc.nat(4), async ({ items, afterwards }, drainEvery) => {
        const world = await tell([...items, ...afterwards], { drainEvery: drainEvery + 1 });
        const [before, flow] = [await world.digests(), await world.reading.flow()];
        await world.projector.replay();
        expect(await world.digests()).toEqual(before);
        expect(await world.reading.flow()).toEqual(flow);
        expect(isBalanced(flow)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  test('known facts: a projector that remembers and one that forgets end in the same digests, row by row or at once', async () => {
    await fc.assert(
      fc.asyncProperty(histories(), async ({ items, afterwards }) => {
        const world = await tell([...items, ...afterwards]);
        const before = await world.digests();
        await world.projector.replay();
        const store = rowByRow(world.projection);
        const warm = world.openProjector(world.events, store);
        await warm.replay();
        expect(await world.digests()).toEqual(before);
        await world.projection.reset();
        await world.events.reset((await world.projection.position()).generation);
        for (;;) {
          const cold = world.openProjector(world.events, store);
          const worked = await cold.step();
          await cold.release();
          if (worked === 'none') break;
        }
        expect(await world.digests()).toEqual(before);
      }),
      { numRuns: RUNS },
    );
  });

  test('invariant 3: a crash after the event store was written, then the same range: nothing doubled, nothing left over', async () => {
    await fc.assert(
      fc.asyncProperty(histories(10), fc.nat(8), fc.nat(3), async ({ items, afterwards }, when, where) => {
        const world = await tell([...items, ...afterwards]);
        const before = await world.digests();
        await world.projection.reset();
        await world.events.reset((await world.projection.position()).generation);
        await crashing(world, when, where);
        expect(await world.digests()).toEqual(before);
        expect(isBalanced(await world.reading.flow())).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });
});

const stranger: Parameters<typeof tell>[0] = [
  { kind: 'item', source: SERVER, item: item('customer', ['user_id:stranger', 'email:stranger@example.com']) },
  { kind: 'item', source: TILL, item: ticket(['user_id:stranger', 'anonymous_id:elsewhere']) },
];

/** The store, one journal row a range. */
function rowByRow(store: ProjectionStore): ProjectionStore {
  return { ...store, rangeAfter: (position) => store.rangeAfter(position, 1) };
}

/** Projects everything, with a process that dies at the nth step, once the event store has taken something. */
async function crashing(world: PipelineWorld, when: number, where: number): Promise<void> {
  let steps = 0;
  const calls = ['insertRange', 'putThreadSpans', 'putConsentStates'] as const;
  const dying = calls[where % calls.length] ?? 'insertRange';
  const events: EventStore = {
    ...world.events,
    async [dying](...told: never) {
      await (world.events[dying] as (...said: never) => Promise<void>)(...told);
      steps += 1;
      if (steps === when + 1) throw new EngineDown('killed after the write');
    },
  };
  const store = rowByRow(world.projection);
  const first = world.openProjector(events, store);
  await first.drain().catch((fault: unknown) => {
    if (!(fault instanceof EngineDown)) throw fault;
  });
  await world.openProjector(world.events, store).drain();
}
