import { type Instant, MINUTE_MS } from '@filrouge/domain/base';
import type { EventRange, EventStore } from '@filrouge/ports';
import { describe, expect, test } from 'vitest';
import { AM, EM, SERVER, TILL, WEB } from '../testing/example-deployment.ts';
import { at, EngineDown, PipelineWorld } from '../testing/pipeline-world.ts';
import { item, ticket } from '../testing/told-items.ts';

const NOON = at('2026-11-20T12:00:00');
const minute = (n: number): Instant => (NOON + n * MINUTE_MS) as Instant;

async function worldWithYes(): Promise<PipelineWorld> {
  const world = new PipelineWorld();
  await world.decide(WEB, ['anonymous_id:a'], 'given', [AM], { at: minute(-60) });
  return world;
}

describe('who is who, range by range (S13)', () => {
  test('a customer who turns out to be an older one keeps the terminals under the older name', async () => {
    const world = await worldWithYes();
    await world.send(TILL, NOON, [ticket(['loyalty_card:old'])]);
    await world.projector.drain();
    const page = (who: readonly string[], n: number) => item('page', who, { t: minute(n), messageId: `page ${n}` });
    await world.send(WEB, minute(3), [page(['user_id:u', 'anonymous_id:a'], 1), page(['anonymous_id:a'], 2)]);
    await world.projector.drain();
    expect(await world.timeline('user_id:u', AM)).toEqual(['page 1', 'page 2']);
    await world.send(TILL, minute(4), [ticket(['user_id:u', 'loyalty_card:old'])]);
    await world.projector.drain();
    expect(await world.timeline('loyalty_card:old', AM)).toEqual(['page 1', 'page 2']);
    expect((await world.person('anonymous_id:a', minute(5)))?.id).toBe((await world.person('loyalty_card:old'))?.id);
  });

  test('a value that only browsers claim, for more than five logins, is nobody’s though nothing was joined by it', async () => {
    const world = await worldWithYes();
    for (const n of [1, 2, 3, 4, 5]) {
      const who = [`user_id:${n}`, 'email:house@example.com', 'anonymous_id:a'];
      await world.send(WEB, minute(n), [item('page', who, { t: minute(n) })]);
      await world.projector.drain();
    }
    expect(await world.person('email:house@example.com')).toBeDefined();
    await world.send(WEB, minute(6), [item('page', ['user_id:6', 'email:house@example.com', 'anonymous_id:a'])]);
    await world.projector.drain();
    expect(await world.person('email:house@example.com')).toBeUndefined();
    const [row] = await world.reading.nodes([world.id('email:house@example.com')]);
    expect(row).toMatchObject({ component: world.id('email:house@example.com'), blocked: 'public-keys' });
  });

  test('a decision that came before the first event is told to the event store with that event', async () => {
    const world = new PipelineWorld();
    await world.decide(SERVER, ['email:ada@example.com'], 'given', [EM], { at: minute(-60) });
    await world.projector.drain();
    await world.send(SERVER, NOON, [item('customer', ['email:ada@example.com'])]);
    await world.projector.drain();
    expect(await world.rows('email:ada@example.com', EM, 'individual', NOON)).toBe(1);
  });
});

describe('the range of an attempt', () => {
  test('its end is durable before the event store is told, and is kept when more has come meanwhile', async () => {
    const world = await worldWithYes();
    const page = () => item('page', ['anonymous_id:a']);
    const told: EventRange[] = [];
    let dies = true;
    const events: EventStore = {
      ...world.events,
      async insertRange(range, rows) {
        expect((await world.projection.position()).planned).toBe(range.to);
        told.push(range);
        await world.events.insertRange(range, rows);
        if (dies) throw new EngineDown('killed');
      },
    };
    await world.send(WEB, NOON, [page()]);
    await world.send(WEB, NOON, [page()]);
    await expect(world.openProjector(events).step()).rejects.toThrow(EngineDown);
    dies = false;
    await world.send(WEB, NOON, [page()]);
    await world.openProjector(events).drain();
    expect(told.map(({ from, to }) => [from, to])).toEqual([
      [1, 2],
      [1, 2],
      [3, 3],
    ]);
    expect(await world.timeline('anonymous_id:a', AM)).toHaveLength(3);
  });

  test('steps never overlap, and say whether more is likely to wait', async () => {
    const world = await worldWithYes();
    await world.send(WEB, NOON, [item('page', ['anonymous_id:a'])]);
    const answers = await Promise.all([world.projector.step(), world.projector.step(), world.projector.step()]);
    expect(answers).toEqual(['some', 'none', 'none']);
    expect(await world.reading.flow()).toMatchObject({ kept: 1, pending: 0 });
  });
});
