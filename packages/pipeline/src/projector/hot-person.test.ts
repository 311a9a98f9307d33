import type { Thread } from '@filrouge/domain/identity';
import { createMemoryEventStore, type EventStore } from '@filrouge/ports';
import { expect, test } from 'vitest';
import { AD, AM, SERVER } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { item } from '../testing/told-items.ts';

const DEVICES = 40;

/** A world that notes how many nodes each range folds consent for, and how each stands as a person on advertising. */
function countingWorld() {
  const events = createMemoryEventStore();
  const folded: number[] = [];
  const advertising = new Map<Thread, string | undefined>();
  const counting: EventStore = {
    ...events,
    putConsentStates(standings, attempt) {
      for (const { thread, bit, person } of standings) if (bit === AD.bit) advertising.set(thread, person?.kind);
      folded.push(new Set(standings.map(({ thread }) => thread)).size);
      return events.putConsentStates(standings, attempt);
    },
  };
  return { world: new PipelineWorld({ events: counting }), folded, advertising };
}

test('G18: a person who is met at ever new devices costs the fortieth time what it cost the first', async () => {
  const { world, folded, advertising } = countingWorld();
  const T = at('2026-11-01');
  await world.decide(SERVER, ['user_id:hot'], 'given', [AM], { at: T });
  await world.decide(SERVER, ['user_id:hot'], 'refused', [AD], { at: T });
  for (let n = 0; n < DEVICES; n += 1) {
    await world.send(SERVER, world.now, [item('call', ['user_id:hot', `anonymous_id:a${n}`], { t: T })]);
    await world.projector.drain();
  }
  expect(Math.max(...folded.slice(2)), 'nodes folded in one range').toBeLessThanOrEqual(2);
  const last = advertising.get(world.thread('anonymous_id:a39'));
  expect(last, 'each took over the no of whoever was met there').toBe('refused');
  const before = await world.digests();
  expect(await replayed(world)).toEqual(before);

  // What the person decides is for all of them, and what is decided on one is for the person.
  await world.decide(SERVER, ['user_id:hot'], 'withdrawn', [AM], { at: world.now });
  await world.projector.drain();
  expect(folded.at(-1)).toBeGreaterThan(DEVICES);
  await world.decide(SERVER, ['anonymous_id:a7'], 'refused', [AM], { at: world.now });
  await world.projector.drain();
  const after = await world.digests();
  expect(await replayed(world)).toEqual(after);
});

async function replayed(world: PipelineWorld): Promise<object> {
  await world.projector.replay();
  return world.digests();
}
