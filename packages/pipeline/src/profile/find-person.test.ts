import { BEGINNING, END, type PersonNumber, personOfThread } from '@filrouge/domain/identity';
import { expect, test } from 'vitest';
import { AM, MAISON, SERVER, WEB } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { consent, item } from '../testing/told-items.ts';
import { findPersonById, ownedSpans } from './find-person.ts';

const NOW = at('2026-11-20T12:00:00');

test('S13: an anonymous visitor is found whole by each name of the terminal, the eldest one included', async () => {
  const world = new PipelineWorld();
  const consents = [consent(SERVER, ['anonymous_id:a1'], 'given', [AM], { at: at('2026-11-01') })];
  await world.send(SERVER, at('2026-11-01'), [], { consents });
  await world.send(WEB, NOW, [item('page', ['anonymous_id:a1'])]);
  await world.send(WEB, NOW, [item('page', ['anonymous_id:a1', 'device_id:d1'])]);
  await world.projector.drain();
  for (const name of ['anonymous_id:a1', 'device_id:d1']) {
    const person = await world.person(name, NOW);
    const devices = person?.devices.map(({ node }) => node.node.namespace).sort();
    expect(devices, name).toEqual(['anonymous_id', 'device_id']);
  }
});

test('an id that no person has, and one of another brand, find nobody', async () => {
  const world = new PipelineWorld();
  const consents = [consent(SERVER, ['user_id:u1'], 'given', [AM], { at: at('2026-11-01') })];
  await world.send(SERVER, at('2026-11-01'), [], { consents });
  await world.send(SERVER, NOW, [item('call', ['user_id:u1'])]);
  await world.projector.drain();
  const person = await world.person('user_id:u1', NOW);
  if (person === undefined) throw new Error('the caller is known');
  expect((await findPersonById(world.reading, MAISON, person.id, NOW))?.id).toBe(person.id);
  expect(await findPersonById(world.reading, 'atelier' as typeof MAISON, person.id, NOW)).toBeUndefined();
});

test('a thread is its own person’s where its map says nothing', () => {
  const world = new PipelineWorld();
  const thread = world.thread('anonymous_id:a1');
  const own = personOfThread(thread);
  const other = personOfThread(world.thread('user_id:u1'));
  const [from, to] = [at('2026-11-01'), at('2026-11-02')];
  expect(ownedSpans(thread, [], own)).toEqual([{ from: BEGINNING, to: END }]);
  expect(ownedSpans(thread, [{ thread, from, to, person: other }], own)).toEqual([
    { from: BEGINNING, to: from },
    { from: to, to: END },
  ]);
  expect(ownedSpans(thread, [{ thread, from, to, person: other }], other)).toEqual([{ from, to }]);
  expect(ownedSpans(thread, [], '7' as PersonNumber)).toEqual([]);
});
