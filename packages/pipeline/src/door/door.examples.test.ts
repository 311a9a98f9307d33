import { HOUR_MS, type Instant, MINUTE_MS } from '@filrouge/domain/base';
import type { Purpose, Use } from '@filrouge/domain/consent';
import type { BrandId } from '@filrouge/domain/deployment';
import { describe, expect, test } from 'vitest';
import {
  AM,
  APP,
  ATELIER,
  ATELIER_SERVER,
  EM,
  MAISON,
  ORDER,
  PRO,
  SERVER,
  SM,
  TILL,
  WEB,
} from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { item, ticket } from '../testing/told-items.ts';

// The fifteen examples of semantics.md through the real door, projector and reading, on engines in memory.

const withheld = (reason: string): object => ({ kind: 'withheld', reason });
const KEPT = { kind: 'pending' };
const CARD = 'loyalty_card:1';

/** Whether any row of a terminal comes out of the event store for a use at an instant. */
async function inUse(world: PipelineWorld, who: string, of: Purpose, use: Use, now: string): Promise<boolean> {
  return (await world.rows(who, of, use, at(now))) > 0;
}

/** What the ROPO of a store says of one period, asked at an instant. */
async function ropo(world: PipelineWorld, from: string, to: string, now: string, brand: BrandId = MAISON) {
  const cells = await world.events.ropoCells({
    brand,
    from: at(from),
    to: at(to),
    permission: { purpose: SM, use: 'aggregate', now: at(now) },
    direction: 'online-to-store',
    window: 30,
    match: 'any',
    by: 'store',
  });
  const [cell] = cells;
  const counts = { all: 0, identified: 0, consented: 0, ropo: 0 };
  if (cell === undefined) return counts;
  const { all, identified, consented, ropo: hits } = cell;
  return { all: all.count, identified: identified.count, consented: consented.count, ropo: hits.count };
}

async function january(): Promise<PipelineWorld> {
  const world = new PipelineWorld();
  await world.decide(WEB, ['anonymous_id:a'], 'given', [AM], { at: at('2026-01-10') });
  const { items } = await world.send(WEB, at('2026-02-01'), [item('page', ['anonymous_id:a'], { messageId: 'feb' })]);
  expect(items).toEqual([KEPT]);
  await world.projector.drain();
  return world;
}

test('example 1: AM given 01-10; page 02-01: kept; in reports; in audiences until 07-11', async () => {
  const world = await january();
  expect(await inUse(world, 'anonymous_id:a', AM, 'aggregate', '2026-02-02')).toBe(true);
  expect(await inUse(world, 'anonymous_id:a', AM, 'individual', '2026-07-10T23:59:59')).toBe(true);
  expect(await inUse(world, 'anonymous_id:a', AM, 'individual', '2026-07-11')).toBe(false);
  expect(await world.timeline('anonymous_id:a', AM, at('2026-07-10'))).toEqual(['feb']);
  expect(await world.timeline('anonymous_id:a', AM, at('2026-07-11'))).toEqual([]);
});

test('example 2: no renewal; 08-01: report over February in; audience no; new page withheld `expired`', async () => {
  const world = await january();
  expect(await inUse(world, 'anonymous_id:a', AM, 'aggregate', '2026-08-01')).toBe(true);
  expect(await inUse(world, 'anonymous_id:a', AM, 'individual', '2026-08-01')).toBe(false);
  const { items } = await world.send(WEB, at('2026-08-01'), [item('page', ['anonymous_id:a'])]);
  expect(items).toEqual([withheld('expired')]);
});

test('example 3: withdrawn 04-01: February out of a report run 04-02; given again 06-01: still out', async () => {
  const world = await january();
  expect(await inUse(world, 'anonymous_id:a', AM, 'aggregate', '2026-03-01')).toBe(true);
  await world.decide(WEB, ['anonymous_id:a'], 'withdrawn', [AM], { at: at('2026-04-01') });
  await world.projector.drain();
  expect(await inUse(world, 'anonymous_id:a', AM, 'aggregate', '2026-04-02')).toBe(false);
  await world.decide(WEB, ['anonymous_id:a'], 'given', [AM], { at: at('2026-06-01') });
  await world.send(WEB, at('2026-06-02'), [item('page', ['anonymous_id:a'], { messageId: 'june' })]);
  await world.projector.drain();
  expect(await world.rows('anonymous_id:a', AM, 'aggregate', at('2026-06-03'))).toBe(1);
  expect(await world.timeline('anonymous_id:a', AM, at('2026-06-03'))).toEqual(['june']);
});

test('example 4: page 10:00:00, accept 10:00:20, sent 10:00:21: kept; half an hour earlier: consent-later', async () => {
  const world = new PipelineWorld();
  const [accepted, sent] = [at('2026-11-20T10:00:20'), at('2026-11-20T10:00:21')];
  await world.decide(WEB, ['anonymous_id:a'], 'given', [AM], { at: accepted });
  const { items } = await world.send(WEB, sent, [
    item('page', ['anonymous_id:a'], { t: at('2026-11-20T10:00:00') }),
    item('page', ['anonymous_id:a'], { t: (accepted - 30 * MINUTE_MS) as Instant }),
    item('page', ['anonymous_id:a'], { t: (accepted - 30 * MINUTE_MS - 1) as Instant }),
  ]);
  expect(items).toEqual([KEPT, KEPT, withheld('consent-later')]);
});

test('example 5: import 11-20, page t = 2025-05-01, consent with proof i = 2026-09-10: withheld `consent-later`', async () => {
  const world = new PipelineWorld();
  const received = at('2026-11-20');
  await world.decide(SERVER, ['anonymous_id:a'], 'given', [AM], { at: at('2026-09-10'), received });
  const page = (t: string) => item('page', ['anonymous_id:a'], { t: at(t) });
  const { items } = await world.send(
    WEB,
    received,
    [page('2025-05-01'), page('2026-09-09T23:59:59'), page('2026-09-10')],
    {
      imported: true,
    },
  );
  expect(items).toEqual([withheld('consent-later'), withheld('consent-later'), KEPT]);
});

test('example 6: app offline, given 06-01, page 06-03, withdrawn 06-05, synced 06-06: withdrawn; page withheld', async () => {
  const world = new PipelineWorld();
  const received = at('2026-06-06');
  const told = { channel: 'app', received } as const;
  await world.decide(APP, ['device_id:phone'], 'withdrawn', [AM], { ...told, at: at('2026-06-05'), sequence: 2 });
  await world.decide(APP, ['device_id:phone'], 'given', [AM], { ...told, at: at('2026-06-01'), sequence: 1 });
  const { items } = await world.send(APP, received, [item('screen', ['device_id:phone'], { t: at('2026-06-03') })]);
  expect(items).toEqual([withheld('withdrawn')]);
  expect(await world.status('device_id:phone', AM, received)).toBe('withdrawn');
});

describe('example 7: tablet refusal i 11-03, r 11-10; web given 11-05', () => {
  for (const [signed, status] of [
    [true, 'given'],
    [false, 'refused'],
  ] as const) {
    test(signed ? 'signed: given since 11-05' : 'from an unsigned key: o = 11-10, refused', async () => {
      const world = new PipelineWorld();
      await world.decide(WEB, ['anonymous_id:a'], 'given', [AM], { at: at('2026-11-05') });
      const told = { at: at('2026-11-03'), received: at('2026-11-10'), channel: 'store', signed } as const;
      await world.decide(TILL, ['anonymous_id:a'], 'refused', [AM], told);
      expect(await world.status('anonymous_id:a', AM, at('2026-11-11'))).toBe(status);
      const { items } = await world.send(WEB, at('2026-11-11'), [item('page', ['anonymous_id:a'])]);
      expect(items).toEqual([signed ? KEPT : withheld('refused')]);
    });
  }
});

test('example 8: paper given 11-01 keyed in 11-10; withdrawn online 11-05: withdrawn', async () => {
  const world = new PipelineWorld();
  const email = ['email:ada@example.com'];
  await world.decide(WEB, email, 'withdrawn', [EM], { at: at('2026-11-05') });
  const paper = { at: at('2026-11-01'), received: at('2026-11-10'), channel: 'paper', token: true } as const;
  await world.decide(SERVER, email, 'given', [EM], paper);
  expect(await world.status('email:ada@example.com', EM, at('2026-11-11'))).toBe('withdrawn');
});

test('example 9: given dated 2199, r 11-21; withdrawn 11-22: withdrawn; dated 11-21', async () => {
  const world = new PipelineWorld();
  await world.decide(SERVER, ['anonymous_id:a'], 'given', [AM], { at: at('2199-01-01'), received: at('2026-11-21') });
  const page = () => item('page', ['anonymous_id:a']);
  expect((await world.send(WEB, at('2026-11-21T12:00:00'), [page()])).items).toEqual([KEPT]);
  await world.decide(WEB, ['anonymous_id:a'], 'withdrawn', [AM], { at: at('2026-11-22') });
  expect((await world.send(WEB, at('2026-11-23'), [page()])).items).toEqual([withheld('withdrawn')]);
  const ledger = await world.reading.ledger([world.id('anonymous_id:a')], 10);
  expect(ledger.map(({ status, indicatedAt, marks }) => [status, indicatedAt, marks])).toEqual([
    ['withdrawn', at('2026-11-22'), []],
    ['given', at('2026-11-21'), ['dated-ahead']],
  ]);
  const given = [...world.database.view.fact.values()][0]?.record;
  const opened = world.vault.openRecord(`consent/${given?.recordId}`, given?.sealed ?? Buffer.alloc(0));
  expect(opened.ok && opened.value.toString()).toContain('2199-01-01');
});

test("example 10: U refused PRO 01-05; new laptop accepts all 03-01, logs in 03-02: laptop's AM given, PRO of U refused", async () => {
  const world = new PipelineWorld();
  await world.decide(SERVER, ['user_id:u'], 'refused', [PRO], { at: at('2026-01-05') });
  await world.send(SERVER, at('2026-01-06'), [item('call', ['user_id:u'])]);
  await world.decide(WEB, ['anonymous_id:laptop'], 'given', [AM, PRO, SM], { at: at('2026-03-01') });
  await world.projector.drain();
  const page = (t: string, who: readonly string[], messageId: string) => item('page', who, { t: at(t), messageId });
  await world.send(WEB, at('2026-03-01T10:00:00'), [page('2026-03-01T10:00:00', ['anonymous_id:laptop'], 'before')]);
  await world.send(WEB, at('2026-03-02'), [page('2026-03-02', ['user_id:u', 'anonymous_id:laptop'], 'login')]);
  await world.projector.drain();
  await world.send(WEB, at('2026-03-03'), [page('2026-03-03', ['anonymous_id:laptop'], 'after')]);
  await world.projector.drain();
  const now = at('2026-03-04');
  expect(await world.status('user_id:u', PRO, now)).toBe('refused');
  expect(await world.status('anonymous_id:laptop', AM, now)).toBe('given');
  expect(await world.timeline('user_id:u', AM, now)).toEqual(['before', 'login', 'after']);
  expect(await world.timeline('user_id:u', PRO, now)).toEqual([]);
  expect(await world.rows('user_id:u', PRO, 'aggregate', now)).toBe(0);
});

describe('example 11: A EM given 02-01; B EM refused 03-01; linked 04-01; A gives 04-15', () => {
  async function world(verified: boolean): Promise<PipelineWorld> {
    const one = new PipelineWorld();
    await one.decide(SERVER, ['user_id:a'], 'given', [EM], { at: at('2026-02-01') });
    await one.decide(SERVER, ['email:b@example.com'], 'refused', [EM], { at: at('2026-03-01') });
    const who = ['user_id:a', 'email:b@example.com'];
    const link = verified ? item('customer', who, { t: at('2026-04-01') }) : ticket(who, { t: at('2026-04-01') });
    await one.send(verified ? SERVER : TILL, at('2026-04-01'), [link]);
    await one.projector.drain();
    expect(await one.status('user_id:a', EM, at('2026-04-01'))).toBe('refused');
    await one.decide(SERVER, ['user_id:a'], 'given', [EM], { at: at('2026-04-15') });
    await one.projector.drain();
    return one;
  }

  test('across a verified link the later given counts for both', async () => {
    const one = await world(true);
    expect(await one.status('user_id:a', EM, at('2026-04-16'))).toBe('given');
    expect(await one.status('email:b@example.com', EM, at('2026-04-16'))).toBe('given');
  });

  test('across an unverified one the refusal stands', async () => {
    const one = await world(false);
    expect(await one.status('user_id:a', EM, at('2026-04-16'))).toBe('refused');
  });

  test('un-merge: A given, B refused, for the ledger, for the door and for the event store', async () => {
    const one = await world(true);
    const [a, b] = [one.node('user_id:a'), one.node('email:b@example.com')];
    const said = { t: at('2026-04-20'), by: 'dana', reason: 'two customers' };
    await one.separate(MAISON, { a, b, stands: true, id: 's1', ...said });
    const now = at('2026-04-21');
    expect(await one.status('user_id:a', EM, now)).toBe('given');
    expect(await one.status('email:b@example.com', EM, now)).toBe('refused');
    expect((await one.person('user_id:a', now))?.id).not.toBe((await one.person('email:b@example.com', now))?.id);
    const customer = (who: string) => item('customer', [who], { t: now, messageId: `row ${who}` });
    await one.send(SERVER, now, [customer('user_id:a'), customer('email:b@example.com')]);
    await one.projector.drain();
    expect(await one.timeline('user_id:a', EM, now)).toContain('row user_id:a');
    expect(await one.timeline('email:b@example.com', EM, now)).toEqual([]);
    expect(await one.rows('email:b@example.com', EM, 'individual', now)).toBe(0);
    await one.separate(MAISON, { a, b, stands: false, id: 's2', ...said, t: at('2026-04-22') });
    expect(await one.status('email:b@example.com', EM, at('2026-04-23'))).toBe('given');
  });
});

test('example 12: family iPad, U1 out 10:10, page 10:15, U2 in 10:20: the page stays anonymous; two persons', async () => {
  const world = new PipelineWorld();
  const day = at('2026-11-20');
  const minute = (text: string) => at(`2026-11-20T${text}:00`);
  const ipad = 'anonymous_id:ipad';
  await world.decide(WEB, [ipad], 'given', [AM, SM], { at: day });
  const page = (who: readonly string[], t: string, said: object = {}) =>
    world.send(WEB, minute(t), [item('page', [...who, ipad], { t: minute(t), messageId: t, ...said })]);
  await page(['user_id:u1'], '10:00', { session: 'login' });
  await page([], '10:05');
  await page(['user_id:u1'], '10:10', { session: 'logout' });
  await page([], '10:15');
  await page(['user_id:u2'], '10:20', { session: 'login' });
  await page([], '10:25');
  await world.projector.drain();
  const now = minute('11:00');
  expect(await world.timeline('user_id:u1', AM, now)).toEqual(['10:00', '10:05', '10:10']);
  expect(await world.timeline('user_id:u2', AM, now)).toEqual(['10:20', '10:25']);
  expect((await world.person('user_id:u1'))?.id).not.toBe((await world.person('user_id:u2'))?.id);
  // Asked at 10:15 the device is somebody whom nobody knows; asked at 10:05 and 10:25 it is its customers.
  const atThatTime = async (t: string) =>
    (await world.person(ipad, minute(t)))?.members.map(({ node }) => node.node.id);
  expect(await atThatTime('10:05')).toEqual([world.id('user_id:u1')]);
  expect(await atThatTime('10:15')).toEqual([]);
  expect(await atThatTime('10:25')).toEqual([world.id('user_id:u2')]);
});

test('example 13: ticket with card, SM refused, order served: kept for `order_fulfilment`; in totals, not in ROPO', async () => {
  const world = new PipelineWorld();
  const t = at('2026-11-10');
  await world.decide(SERVER, [CARD], 'refused', [SM], { at: at('2026-10-01') });
  await world.decide(WEB, ['anonymous_id:a'], 'given', [SM, AM], { at: at('2026-10-01') });
  await world.send(WEB, at('2026-11-09'), [item('page', ['anonymous_id:a', CARD], { t: at('2026-11-09') })]);
  const { items } = await world.send(TILL, t, [ticket([CARD], { t })]);
  expect(items).toEqual([KEPT]);
  await world.projector.drain();
  expect(await world.timeline(CARD, ORDER)).toHaveLength(1);
  expect(await world.timeline(CARD, SM)).toEqual([]);
  const november = { brand: MAISON, from: at('2026-11-01'), to: at('2026-12-01') };
  expect(await world.events.totals({ ...november, kinds: ['ticket'] })).toMatchObject([
    { count: 1, amountMinor: 5_000 },
  ]);
  expect(await ropo(world, '2026-11-01', '2026-12-01', '2026-11-20')).toEqual({
    all: 1,
    identified: 1,
    consented: 0,
    ropo: 0,
  });
});

test('example 13, the other way: with SM given on both sides the same ticket is in the numerator', async () => {
  const world = new PipelineWorld();
  await world.decide(SERVER, [CARD], 'given', [SM], { at: at('2026-10-01') });
  await world.decide(WEB, ['anonymous_id:a'], 'given', [SM], { at: at('2026-10-01') });
  await world.send(WEB, at('2026-11-09'), [item('page', ['anonymous_id:a', CARD], { t: at('2026-11-09') })]);
  await world.send(TILL, at('2026-11-10'), [ticket([CARD], { t: at('2026-11-10') })]);
  await world.projector.drain();
  const counts = await ropo(world, '2026-11-01', '2026-12-01', '2026-11-20');
  expect(counts).toEqual({ all: 1, identified: 1, consented: 1, ropo: 1 });
  await world.decide(SERVER, [CARD], 'withdrawn', [SM], { at: at('2026-11-19') });
  await world.projector.drain();
  expect((await ropo(world, '2026-11-01', '2026-12-01', '2026-11-20')).consented).toBe(0);
});

test('example 14: erased 05-01; card tickets 04-28 and 05-10 in totals, nobody’s; 06-01 a new person, nothing earlier', async () => {
  const world = new PipelineWorld();
  await world.entomb(CARD, at('2026-05-01'));
  await world.entomb('user_id:ada', at('2026-05-01'));
  const synced = [ticket([CARD], { t: at('2026-04-28') }), ticket([CARD], { t: at('2026-05-10') })];
  expect((await world.send(TILL, at('2026-05-11'), synced)).items).toEqual([KEPT, KEPT]);
  await world.projector.drain();
  const spring = { brand: MAISON, from: at('2026-04-01'), to: at('2026-06-01') };
  expect(await world.events.totals({ ...spring, kinds: ['ticket'] })).toMatchObject([
    { count: 2, amountMinor: 10_000 },
  ]);
  expect((await ropo(world, '2026-04-01', '2026-05-01', '2026-06-01')).identified).toBe(0);
  expect(await world.person(CARD)).toBeUndefined();
  const { rows } = await world.events.timeline({
    brand: MAISON,
    threads: [{ thread: world.thread(CARD), from: at('2026-01-01'), to: at('2027-01-01') }],
    permission: 'every-row',
    limit: 10,
  });
  expect(rows).toEqual([]);
  const registered = at('2026-06-01');
  const who = ['user_id:ada', CARD];
  await world.decide(SERVER, ['user_id:ada'], 'given', [PRO], { at: registered });
  await world.send(SERVER, registered, [item('track', who, { name: 'Signed Up', t: registered, messageId: 'anew' })]);
  await world.projector.drain();
  const late = ticket([CARD], { t: at('2026-05-20'), messageId: 'late' });
  const next = ticket([CARD], { t: at('2026-06-03'), messageId: 'next' });
  await world.send(TILL, at('2026-06-04'), [late, next]);
  await world.projector.drain();
  expect(await world.timeline(CARD, PRO, at('2026-06-05'))).toEqual(['anew', 'next']);
  expect(await world.traits(CARD, PRO, at('2026-06-05'))).toMatchObject({ purchase_count: 1 });
});

test('example 15: brand X EM given; brand Y reads: unknown = no', async () => {
  const world = new PipelineWorld();
  const email = 'email:ada@example.com';
  await world.decide(SERVER, [email], 'given', [EM], { at: at('2026-01-01') });
  await world.send(SERVER, at('2026-01-02'), [item('customer', [email])]);
  await world.send(ATELIER_SERVER, at('2026-01-02'), [item('customer', [email, 'user_id:y'])]);
  await world.projector.drain();
  const now = (at('2026-01-02') + HOUR_MS) as Instant;
  expect(await world.status(email, EM, now)).toBe('given');
  expect(await world.status(email, EM, now, ATELIER)).toBe('unknown');
  expect(await world.timeline(email, EM, now)).toHaveLength(1);
  expect(await world.timeline(email, EM, now, ATELIER)).toEqual([]);
  expect(await world.rows(email, EM, 'aggregate', now, ATELIER)).toBe(0);
});
