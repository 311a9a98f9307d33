import type { Instant } from '@filrouge/domain/base';
import type { Source } from '@filrouge/domain/deployment';
import type { ItemKind } from '@filrouge/domain/event';
import { beforeEach, describe, expect, test } from 'vitest';
import { MAISON, PRO, SERVER, TILL, WEB } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { item, submission } from '../testing/told-items.ts';
import type { ItemOutcome } from './submission.ts';

const NOW = at('2026-11-20T12:00:00');
const BEFORE = { at: at('2026-11-01') };

describe('S3 S8 an item stands on all identifiers in it and the links already known', () => {
  let world: PipelineWorld;
  beforeEach(() => {
    world = new PipelineWorld();
  });

  async function outcome(
    source: Source,
    kind: ItemKind,
    who: readonly string[],
    t: Instant = NOW,
  ): Promise<ItemOutcome> {
    const { items } = await world.send(source, NOW, [item(kind, who, { t })]);
    await world.projector.drain();
    return items[0] as ItemOutcome;
  }

  test('the identify that brings a card to an account stands on the yes given for the card', async () => {
    await world.decide(SERVER, ['loyalty_card:c1'], 'given', [PRO], BEFORE);
    expect(await outcome(SERVER, 'identify', ['user_id:ada', 'loyalty_card:c1'])).toEqual({ kind: 'pending' });
    expect(await outcome(SERVER, 'identify', ['user_id:ada'])).toEqual({ kind: 'pending' });
  });

  test('and on the no: the latest fact of both decides', async () => {
    await world.decide(SERVER, ['user_id:ada'], 'given', [PRO], BEFORE);
    await world.decide(SERVER, ['loyalty_card:c1'], 'refused', [PRO], { at: at('2026-11-02') });
    const withheld = { kind: 'withheld', reason: 'refused' };
    expect(await outcome(SERVER, 'identify', ['user_id:ada', 'loyalty_card:c1'])).toEqual(withheld);
  });

  test('S11 what a browser says proves nothing: a yes does not cross, a no does', async () => {
    await world.decide(SERVER, ['email:ada@example.com'], 'given', [PRO], BEFORE);
    const unknown = { kind: 'withheld', reason: 'unknown' };
    expect(await outcome(WEB, 'identify', ['user_id:ada', 'email:ada@example.com'])).toEqual(unknown);
    await world.decide(SERVER, ['user_id:ada'], 'given', [PRO], BEFORE);
    expect(await outcome(WEB, 'identify', ['user_id:ada', 'email:ada@example.com'])).toEqual(unknown);
    expect(await outcome(SERVER, 'identify', ['user_id:ada'])).toEqual({ kind: 'pending' });
    await world.decide(SERVER, ['email:bob@example.com'], 'refused', [PRO], { at: at('2026-10-01') });
    const refused = { kind: 'withheld', reason: 'refused' };
    expect(await outcome(WEB, 'identify', ['user_id:ada', 'email:bob@example.com'])).toEqual(refused);
  });

  test('S13 an address that is another account’s lends nothing, though a server names it', async () => {
    await world.decide(SERVER, ['user_id:bob'], 'given', [PRO], BEFORE);
    expect(await outcome(SERVER, 'identify', ['user_id:bob', 'email:home@example.com'])).toEqual({ kind: 'pending' });
    const unknown = { kind: 'withheld', reason: 'unknown' };
    expect(await outcome(SERVER, 'identify', ['user_id:ada', 'email:home@example.com'])).toEqual(unknown);
  });

  test('S13 two that staff keep apart lend each other no yes, though an item proves them one; a no still closes', async () => {
    const both = ['user_id:ada', 'loyalty_card:c1'];
    const pending = { kind: 'pending' };
    await world.decide(SERVER, ['loyalty_card:c1'], 'given', [PRO], BEFORE);
    const elsewhere = world.openDoor();
    const there = async (who: readonly string[]): Promise<ItemOutcome> => {
      const { items } = await elsewhere.submit(submission(SERVER, NOW, { items: [item('identify', who)] }));
      return items[0] as ItemOutcome;
    };
    expect(await outcome(SERVER, 'identify', both)).toEqual(pending);
    expect(await there(both)).toEqual(pending);

    const pair = { a: world.node('user_id:ada'), b: world.node('loyalty_card:c1'), by: 'dana', reason: 'two sisters' };
    const fact = { ...pair, stands: true, t: NOW, id: '00000000-0000-4000-8000-000000000001' };
    await world.separate(MAISON, fact);
    const unknown = { kind: 'withheld', reason: 'unknown' };
    expect([await outcome(SERVER, 'identify', both), await there(both)]).toEqual([unknown, unknown]);
    await world.decide(SERVER, ['user_id:ada'], 'given', [PRO], BEFORE);
    expect([await outcome(SERVER, 'identify', both), await there(both)]).toEqual([pending, pending]);
    await world.decide(SERVER, ['loyalty_card:c1'], 'refused', [PRO], { at: at('2026-10-01') });
    await world.decide(SERVER, ['loyalty_card:c1'], 'withdrawn', [PRO], { at: at('2026-11-02') });
    const withdrawn = { kind: 'withheld', reason: 'withdrawn' };
    expect([await outcome(SERVER, 'identify', both), await there(both)]).toEqual([withdrawn, withdrawn]);

    const undone = { ...pair, stands: false, t: (NOW + 1) as Instant, id: '00000000-0000-4000-8000-000000000002' };
    await world.decide(SERVER, ['user_id:ada'], 'given', [PRO], { at: at('2026-11-03') });
    expect(await there(both)).toEqual(withdrawn);
    await world.separate(MAISON, undone);
    expect([await outcome(SERVER, 'identify', both), await there(both)]).toEqual([pending, pending]);
  });

  test('a till proves the card it reads, not the address that was keyed in', async () => {
    await world.decide(SERVER, ['email:ada@example.com'], 'given', [PRO], BEFORE);
    const unknown = { kind: 'withheld', reason: 'unknown' };
    expect(await outcome(TILL, 'track', ['loyalty_card:c1', 'email:ada@example.com'])).toEqual(unknown);
    await world.decide(SERVER, ['user_id:ada'], 'given', [PRO], BEFORE);
    expect(await outcome(TILL, 'track', ['user_id:ada', 'loyalty_card:c1'])).toEqual({ kind: 'pending' });
  });
});
