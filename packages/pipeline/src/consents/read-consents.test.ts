import { DAY_MS, type Instant } from '@filrouge/domain/base';
import { createMemoryVault } from '@filrouge/ports';
import { describe, expect, test } from 'vitest';
import { AM, ATELIER, EM, MAISON, SERVER, SM, WEB } from '../testing/example-deployment.ts';
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
        since: new Date(NOON).toISOString(),
        until: new Date(NOON + 182 * DAY_MS).toISOString(),
        recordId: expect.any(String),
      },
      store_measurement: { status: 'refused', since: new Date(NOON).toISOString(), recordId: expect.any(String) },
      email_marketing: { status: 'unknown' },
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
    expect(await told('user_id:bob')).toEqual({ status: 'refused', since: new Date(later(1)).toISOString() });
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
