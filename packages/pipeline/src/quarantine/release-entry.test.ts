import { DAY_MS, instant } from '@filrouge/domain/base';
import type { QuarantineItem } from '@filrouge/ports';
import { expect, test } from 'vitest';
import { isBalanced } from '../flow-balance.ts';
import { MAISON, ORDER, SERVER } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { aReceipt, item } from '../testing/told-items.ts';
import { incomingFrom, openQuarantined, releaseOf } from './release-entry.ts';

const FIRST = at('2026-11-10T10:00:00');
const LATER = at('2026-11-20T10:00:00');

async function held(world: PipelineWorld): Promise<QuarantineItem> {
  const old = instant(FIRST - 500 * DAY_MS);
  const order = item('order', ['user_id:u1'], { messageId: 'old', t: old, receipt: aReceipt('R1', { kind: 'order' }) });
  await world.send(SERVER, FIRST, [order]);
  const [entry] = await world.reading.quarantined({ state: 'open', limit: 1 });
  if (entry === undefined) throw new Error('nothing is held');
  return entry;
}

async function release(world: PipelineWorld, entry: QuarantineItem): Promise<string> {
  const opened = openQuarantined(world.vault, entry);
  if (!opened.ok) throw new Error(opened.refusal);
  world.now = LATER;
  const circumstances = { source: SERVER, imported: opened.value.imported, now: LATER };
  const { items } = await world.door.submit(releaseOf(entry, incomingFrom(opened.value), circumstances));
  return items[0]?.kind ?? 'nothing';
}

test('S2 S4: what leaves quarantine keeps its receipt and time, and counts on the day on which it came', async () => {
  const world = new PipelineWorld();
  const entry = await held(world);
  const first = { from: FIRST, to: instant(FIRST + 1) };
  expect(await world.reading.flow(first)).toMatchObject({ accepted: 1, quarantined: 1 });
  expect(await release(world, entry)).toBe('pending');
  expect(await world.reading.flow(first)).toMatchObject({ accepted: 1, quarantined: 0, pending: 1 });
  expect(await world.reading.flow({ from: LATER, to: instant(LATER + 1) })).toMatchObject({ accepted: 0, pending: 0 });
  await world.projector.drain();
  expect(await world.reading.flow(first)).toMatchObject({ accepted: 1, quarantined: 0, kept: 1 });
  expect(isBalanced(await world.reading.flow())).toBe(true);
  expect(await world.timeline('user_id:u1', ORDER, LATER)).toEqual(['old']);
});

test('S2: an entry is let out once, and the second attempt is counted nowhere', async () => {
  const world = new PipelineWorld();
  const entry = await held(world);
  expect([await release(world, entry), await release(world, entry)]).toEqual(['pending', 'duplicate']);
  await world.projector.drain();
  const flow = await world.reading.flow();
  expect(flow).toMatchObject({ accepted: 1, kept: 1, duplicates: 0 });
  expect(isBalanced(flow)).toBe(true);
});

test('S14: an entry whose key was destroyed stays shut', async () => {
  const world = new PipelineWorld();
  const entry = await held(world);
  await world.vault.destroy([entry.key]);
  expect(openQuarantined(world.vault, entry)).toEqual({ ok: false, refusal: 'erased' });
  expect(entry.brand).toBe(MAISON);
});
