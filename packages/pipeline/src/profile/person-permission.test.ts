import { DAY_MS, HOUR_MS, type Instant, MINUTE_MS } from '@filrouge/domain/base';
import { DEFAULT_PURPOSES, type Purpose } from '@filrouge/domain/consent';
import { BEGINNING, END, type PersonNumber, type Thread, type ThreadMapEntry } from '@filrouge/domain/identity';
import { describe, expect, test } from 'vitest';
import { AM, EM, MAISON, ORDER, PRO, SERVER, SM, TILL, WEB } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { item, ticket } from '../testing/told-items.ts';
import { ownedSpans } from './find-person.ts';
import { permissionOf, RIGHTS } from './person-permission.ts';
import { openIdentifiers } from './read-profile.ts';

const NOON = at('2026-11-20T12:00:00');
const later = (ms: number): Instant => (NOON + ms) as Instant;

const purposeOf = (id: string): Purpose => DEFAULT_PURPOSES.find((one) => one.id === id) as Purpose;

async function permission(world: PipelineWorld, who: string, purpose: Purpose, now: Instant = world.now) {
  const person = await world.person(who, now);
  if (person === undefined) throw new Error(`nobody: ${who}`);
  return { person, permission: permissionOf(world.reading, person, purpose, now) };
}

async function shown(world: PipelineWorld, who: string, purpose: Purpose, now?: Instant): Promise<readonly string[]> {
  const { person, permission: allowed } = await permission(world, who, purpose, now);
  return openIdentifiers(world.vault, person, allowed).map(({ namespace, value }) => `${namespace}:${value}`);
}

async function customer(): Promise<PipelineWorld> {
  const world = new PipelineWorld();
  await world.decide(SERVER, ['user_id:ada'], 'given', [PRO], { at: later(-DAY_MS) });
  await world.decide(WEB, ['anonymous_id:a'], 'given', [AM], { at: later(-DAY_MS) });
  const row = ['user_id:ada', 'email:ada@example.com'];
  await world.send(SERVER, later(-HOUR_MS), [item('customer', row, { traits: { city: 'Lyon' } })]);
  await world.send(TILL, later(-HOUR_MS), [ticket(['user_id:ada'])]);
  await world.projector.drain();
  await world.send(WEB, NOON, [item('page', ['user_id:ada', 'anonymous_id:a'], { t: NOON, messageId: 'page' })]);
  await world.projector.drain();
  return world;
}

describe('reading asks for a purpose and answers what it may see (S10)', () => {
  test('nothing allows: no allowance, no identifier, no value: the reader answers 403', async () => {
    const world = await customer();
    const { permission: none } = await permission(world, 'user_id:ada', EM);
    expect([none.allowedBy, none.closedAs]).toEqual([undefined, 'unknown']);
    expect(await shown(world, 'user_id:ada', EM)).toEqual([]);
    expect(await world.traits('user_id:ada', EM)).toEqual({});
    expect(await world.timeline('user_id:ada', EM)).toEqual([]);
  });

  test('a purpose of the person shows the person, one of the terminal shows the terminal', async () => {
    const world = await customer();
    expect(await shown(world, 'user_id:ada', PRO)).toEqual(['user_id:ada', 'email:ada@example.com', 'anonymous_id:a']);
    expect(await shown(world, 'user_id:ada', AM)).toEqual(['anonymous_id:a']);
    expect(await world.timeline('user_id:ada', AM)).toEqual(['page']);
    expect(await world.traits('user_id:ada', PRO)).toMatchObject({ city: 'Lyon', purchase_count: 1 });
    expect(await world.traits('user_id:ada', AM)).toEqual({});
  });

  test('S8 a purpose that needs no yes shows a terminal only where it has a part on terminals', async () => {
    const world = await customer();
    const person = ['user_id:ada', 'email:ada@example.com'];
    expect(await shown(world, 'user_id:ada', ORDER)).toEqual(person);
    expect(await shown(world, 'anonymous_id:a', ORDER)).toEqual(person);
    for (const purpose of [purposeOf('security'), RIGHTS]) {
      expect(await shown(world, 'user_id:ada', purpose)).toEqual([...person, 'anonymous_id:a']);
    }
    expect(await shown(world, 'user_id:ada', purposeOf('customer_service'))).toEqual(person);
  });

  test('a computed trait is there for the purpose it declares, for the person’s own request, and for no other', async () => {
    const world = await customer();
    await world.decide(SERVER, ['user_id:ada'], 'given', [SM], { at: later(-DAY_MS) });
    await world.send(TILL, NOON, [ticket(['user_id:ada'])]);
    await world.projector.drain();
    expect(await world.traits('user_id:ada', SM)).not.toHaveProperty('purchase_count');
    expect(await world.traits('user_id:ada', ORDER)).not.toHaveProperty('purchase_count');
    expect(await world.traits('user_id:ada', PRO)).toMatchObject({ purchase_count: 2 });
    expect(await world.traits('user_id:ada', RIGHTS)).toMatchObject({ purchase_count: 2, city: 'Lyon' });
  });

  test('invariant 10 a withdrawal reaches what was derived; given again, what was collected before stays closed', async () => {
    const world = await customer();
    await world.decide(SERVER, ['user_id:ada'], 'withdrawn', [PRO], { at: later(MINUTE_MS) });
    expect(await world.traits('user_id:ada', PRO)).toEqual({});
    expect((await permission(world, 'user_id:ada', PRO)).permission).toMatchObject({
      allowedBy: undefined,
      closedAs: 'withdrawn',
    });
    await world.decide(SERVER, ['user_id:ada'], 'given', [PRO], { at: later(2 * MINUTE_MS) });
    expect((await permission(world, 'user_id:ada', PRO)).permission.allowedBy).toMatchObject({ by: 'consent' });
    expect(await world.traits('user_id:ada', PRO)).toEqual({});
    expect(await world.timeline('user_id:ada', PRO)).toEqual([]);
    await world.send(TILL, later(3 * MINUTE_MS), [ticket(['user_id:ada'])]);
    await world.projector.drain();
    expect(await world.traits('user_id:ada', PRO)).toMatchObject({ purchase_count: 1 });
  });

  test('what stands under a permission says what allows it, when, and as of which ledger position', async () => {
    const world = await customer();
    const { permission: allowed } = await permission(world, 'user_id:ada', PRO);
    const row = { purposes: 1n << BigInt(PRO.bit), c: NOON, t: NOON, terminal: false, bot: false } as const;
    const value = allowed.permit('x', { ...row, claim: world.id('user_id:ada'), device: undefined });
    expect(value).toMatchObject({ value: 'x', at: world.now, ledgerPosition: 2, allowedBy: { by: 'consent' } });
    expect(
      allowed.permit('x', { ...row, bot: true, claim: world.id('user_id:ada'), device: undefined }),
    ).toBeUndefined();
    expect(
      allowed.permit('x', { ...row, purposes: 0n, claim: world.id('user_id:ada'), device: undefined }),
    ).toBeUndefined();
  });

  test('a terminal lent to nobody is not read through another person’s yes: a kiosk a customer passed by', async () => {
    const world = await customer();
    const { permission: allowed } = await permission(world, 'user_id:ada', AM);
    const row = { purposes: 1n << BigInt(AM.bit), c: NOON, t: NOON, terminal: true, bot: false } as const;
    const kiosk = world.id('anonymous_id:kiosk');
    await allowed.meet([kiosk]);
    expect(allowed.permit('x', { ...row, claim: world.id('user_id:ada'), device: kiosk })).toBeUndefined();
    expect(
      allowed.permit('x', { ...row, claim: world.id('user_id:ada'), device: world.id('anonymous_id:a') }),
    ).toBeDefined();
  });

  test('S14 an erased identifier opens nothing: no identifier, no row of before, whatever the consent says', async () => {
    const world = await customer();
    await world.entomb('user_id:ada', later(HOUR_MS));
    const { permission: allowed } = await permission(world, 'user_id:ada', PRO, later(2 * HOUR_MS));
    expect(allowed.isErased(world.id('user_id:ada'))).toBe(true);
    expect(allowed.shows(world.id('user_id:ada'))).toBe(false);
    expect(await world.timeline('user_id:ada', PRO, later(2 * HOUR_MS))).toEqual([]);
    expect(await world.traits('user_id:ada', PRO, later(2 * HOUR_MS))).toEqual({});
  });

  test('what was sealed under a destroyed key is left out, and the rest is read', async () => {
    const world = await customer();
    const key = [...world.database.view.dataKey.values()].find(({ claim }) => claim === world.id('user_id:ada'));
    await world.send(TILL, NOON, [ticket(['email:ada@example.com'], { messageId: 'mail' })]);
    await world.projector.drain();
    await world.vault.destroy(key === undefined ? [] : [key.id]);
    expect(await world.timeline('email:ada@example.com', ORDER)).toEqual(['mail']);
    expect(await shown(world, 'email:ada@example.com', PRO)).not.toContain('user_id:ada');
  });
});

describe('who a device stands for', () => {
  test('nobody known: an anonymous person with its own events, until somebody signs in', async () => {
    const world = new PipelineWorld();
    await world.decide(WEB, ['anonymous_id:a'], 'given', [AM], { at: later(-DAY_MS) });
    await world.send(WEB, NOON, [item('page', ['anonymous_id:a'], { t: NOON, messageId: 'alone' })]);
    await world.projector.drain();
    const alone = await world.person('anonymous_id:a');
    expect([alone?.members.length, alone?.devices.length]).toEqual([0, 1]);
    expect(await world.timeline('anonymous_id:a', AM)).toEqual(['alone']);
    const t = later(MINUTE_MS);
    await world.send(WEB, t, [item('identify', ['user_id:ada', 'anonymous_id:a'], { t, messageId: 'login' })]);
    await world.projector.drain();
    const known = await world.person('anonymous_id:a', t);
    expect(known?.members.map(({ node }) => node.node.id)).toEqual([world.id('user_id:ada')]);
    expect(await world.timeline('anonymous_id:a', AM, t)).toEqual(['alone', 'login']);
  });

  test('an identifier never seen, one of another brand, and a value that is nobody’s: no person', async () => {
    const world = await customer();
    expect(await world.person('user_id:nobody')).toBeUndefined();
    for (const n of ['1', '2', '3', '4', '5', '6']) {
      await world.send(SERVER, NOON, [item('customer', [`user_id:${n}`, 'email:till@example.com'])]);
    }
    await world.projector.drain();
    expect(await world.person('email:till@example.com')).toBeUndefined();
    expect(await world.person('user_id:1')).toBeDefined();
    expect((await world.reading.nodes([world.id('user_id:ada')]))[0]?.brand).toBe(MAISON);
  });
});

describe('ownedSpans: when a thread was a person’s', () => {
  const own = '7' as Thread;
  const me = '7' as PersonNumber;
  const other = '9' as PersonNumber;
  const entry = (from: number, to: number, person: PersonNumber): ThreadMapEntry => ({
    thread: own,
    from: from as Instant,
    to: to as Instant,
    person,
  });
  const table: readonly (readonly [string, readonly ThreadMapEntry[], PersonNumber, readonly (readonly number[])[]])[] =
    [
      ['no entry: its own, for ever', [], me, [[BEGINNING, END]]],
      ['no entry: never another’s', [], other, []],
      ['all of it another’s', [entry(BEGINNING, END, other)], me, []],
      ['all of it another’s, asked for that one', [entry(BEGINNING, END, other)], other, [[BEGINNING, END]]],
      [
        'a gap before and one after',
        [entry(10, 20, other)],
        me,
        [
          [BEGINNING, 10],
          [20, END],
        ],
      ],
      ['between two others', [entry(20, END, other), entry(BEGINNING, 10, other)], me, [[10, 20]]],
      ['entries that meet leave no gap', [entry(BEGINNING, 10, other), entry(10, END, other)], me, []],
      [
        'two stays of another',
        [entry(10, 20, other), entry(30, 40, other)],
        other,
        [
          [10, 20],
          [30, 40],
        ],
      ],
      [
        'an entry that names its own person',
        [entry(10, 20, me)],
        me,
        [
          [BEGINNING, 10],
          [10, 20],
          [20, END],
        ],
      ],
    ];
  for (const [title, entries, number, spans] of table) {
    test(title, () => {
      expect(ownedSpans(own, entries, number).map(({ from, to }) => [from, to])).toEqual(spans);
    });
  }
});
