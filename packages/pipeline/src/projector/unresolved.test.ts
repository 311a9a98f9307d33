import { AFFECTED_ROUNDS_MAX } from '@filrouge/domain/identity';
import { expect, test } from 'vitest';
import { AM, WEB } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { item } from '../testing/told-items.ts';

const NOW = at('2026-11-20T12:00:00');

test('S13 a part of the graph that is too large to be resolved is counted, and holds up nothing else', async () => {
  const world = new PipelineWorld();
  const consented = async (names: readonly string[]): Promise<void> => {
    for (const name of names) await world.decide(WEB, [name], 'given', [AM], { at: NOW });
  };
  // A chain of terminals: each is known by two names, and shares one with the next.
  const links = AFFECTED_ROUNDS_MAX + 5;
  for (let n = 0; n < links; n += 1) {
    const names = [`anonymous_id:a${n}`, `anonymous_id:a${n + 1}`];
    await consented([names[0] as string]);
    await world.send(WEB, NOW, [item('page', names, { t: NOW })]);
    await world.projector.drain();
  }
  expect(world.projector.unresolved).toBeGreaterThan(0);

  await consented(['anonymous_id:other']);
  const before = world.projector.unresolved;
  await world.send(WEB, NOW, [item('page', ['anonymous_id:other'], { t: NOW })]);
  await world.projector.drain();
  expect(world.projector.unresolved).toBe(before);
  expect(await world.projection.position()).toMatchObject({ position: links + 1 });
});
