import type { EventStore } from '@filrouge/ports';
import { expect, test } from 'vitest';
import { AM, EM, SERVER, WEB } from '../testing/example-deployment.ts';
import { at, EngineDown, PipelineWorld } from '../testing/pipeline-world.ts';
import { item } from '../testing/told-items.ts';

const NOW = at('2026-11-20T12:00:00');

/** The event store, and its twin that loses the process right after this call. */
function dyingAfter(events: EventStore, call: 'putConsentStates' | 'putThreadSpans'): EventStore {
  return {
    ...events,
    async [call](...told: never) {
      await (events[call] as (...said: never) => Promise<void>)(...told);
      throw new EngineDown('killed after the write');
    },
  };
}

async function separated(world: PipelineWorld, stands: boolean, id: string): Promise<void> {
  const pair = { a: world.node('user_id:u1'), b: world.node('email:e1@example.com') };
  await world.projection.project((transaction) =>
    transaction.putSeparation(SERVER.brand, { ...pair, stands, t: NOW, id, by: 'dana', reason: 'two customers' }),
  );
}

async function linkedWorld(): Promise<PipelineWorld> {
  const world = new PipelineWorld();
  await world.decide(SERVER, ['user_id:u1'], 'given', [EM], { at: NOW });
  await world.decide(SERVER, ['email:e1@example.com'], 'refused', [EM], { at: NOW });
  await world.decide(WEB, ['anonymous_id:a1'], 'given', [AM], { at: NOW });
  await world.send(SERVER, NOW, [item('customer', ['user_id:u1'])]);
  await world.send(WEB, NOW, [item('page', ['anonymous_id:a1', 'user_id:u1'], { t: NOW })]);
  await world.projector.drain();
  await world.send(SERVER, NOW, [item('customer', ['user_id:u1', 'email:e1@example.com'])]);
  return world;
}

for (const call of ['putConsentStates', 'putThreadSpans'] as const) {
  test(`invariant 3: a merge that ${call} told of before the crash, and staff undid before the next attempt, leaves nothing`, async () => {
    const world = await linkedWorld();
    const dying = world.openProjector(dyingAfter(world.events, call));
    await expect(dying.step()).rejects.toThrow(EngineDown);
    await separated(world, true, 's1');
    await world.openProjector().drain();
    const after = await world.digests();
    await world.projector.replay();
    expect(await world.digests()).toEqual(after);
  });

  test(`invariant 3: the same for an un-merge that was taken back (${call})`, async () => {
    const world = await linkedWorld();
    await world.projector.drain();
    await separated(world, true, 's1');
    const dying = world.openProjector(dyingAfter(world.events, call));
    await expect(dying.step()).rejects.toThrow(EngineDown);
    await separated(world, false, 's2');
    await expect(dying.step()).rejects.toThrow(EngineDown);
    await world.openProjector().drain();
    const after = await world.digests();
    await world.projector.replay();
    expect(await world.digests()).toEqual(after);
  });
}

test('invariant 3: a replay that died between the two engines is taken up by the next process', async () => {
  const world = await linkedWorld();
  await world.projector.drain();
  const before = await world.digests();
  await world.projection.reset();
  const next = world.openProjector();
  await next.drain();
  expect(await world.digests()).toEqual(before);
});

test('S13 an identifier is announced to doors when it moves, and only then', async () => {
  const world = await linkedWorld();
  await world.projector.drain();
  const version = (): number => world.database.view.head.get('one')?.identityVersion ?? 0;
  const before = version();
  await world.send(WEB, NOW, [item('page', ['anonymous_id:a1', 'user_id:u1'], { t: NOW })]);
  await world.projector.drain();
  expect(version()).toBe(before);
  await world.send(SERVER, NOW, [item('customer', ['user_id:u1', 'loyalty_card:c1'])]);
  await world.projector.drain();
  expect(version()).toBe(before + 1);
});
