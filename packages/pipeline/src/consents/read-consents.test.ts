import { DAY_MS, type Instant } from '@filrouge/domain/base';
import { DEFAULT_PURPOSES, type Purpose } from '@filrouge/domain/consent';
import { createMemoryVault } from '@filrouge/ports';
import { describe, expect, test } from 'vitest';
import { AM, ATELIER, EM, MAISON, ORDER, SERVER, SM, WEB } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { item } from '../testing/told-items.ts';
import { readConsents } from './read-consents.ts';
import { subjectOfToken, subjectTokenOf } from './subject-token.ts';

const NOON = at('2026-11-20T12:00:00');
const later = (ms: number): Instant => (NOON + ms) as Instant;

describe('how a subject stands, in the words of the outside contract', () => {
  test('each purpose is told, the unknown ones too; a given says since when, until when and by which record', async () => {
    const world = new PipelineWorld();
    await world.decide(WEB, ['anonymous_id:a'], 'given', [AM], { at: NOON });
    await world.decide(WEB, ['anonymous_id:a'], 'refused', [SM], { at: NOON });
    const told = await readConsents(world.reading, world.node('anonymous_id:a'), [AM, SM, EM], NOON);
    expect(told).toEqual({
      audience_measurement: {
        status: 'given',
        basis: 'consent',
        allowed: true,
        since: new Date(NOON).toISOString(),
        until: new Date(NOON + 182 * DAY_MS).toISOString(),
        recordId: expect.any(String),
      },
      store_measurement: {
        status: 'refused',
        basis: 'consent',
        allowed: false,
        since: new Date(NOON).toISOString(),
        recordId: expect.any(String),
      },
      email_marketing: { status: 'unknown', basis: 'consent', allowed: false },
    });
    expect(told['store_measurement']?.recordId).not.toBe(told['audience_measurement']?.recordId);
  });

  test('a no is told by its record too, a request as well; one of somebody who is merely said to be the same is not', async () => {
    const world = new PipelineWorld();
    const told = async (who: string) => (await readConsents(world.reading, world.node(who), [EM], later(10)))[EM.id];
    await world.decide(SERVER, ['user_id:ada'], 'refused', [EM], { at: NOON });
    await world.decide(WEB, ['anonymous_id:a', 'email:ada@example.com'], 'given', [EM], { at: NOON });
    const no = await told('user_id:ada');
    const asked = await told('email:ada@example.com');
    expect([no?.status, asked?.status]).toEqual(['refused', 'requested']);
    expect([no?.recordId, asked?.recordId]).toEqual([expect.any(String), expect.any(String)]);
    expect(no?.recordId).not.toBe(asked?.recordId);
    await world.decide(WEB, ['anonymous_id:b'], 'given', [SM], { at: NOON });
    await world.send(WEB, NOON, [item('identify', ['user_id:bob', 'anonymous_id:b'])]);
    await world.decide(WEB, ['anonymous_id:b'], 'refused', [EM], { at: later(1) });
    await world.projector.drain();
    expect(await told('user_id:bob')).toEqual({
      status: 'refused',
      basis: 'consent',
      allowed: false,
      since: new Date(later(1)).toISOString(),
    });
  });

  test('S10 what rests on a contract, an interest or the law is open without a word, until an objection', async () => {
    const world = new PipelineWorld();
    const [post, safety] = ['postal_marketing', 'product_safety'].map((id) =>
      DEFAULT_PURPOSES.find((one) => one.id === id),
    ) as [Purpose, Purpose];
    const told = async (who: string) => {
      const all = await readConsents(world.reading, world.node(who), [ORDER, post, safety, EM], later(10));
      return Object.entries(all).map(([id, { status, basis, allowed }]) => [id, status, basis, allowed]);
    };
    const silent = [
      ['order_fulfilment', 'unknown', 'contract', true],
      ['postal_marketing', 'unknown', 'legitimate-interest', true],
      ['product_safety', 'unknown', 'legal-obligation', true],
      ['email_marketing', 'unknown', 'consent', false],
    ];
    for (const who of ['user_id:ada', 'anonymous_id:a']) expect(await told(who)).toEqual(silent);
    await world.decide(SERVER, ['user_id:ada'], 'objected', [post], { at: NOON });
    expect((await told('user_id:ada'))[1]).toEqual(['postal_marketing', 'objected', 'legitimate-interest', false]);
    await world.decide(SERVER, ['user_id:ada'], 'given', [ORDER, post], { at: later(1) });
    expect((await told('user_id:ada')).slice(0, 2)).toEqual([
      ['order_fulfilment', 'given', 'contract', true],
      ['postal_marketing', 'given', 'legitimate-interest', true],
    ]);
  });

  test('S8 a yes of a person opens no terminal, though it is told', async () => {
    const world = new PipelineWorld();
    await world.decide(SERVER, ['user_id:ada'], 'given', [AM, SM], { at: NOON });
    const told = await readConsents(world.reading, world.node('user_id:ada'), [AM, SM], later(10));
    expect(told).toMatchObject({
      audience_measurement: { status: 'given', allowed: false },
      store_measurement: { status: 'given', allowed: true },
    });
  });

  test('S5 a no to all vendors is a no to each: no vendor stays given behind it', async () => {
    for (const [source, who] of [
      [WEB, 'anonymous_id:a'],
      [SERVER, 'user_id:ada'],
    ] as const) {
      const world = new PipelineWorld();
      const vendors = async () => (await readConsents(world.reading, world.node(who), [AM], later(10)))[AM.id]?.vendors;
      await world.decide(source, [who], 'given', [AM], { at: NOON });
      expect(await vendors()).toBeUndefined();
      await world.decide(source, [who], 'refused', [AM], { at: later(1), vendor: 'acme' });
      await world.decide(source, [who], 'given', [AM], { at: later(1), vendor: 'other' });
      expect(await vendors()).toEqual({ acme: 'refused', other: 'given' });
      expect(await world.status(who, AM, later(10))).toBe('given');
      await world.decide(source, [who], 'withdrawn', [AM], { at: later(2) });
      expect(await vendors()).toEqual({ acme: 'withdrawn', other: 'withdrawn' });
    }
  });

  test('S8 a person is told with what its verified identifiers said, a terminal with its own word', async () => {
    const world = new PipelineWorld();
    await world.decide(SERVER, ['email:ada@example.com'], 'given', [EM], { at: NOON });
    await world.send(SERVER, NOON, [item('customer', ['user_id:ada', 'email:ada@example.com'])]);
    await world.send(SERVER, NOON, [item('call', ['user_id:ada', 'anonymous_id:a'])]);
    await world.projector.drain();
    expect(await world.status('user_id:ada', EM)).toBe('given');
    expect(await world.status('anonymous_id:a', EM)).toBe('unknown');
  });
});

test('a subject token names one subject of one brand and cannot be made or altered without the vault', () => {
  const vault = createMemoryVault();
  const node = vault.lookup(MAISON, 'user_id', 'ada');
  const token = subjectTokenOf(vault, MAISON, node);
  expect(subjectOfToken(vault, MAISON, token)).toBe(node);
  expect(subjectOfToken(vault, ATELIER, token)).toBeUndefined();
  expect(subjectOfToken(createMemoryVault('another secret'), MAISON, token)).toBeUndefined();
  const other = vault.lookup(MAISON, 'user_id', 'bob');
  for (const forged of ['', node, `${node}.`, token.slice(0, -1), `${token}0`, `${other}${token.slice(32)}`]) {
    expect(subjectOfToken(vault, MAISON, forged)).toBeUndefined();
  }
});
