import { DAY_MS, type Instant } from '@filrouge/domain/base';
import { beforeEach, describe, expect, test } from 'vitest';
import { AD, ATELIER, EM, PRO, SERVER, SM, WEB } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { consent, item } from '../testing/told-items.ts';

const ERASED = at('2026-05-01T12:00:00');
const LATER = at('2026-06-01T12:00:00');
const ADA = 'user_id:ada';
const KEPT = { kind: 'pending' };
const GONE = { kind: 'withheld', reason: 'erased' };

/** Ada was a customer and was erased; the row that names her destroyed key is still there. */
async function worldOfErased(): Promise<PipelineWorld> {
  const world = new PipelineWorld();
  await world.decide(SERVER, [ADA], 'given', [PRO], { at: at('2026-01-01') });
  expect((await world.send(SERVER, at('2026-02-01'), [item('identify', [ADA])])).items).toEqual([KEPT]);
  await world.entomb(ADA, ERASED);
  await world.vault.destroy([keyOf(world).id]);
  return world;
}

function keyOf(world: PipelineWorld) {
  const row = [...world.database.view.dataKey.values()].find(({ claim }) => claim === world.id(ADA));
  if (row === undefined) throw new Error('no key');
  return row;
}

describe('S14 consent and who was erased', () => {
  let world: PipelineWorld;
  beforeEach(async () => {
    world = await worldOfErased();
  });
  const track = (now: Instant, t = now) => world.send(SERVER, now, [item('track', [ADA], { t })]);
  const liftedAt = () => world.database.view.tombstone.get(world.id(ADA))?.liftedAt;

  test('a decision is recorded under a fresh key, beside those of others; nothing that was sealed before opens', async () => {
    const before = keyOf(world);
    const decisions = [
      consent(WEB, [ADA, 'anonymous_id:a'], 'refused', [EM], { at: LATER }),
      consent(SERVER, ['user_id:bob'], 'given', [EM], { at: LATER }),
      consent(WEB, [ADA], 'refused', [PRO], { at: LATER }),
    ];
    const { consents } = await world.send(WEB, LATER, [], { consents: decisions });
    expect(consents.map(({ kind }) => kind)).toEqual(['recorded', 'recorded', 'recorded']);
    const facts = [...world.database.view.fact.values()];
    const opened = facts.map(({ record }) => world.vault.openRecord(`consent/${record.recordId}`, record.sealed).ok);
    expect(opened).toEqual([false, true, true, true]);
    expect(keyOf(world).id).not.toBe(before.id);
    expect(facts.filter(({ record }) => record.key === keyOf(world).id)).toHaveLength(2);
    const { consents: again } = await world.send(WEB, LATER, [], {
      consents: [consent(WEB, [ADA], 'refused', [EM], { at: LATER })],
    });
    expect(again).toMatchObject([{ kind: 'recorded' }]);
    expect([...world.database.view.fact.values()].at(-1)?.record.key).toBe(keyOf(world).id);
    expect((await track(LATER)).items).toEqual([GONE]);
  });

  test('a yes through a verified channel is a new registration: from its own time on, for its own group too', async () => {
    const yes = consent(SERVER, [ADA], 'given', [PRO], { at: LATER });
    const now = (LATER + 60_000) as Instant;
    const items = [item('track', [ADA], { t: (LATER - 1) as Instant }), item('track', [ADA], { t: now })];
    const told = await world.send(SERVER, now, items, { consents: [yes] });
    expect(told.items).toEqual([GONE, KEPT]);
    expect(liftedAt()).toBe(LATER);
    expect((await track((LATER + DAY_MS) as Instant)).items).toEqual([KEPT]);
    await world.projector.drain();
    expect(await world.timeline(ADA, PRO)).toHaveLength(2);
  });

  test('no other word is: a no, a public key’s yes, one from before the erasure, one of a file', async () => {
    await world.decide(SERVER, [ADA], 'refused', [PRO], { at: LATER });
    await world.decide(WEB, [ADA], 'given', [PRO], { at: LATER });
    await world.decide(SERVER, [ADA], 'given', [PRO], { at: (ERASED - DAY_MS) as Instant, received: LATER });
    const evidence = { form: 'scan-7' };
    const row = { ...consent(SERVER, [ADA], 'given', [PRO], { at: LATER }), evidence };
    await world.send(SERVER, LATER, [], { consents: [row], imported: true });
    expect(liftedAt()).toBeUndefined();
    expect((await track((LATER + DAY_MS) as Instant)).items).toEqual([GONE]);
  });

  test('who signs up anew gets a fresh key too, while the row of the old one is still there', async () => {
    const signedUp = item('track', [ADA], { t: LATER, name: 'Signed Up' });
    await world.decide(WEB, ['anonymous_id:a'], 'given', [PRO], { at: LATER });
    const call = item('call', [ADA], { t: LATER });
    expect((await world.send(SERVER, LATER, [signedUp, call])).items).toEqual([expect.anything(), KEPT]);
    expect(liftedAt()).toBe(LATER);
    await world.projector.drain();
    expect(await world.reading.nodes([world.id(ADA)])).toHaveLength(1);
  });

  test('example 14: who registers anew stands on nothing that was said before the erasure, but for an objection', async () => {
    const again = new PipelineWorld();
    await again.decide(SERVER, [ADA], 'given', [PRO, EM], { at: at('2026-01-01') });
    await again.decide(SERVER, [ADA], 'objected', [AD], { at: at('2026-01-02') });
    await again.decide(SERVER, [ADA], 'refused', [SM], { at: at('2026-01-02') });
    await again.send(SERVER, at('2026-02-01'), [item('identify', [ADA])]);
    await again.projector.drain();
    const statuses = () => Promise.all([PRO, EM, AD, SM].map((of) => again.status(ADA, of, LATER)));
    expect(await statuses()).toEqual(['given', 'given', 'objected', 'refused']);
    await again.entomb(ADA, ERASED);
    await again.send(SERVER, LATER, [item('track', [ADA], { t: LATER, name: 'Signed Up' })]);
    expect(await statuses()).toEqual(['unknown', 'unknown', 'objected', 'unknown']);
    const visit = await again.send(SERVER, LATER, [item('track', [ADA], { t: LATER })]);
    expect(visit.items).toEqual([{ kind: 'withheld', reason: 'objected' }]);
    const told = await again.reading.ledger([again.id(ADA)], 10);
    expect(told.map(({ purpose }) => purpose)).toEqual([AD.id]);
    await again.decide(SERVER, [ADA], 'given', [PRO], { at: LATER });
    expect(await statuses()).toEqual(['given', 'unknown', 'objected', 'unknown']);
  });

  test('S1 a yes that counts for another brand registers there too', async () => {
    await world.entomb('email:ada@example.com', ERASED, ATELIER);
    const both = { at: LATER, notice: 'house', brands: [ATELIER] };
    await world.decide(SERVER, ['email:ada@example.com'], 'given', [EM], both);
    const tombstone = world.database.view.tombstone.get(world.id('email:ada@example.com', ATELIER));
    expect(tombstone?.liftedAt).toBe(LATER);
  });
});
