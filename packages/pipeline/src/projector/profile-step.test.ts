import type { KeyId } from '@filrouge/ports';
import { expect, test } from 'vitest';
import { AM, PRO, SERVER, TILL, WEB } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { aReceipt, item, ticket } from '../testing/told-items.ts';
import { openTraits } from './profile-step.ts';

const TABLET = 'anonymous_id:tablet';
const day = (n: number) => at(`2026-11-${10 + n}`);

/** What the rows of the tablet still say, by key. */
async function said(world: PipelineWorld): Promise<ReadonlyMap<KeyId, string>> {
  const rows = await world.reading.traits([world.id(TABLET)]);
  const texts = rows.map((row) => [row.key, JSON.stringify(openTraits(world.vault, row))] as const);
  return new Map(texts.filter(([, text]) => text !== '{}'));
}

/** A tablet on which somebody says a name before she signs in and leaves, and another one after her. */
async function sharedTablet(): Promise<PipelineWorld> {
  const world = new PipelineWorld();
  await world.decide(WEB, [TABLET], 'given', [AM, PRO], { at: day(0) });
  const identify = (t: number, traits: Record<string, string>) =>
    world.send(WEB, day(t), [item('identify', [TABLET], { t: day(t), traits })]);
  await identify(1, { nickname: 'Anouk', size: '38' });
  await world.send(WEB, day(2), [item('page', [TABLET, 'user_id:u1'], { t: day(2), session: 'login' })]);
  await world.projector.drain();
  await world.send(WEB, day(3), [item('page', [TABLET], { t: day(3), session: 'logout' })]);
  await world.projector.drain();
  await identify(4, { nickname: 'Bertille' });
  await world.projector.drain();
  return world;
}

test('S14: at a shared terminal each value is sealed under the key of who gave it; erasing one takes that one’s, and no other', async () => {
  const world = await sharedTablet();
  const before = await said(world);
  const names = (text: string): readonly string[] => ['Anouk', 'Bertille'].filter((name) => text.includes(name));
  expect(new Set([...before.values()].map((text) => names(text).join()))).toEqual(new Set(['Anouk', 'Bertille']));
  const [gone] = [...before].flatMap(([key, text]) => (text.includes('Anouk') ? key : []));
  await world.vault.destroy(gone === undefined ? [] : [gone]);
  const expectApart = async (): Promise<void> => {
    const texts = [...(await said(world)).values()].join();
    expect([texts.includes('Anouk'), texts.includes('38'), texts.includes('Bertille')]).toEqual([false, false, true]);
  };
  await expectApart();
  await world.send(WEB, day(5), [item('identify', [TABLET], { t: day(5), traits: { size: '41' } })]);
  await world.projector.drain();
  await expectApart();
  expect([...(await said(world)).values()].join()).toContain('41');
  await world.projector.replay();
  await expectApart();
});

test('S14: what one person said in one key is one row, however often it is said', async () => {
  const world = await sharedTablet();
  await world.send(WEB, day(5), [item('identify', [TABLET], { t: day(5), traits: { nickname: 'Bert' } })]);
  await world.projector.drain();
  expect((await said(world)).size).toBe(2);
});

test('S8 S10: an order at a terminal counts while the terminal’s yes stands, a ticket whatever the terminal says', async () => {
  const world = new PipelineWorld();
  const ada = 'user_id:ada';
  await world.decide(SERVER, [ada], 'given', [PRO], { at: day(0) });
  await world.decide(WEB, [TABLET], 'given', [AM, PRO], { at: day(0) });
  const order = item('order', [ada, TABLET], { t: day(1), receipt: aReceipt('R-1', { kind: 'order' }) });
  await world.send(WEB, day(1), [order]);
  await world.send(TILL, day(2), [ticket([ada], { t: day(2) })]);
  await world.projector.drain();
  expect(await world.reading.purchases([world.id(ada)])).toEqual(
    expect.arrayContaining([expect.objectContaining({ kind: 'order', device: world.id(TABLET) })]),
  );
  expect(await world.traits(ada, PRO, day(3))).toMatchObject({ purchase_count: 2, online_order_count: 1 });
  // After she has signed out: what is decided then is the terminal's word alone.
  await world.send(WEB, day(3), [item('page', [TABLET], { t: day(3), session: 'logout' })]);
  await world.projector.drain();
  await world.decide(WEB, [TABLET], 'withdrawn', [PRO], { at: day(4) });
  expect(await world.traits(ada, PRO, day(5))).toMatchObject({ purchase_count: 1, online_order_count: 0 });
});

test('S11: what a page says of somebody it merely names replaces nothing that was proven, whatever its device agreed to', async () => {
  const world = new PipelineWorld();
  await world.decide(SERVER, ['user_id:ines'], 'given', [PRO], { at: day(0) });
  await world.decide(WEB, ['anonymous_id:evil'], 'given', [AM, PRO], { at: day(0) });
  const traits = (email: string, city: string) => ({ traits: { email, city } });
  await world.send(SERVER, day(1), [
    item('identify', ['user_id:ines'], { t: day(1), traits: { email: 'ines@example.com' } }),
  ]);
  const forged = traits('evil@example.com', 'Evilville');
  await world.send(WEB, day(2), [item('identify', ['user_id:ines', 'anonymous_id:evil'], { t: day(2), ...forged })]);
  await world.projector.drain();
  expect(await world.traits('user_id:ines', PRO, day(3))).toEqual({ email: 'ines@example.com', city: 'Evilville' });
  await world.send(SERVER, day(3), [item('identify', ['user_id:ines'], { t: day(0), traits: { city: 'Lyon' } })]);
  await world.projector.drain();
  expect(await world.traits('user_id:ines', PRO, day(4))).toEqual({ email: 'ines@example.com', city: 'Lyon' });
});
