import type { Instant } from '@filrouge/domain/base';
import { beforeEach, describe, expect, test } from 'vitest';
import { AM, ATELIER, ATELIER_SERVER, EM, MAISON, PRO, SERVER, WEB } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { consent, item, submission } from '../testing/told-items.ts';

const NOON = at('2026-11-20T12:00:00');
const BOTH = { at: NOON, notice: 'house', brands: [ATELIER] } as const;
const ADA = 'email:ada@example.com';

describe('S1 a consent that lists several brands', () => {
  let world: PipelineWorld;
  beforeEach(() => {
    world = new PipelineWorld();
  });
  const elsewhere = (who: string, of = EM) => world.status(who, of, world.now, ATELIER);

  test('example 15: a consent in one brand says nothing in the other, unless its record lists it', async () => {
    await world.decide(SERVER, [ADA], 'given', [EM], { at: NOON });
    expect([await world.status(ADA, EM), await elsewhere(ADA)]).toEqual(['given', 'unknown']);
    await world.decide(SERVER, [ADA], 'given', [EM], BOTH);
    expect([await world.status(ADA, EM), await elsewhere(ADA)]).toEqual(['given', 'given']);
    await world.decide(SERVER, [ADA], 'withdrawn', [EM], { at: (NOON + 1) as Instant });
    world.now = (NOON + 2) as Instant;
    expect([await world.status(ADA, EM), await elsewhere(ADA)]).toEqual(['withdrawn', 'given']);
  });

  test('each ledger has a record of its own, in one commit: gapless, complete, about that brand’s identifiers', async () => {
    const who = ['user_id:ada', ADA, 'loyalty_card:c1', 'anonymous_id:a'];
    const told = { ...BOTH, sequence: 4 };
    const asked = [
      consent(SERVER, who, 'given', [EM, PRO], told),
      consent(SERVER, ['user_id:bob'], 'refused', [EM], { at: NOON }),
    ];
    const { consents } = await world.send(SERVER, NOON, [], { consents: asked });
    const facts = [...world.database.view.fact.values()];
    expect(facts.map(({ position, purpose, record }) => [position, purpose, record.brand])).toEqual([
      [1, EM.id, MAISON],
      [2, PRO.id, MAISON],
      [3, EM.id, ATELIER],
      [4, PRO.id, ATELIER],
      [5, EM.id, MAISON],
    ]);
    const [own, , shared] = facts.map(({ record }) => record);
    expect([own?.brands, shared?.brands]).toEqual([
      [MAISON, ATELIER],
      [MAISON, ATELIER],
    ]);
    expect(shared?.nodes.map(({ node }) => node)).toEqual([world.id('user_id:ada', ATELIER), world.id(ADA, ATELIER)]);
    expect(shared?.key).not.toBe(own?.key);
    expect([facts[0]?.sequence?.number, facts[2]?.sequence]).toEqual([4, undefined]);
    expect(consents).toMatchObject([
      { kind: 'recorded', position: 1, brands: [{ brand: ATELIER, recordId: shared?.recordId, position: 3 }] },
      { kind: 'recorded', position: 5, brands: [] },
    ]);
    const opened = world.vault.openRecord(`consent/${shared?.recordId}`, shared?.sealed ?? Buffer.alloc(0));
    const personal = JSON.parse(opened.ok ? opened.value.toString() : '{}');
    expect(personal).toMatchObject({
      subject: [
        { namespace: 'user_id', value: 'ada' },
        { namespace: 'email', value: 'ada@example.com' },
      ],
      origin: own?.recordId,
    });
    expect(JSON.stringify(personal)).not.toContain('c1');
  });

  test('the other brand’s door hears it with the next item, from the same commit on', async () => {
    const ask = () => world.send(ATELIER_SERVER, NOON, [item('identify', [ADA])]);
    expect((await ask()).items).toEqual([{ kind: 'withheld', reason: 'unknown' }]);
    await world.decide(SERVER, [ADA], 'given', [PRO], BOTH);
    expect((await ask()).items).toEqual([{ kind: 'pending' }]);
  });

  test('S11 a web key vouches for an address in neither: its yes is requested, its no counts', async () => {
    await world.decide(WEB, [ADA, 'anonymous_id:a'], 'given', [EM], BOTH);
    expect(await elsewhere(ADA)).toBe('requested');
    await world.decide(SERVER, [ADA], 'given', [EM], BOTH);
    expect(await elsewhere(ADA)).toBe('given');
    world.now = (NOON + 1) as Instant;
    await world.decide(WEB, [ADA], 'withdrawn', [EM], { ...BOTH, at: world.now });
    expect(await elsewhere(ADA)).toBe('withdrawn');
  });

  test('a device is the brand’s own: what the record decides about it stays there', async () => {
    await world.decide(WEB, ['user_id:ada', 'anonymous_id:a'], 'given', [AM], BOTH);
    expect(await world.status('anonymous_id:a', AM)).toBe('given');
    expect(await elsewhere('anonymous_id:a', AM)).toBe('unknown');
  });

  test('what one brand is refused is recorded in none', async () => {
    const asked = consent(SERVER, [ADA], 'given', [EM], { ...BOTH, notice: 'card' });
    const { consents } = await world.door.submit(submission(SERVER, NOON, { consents: [asked] }));
    expect(consents).toMatchObject([{ kind: 'refused', code: 'brand-not-in-notice', pointer: '/brands/0' }]);
    expect([...world.database.view.fact.values()]).toEqual([]);
    const device = consent(WEB, ['anonymous_id:a'], 'given', [AM], BOTH);
    const answer = await world.door.submit(submission(WEB, NOON, { consents: [device] }));
    expect(answer.consents).toMatchObject([{ kind: 'refused', code: 'no-shared-subject', pointer: '/subject' }]);
    expect([...world.database.view.fact.values()]).toEqual([]);
  });
});
