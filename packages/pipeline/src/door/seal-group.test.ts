import { DAY_MS, type Instant } from '@filrouge/domain/base';
import { describe, expect, test } from 'vitest';
import { isBalanced } from '../flow-balance.ts';
import { decodeJournaledItem } from '../journaled-item.ts';
import { AM, EM, SERVER, TILL, WEB } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { consent, item, ticket } from '../testing/told-items.ts';

const NOON = at('2026-11-20T12:00:00');

/** A customer whose key was destroyed while the row that names it is still there. */
async function worldOfErased(): Promise<PipelineWorld> {
  const world = new PipelineWorld();
  await world.decide(WEB, ['anonymous_id:a'], 'given', [AM], { at: (NOON - DAY_MS) as Instant });
  await world.send(TILL, NOON, [ticket(['loyalty_card:1'])]);
  const row = [...world.database.view.dataKey.values()].find(({ claim }) => claim === world.id('loyalty_card:1'));
  if (row === undefined) throw new Error('the card has no key');
  await world.vault.destroy([row.id]);
  return world;
}

describe('what is kept is sealed, what is not is a header (S2, S14)', () => {
  test('a key that was destroyed since it was looked up is an erasure that the item meets; the others are kept', async () => {
    const world = await worldOfErased();
    const { items } = await world.send(TILL, NOON, [ticket(['loyalty_card:1']), ticket(['loyalty_card:2'])]);
    expect(items).toEqual([{ kind: 'withheld', reason: 'erased' }, { kind: 'pending' }]);
    const flow = await world.reading.flow();
    expect([flow.accepted, flow.withheld, isBalanced(flow)]).toEqual([3, 1, true]);
  });

  test('so is one that would have gone into quarantine', async () => {
    const world = await worldOfErased();
    const old = ticket(['loyalty_card:1'], { t: (NOON - 401 * DAY_MS) as Instant });
    const { items } = await world.send(TILL, NOON, [old, ticket(['loyalty_card:2'])]);
    expect(items).toEqual([{ kind: 'withheld', reason: 'erased' }, { kind: 'pending' }]);
    expect(await world.reading.quarantined({ state: 'open', limit: 10 })).toEqual([]);
  });

  test('an item whose key is destroyed before it is projected is counted all the same (S2)', async () => {
    const world = await worldOfErased();
    expect(isBalanced(await world.reading.flow())).toBe(true);
    await world.projector.drain();
    const flow = await world.reading.flow();
    expect([flow.accepted, flow.pending, isBalanced(flow)]).toEqual([1, 0, true]);
    await world.projector.replay();
    expect(await world.reading.flow()).toEqual(flow);
  });

  test('the journal row holds the verdict and the times of this instant, and nobody reads it without the key', async () => {
    const world = new PipelineWorld();
    await world.decide(SERVER, ['email:ada@example.com'], 'given', [EM], { at: (NOON - DAY_MS) as Instant });
    const t = (NOON - 1_000) as Instant;
    const row = item('customer', ['email:ada@example.com'], { t, traits: { city: 'Lyon' }, marks: ['bot'] });
    await world.send(SERVER, NOON, [row]);
    const [entry] = [...world.database.view.journal.values()];
    expect(entry?.body.includes('ada@example.com')).toBe(false);
    const [opened] = [...world.vault.openBatch(1, entry?.body ?? Buffer.alloc(0))];
    if (opened?.plaintext.ok !== true) throw new Error('it does not open');
    const stored = decodeJournaledItem(opened.plaintext.value);
    expect(stored).toMatchObject({ t, r: NOON, c: NOON, imported: false, terminal: false, marks: ['bot'] });
    expect((BigInt(stored.purposes) >> BigInt(EM.bit)) & 1n).toBe(1n);
    expect(stored.identifiers[0]?.node).toBe(world.id('email:ada@example.com'));
  });

  test('a group that keeps nothing has no journal row: positions are gapless', async () => {
    const world = new PipelineWorld();
    await world.send(WEB, NOON, [item('page', ['anonymous_id:a'])]);
    await world.send(TILL, NOON, [ticket([])]);
    expect([...world.database.view.journal.values()].map(({ position, items }) => [position, items])).toEqual([[1, 1]]);
  });

  test('the subject of a consent record is sealed, its nodes are hashes', async () => {
    const world = new PipelineWorld();
    const yes = consent(SERVER, ['email:ada@example.com'], 'given', [EM], { at: NOON });
    const decisions = yes.decisions.map((one) => ({ ...one, basis: 'soft-opt-in' as const, reference: 'order-77' }));
    await world.send(SERVER, NOON, [], { consents: [{ ...yes, decisions, evidence: { form: 'secret-form' } }] });
    const facts = JSON.stringify([...world.database.view.fact.values()]);
    const [fact] = [...world.database.view.fact.values()];
    const opened = world.vault.openRecord(`consent/${fact?.recordId}`, fact?.record.sealed ?? Buffer.alloc(0));
    expect(facts).not.toContain('ada@example.com');
    expect(facts).not.toContain('secret-form');
    expect(facts).not.toContain('order-77');
    expect(JSON.parse(opened.ok ? opened.value.toString('utf8') : '{}')).toMatchObject({
      subject: [{ namespace: 'email', value: 'ada@example.com' }],
      references: { email_marketing: 'order-77' },
    });
  });
});
