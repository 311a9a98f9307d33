import { AttemptSuperseded, type ProjectionStore } from '@filrouge/ports';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isBalanced } from '../flow-balance.ts';
import { SERVER, WEB } from '../testing/example-deployment.ts';
import { at, EngineDown, type PipelineWorld } from '../testing/pipeline-world.ts';
import { histories, tell } from '../testing/small-world.ts';
import { item } from '../testing/told-items.ts';
import { ProjectedElsewhere } from './projector.ts';

const RUNS = Number(process.env['FILROUGE_RUNS'] ?? 15);
const NOW = at('2026-11-20T12:00:00');

async function someWorld(): Promise<PipelineWorld> {
  const world = await tell([]);
  await world.send(SERVER, NOW, [item('customer', ['user_id:u1', 'email:e1@example.com'])]);
  await world.send(WEB, NOW, [item('page', ['anonymous_id:a1', 'user_id:u1'], { t: NOW })]);
  return world;
}

test('one projects, the other stands by and takes over once the first lets go', async () => {
  const world = await someWorld();
  const other = world.openProjector();
  expect([await world.projector.step(), await other.step()]).toEqual(['some', 'standby']);
  await world.send(WEB, NOW, [item('page', ['anonymous_id:a1'], { t: NOW })]);
  expect(await other.step()).toBe('standby');
  await world.projector.release();
  expect([await other.step(), await world.projector.step()]).toEqual(['some', 'standby']);
});

test('a fault gives up the right to project: another process may fare better', async () => {
  const world = await someWorld();
  const unlucky = world.openProjector({
    ...world.events,
    insertRange: async () => {
      throw new EngineDown('unreachable from here');
    },
  });
  await expect(unlucky.step()).rejects.toThrow(EngineDown);
  expect(await world.projector.step()).toBe('some');
});

test('draining in a process that stands by waits for the one that projects, and takes over where it ends', async () => {
  const world = await someWorld();
  const [first, other] = [world.openProjector(), world.openProjector()];
  await first.step();
  await world.send(WEB, NOW, [item('page', ['anonymous_id:a1'], { t: NOW })]);
  let isDrained = false;
  const drained = other.drain().then(() => {
    isDrained = true;
  });
  await expect(world.openProjector().replay()).rejects.toThrow(ProjectedElsewhere);
  expect(isDrained).toBe(false);
  await first.release();
  await drained;
  expect((await world.reading.flow()).pending).toBe(0);
  expect(await first.step(), 'a drain gives back what it took').toBe('none');
});

/** The store of a process that believes to have the lease, whoever has it: what a lost connection leaves for a moment. */
function presuming(store: ProjectionStore, pace: () => Promise<void>): ProjectionStore {
  const lease = { isHeld: async () => true, release: async () => undefined };
  return {
    ...store,
    lease: async () => lease,
    rangeAfter: (position) => store.rangeAfter(position, 2),
    async project(work) {
      await pace();
      return store.project(work);
    },
    async *journal(after, upTo) {
      await pace();
      yield* store.journal(after, upTo);
    },
  };
}

test('invariant 3: processes that all believe to be the one count nothing twice, and end in the digests of one', async () => {
  let superseded = 0;
  await fc.assert(
    fc.asyncProperty(histories(12), fc.scheduler(), async ({ items, afterwards }, scheduler) => {
      const world = await tell([...items, ...afterwards]);
      const [expected, flow] = [await world.digests(), await world.reading.flow()];
      await world.projection.reset();
      await world.database.transaction((draft) => {
        const before = draft.projector.get('one');
        if (before !== undefined) draft.projector.put('one', { ...before, counted: 0 });
        draft.kept.clear();
        draft.quarantine.clear();
      });
      const store = presuming(world.projection, () => scheduler.schedule(Promise.resolve()));
      const run = async (): Promise<void> => {
        const projector = world.openProjector(world.events, store);
        for (let tries = 0; tries < 500; tries += 1) {
          try {
            if ((await projector.step()) === 'none') return;
          } catch (fault) {
            if (!(fault instanceof AttemptSuperseded)) throw fault;
            superseded += 1;
          }
        }
      };
      await scheduler.waitFor(Promise.all([run(), run(), run()]));
      await world.openProjector().drain();
      expect(await world.digests()).toEqual(expected);
      expect(await world.reading.flow()).toEqual(flow);
      expect(isBalanced(flow)).toBe(true);
    }),
    { numRuns: RUNS },
  );
  expect(superseded).toBeGreaterThan(RUNS);
});
