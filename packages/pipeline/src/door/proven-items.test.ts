import { DAY_MS, HOUR_MS, type Instant, instant } from '@filrouge/domain/base';
import type { Source } from '@filrouge/domain/deployment';
import type { IncomingItem } from '@filrouge/domain/event';
import type { IdentityProof } from '@filrouge/domain/identity';
import { beforeEach, describe, expect, test } from 'vitest';
import { incomingFrom, openQuarantined, releaseOf } from '../quarantine/release-entry.ts';
import { AM, EM, PRO, SERVER, WEB } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { consent, identifier, item, submission, type ToldItem } from '../testing/told-items.ts';

const NOW = at('2026-11-20T12:00:00');
const later = (ms: number): Instant => instant(NOW + ms);
const BEFORE = { at: at('2026-11-01') };
const PENDING = { kind: 'pending' };
const UNKNOWN = { kind: 'withheld', reason: 'unknown' };

function proof(...who: readonly string[]): IdentityProof {
  return { by: 'signed-token', covers: who.map(identifier) };
}

let world: PipelineWorld;
beforeEach(() => {
  world = new PipelineWorld();
});

async function send(source: Source, sent: IncomingItem, receivedAt = NOW): Promise<unknown> {
  const { items } = await world.send(source, receivedAt, [sent]);
  await world.projector.drain();
  return items[0];
}

/** An identify of a web key with a proof of some of its identifiers. */
function proven(who: readonly string[], covers: readonly string[], told: ToldItem = {}): IncomingItem {
  return item('identify', who, { t: NOW, ...told, proof: proof(...covers) });
}

/** On what grounds links are verified. */
function verifiedLinks(): readonly string[] {
  return [...world.database.view.link.values()].filter(({ verified }) => verified).map(({ evidence }) => evidence);
}

describe('S11 S13 what a web key proves with a token', () => {
  test('joins the two identifiers that the token names, at the door and behind it', async () => {
    await world.decide(SERVER, ['email:ada@example.com'], 'given', [PRO], BEFORE);
    const both = ['user_id:ada', 'email:ada@example.com'];
    expect(await send(WEB, item('identify', both, { t: NOW }))).toEqual(UNKNOWN);
    expect(await send(WEB, proven(both, ['user_id:ada']))).toEqual(UNKNOWN);
    expect(await send(WEB, proven(both, both))).toEqual(PENDING);
    expect(await send(WEB, item('identify', ['user_id:ada'], { t: later(1) }), later(1))).toEqual(UNKNOWN);
    expect(await send(WEB, proven(['user_id:ada'], ['user_id:ada'], { t: later(1) }), later(1))).toEqual(PENDING);
    const [user, address] = await Promise.all(both.map((text) => world.person(text, NOW)));
    expect(user?.id).toBe(address?.id);
    expect(verifiedLinks()).toEqual(['signed-token']);
  });

  test('never what it does not name: two known persons stay two', async () => {
    for (const who of ['user_id:ada', 'user_id:eve']) {
      await world.decide(SERVER, [who], 'given', [PRO], BEFORE);
      await send(SERVER, item('identify', [who, `email:${who.slice(8)}@example.com`], { t: NOW }));
    }
    await send(WEB, proven(['user_id:eve', 'email:ada@example.com'], ['user_id:eve']));
    await send(WEB, item('alias', ['user_id:eve'], { t: NOW, previous: 'user_id:ada', proof: proof('user_id:eve') }));
    const [ada, eve] = await Promise.all(['user_id:ada', 'user_id:eve'].map((who) => world.person(who, NOW)));
    expect(ada?.id).not.toBe(eve?.id);
  });

  test('the device is the person’s by proof: a yes decided while signed in there is the person’s own', async () => {
    await world.decide(WEB, ['anonymous_id:a'], 'given', [AM], { at: later(-HOUR_MS) });
    const stay = ['user_id:ada', 'anonymous_id:a'];
    expect(await send(WEB, proven(stay, ['user_id:ada']))).toEqual(PENDING);
    const presences = JSON.stringify([...world.database.view.presence.values()]);
    expect(presences).toContain('"verified":true');
    await world.decide(WEB, ['anonymous_id:a'], 'given', [PRO], { at: later(HOUR_MS) });
    expect(await send(SERVER, item('identify', ['user_id:ada'], { t: later(DAY_MS) }), later(DAY_MS))).toEqual(PENDING);
  });
});

test('S2 what left a quarantine is as proven as it was when it came', async () => {
  await world.decide(SERVER, ['user_id:ada'], 'given', [PRO], { at: at('2025-01-01') });
  const both = ['user_id:ada', 'email:ada@example.com'];
  const old = proven(both, both, { t: instant(NOW - 500 * DAY_MS) });
  expect(await send(SERVER, old)).toMatchObject({ kind: 'quarantined' });
  const [entry] = await world.reading.quarantined({ state: 'open', limit: 1 });
  if (entry === undefined) throw new Error('nothing is held');
  const opened = openQuarantined(world.vault, entry);
  if (!opened.ok) throw new Error(opened.refusal);
  expect(opened.value.verifiedBy).toEqual({ by: 'signed-token', covers: both.map((text) => world.id(text)) });
  expect(incomingFrom(opened.value).proof).toEqual(proof(...both));
  const released = releaseOf(entry, incomingFrom(opened.value), { source: SERVER, imported: false, now: NOW });
  expect((await world.door.submit(released)).items).toEqual([PENDING]);
});

describe('S7 S11 what a web key decides with a token', () => {
  const who = ['email:ada@example.com', 'user_id:ada', 'anonymous_id:a'];
  const decide = async (status: 'given' | 'objected', covers: readonly string[], when: Instant) => {
    const said = consent(WEB, who, status, [EM], { at: when });
    const told = covers.length === 0 ? said : { ...said, proof: proof(...covers) };
    const { consents } = await world.door.submit(submission(WEB, when, { consents: [told] }));
    return consents[0]?.kind === 'recorded' ? consents[0].decisions[0]?.effective : consents[0];
  };

  test('a yes on what the token names is given; on what it does not name, requested', async () => {
    expect(await decide('given', [], NOW)).toBe('requested');
    expect(await decide('given', ['user_id:ada'], later(1))).toBe('given');
    expect(await world.status('email:ada@example.com', EM, later(2))).toBe('requested');
    expect(await decide('given', ['email:ada@example.com', 'user_id:ada'], later(3))).toBe('given');
    expect(await world.status('email:ada@example.com', EM, later(4))).toBe('given');
  });

  test('an objection yields to the yes of a token, and to none without', async () => {
    await world.decide(SERVER, ['user_id:ada'], 'objected', [EM], BEFORE);
    expect(await decide('given', [], NOW)).toBe('requested');
    expect(await decide('given', ['user_id:ada'], later(1))).toBe('given');
  });

  test('its clock stays its own: a yes dated eight days back is requested, though the person is proven', async () => {
    const said = { ...consent(WEB, who, 'given', [EM], { at: later(-8 * DAY_MS) }), proof: proof('user_id:ada') };
    const { consents } = await world.door.submit(submission(WEB, NOW, { consents: [said] }));
    expect(consents[0]).toMatchObject({ decisions: [{ effective: 'requested' }] });
  });

  test('the record keeps, under seal, by what kind of proof, and of which kinds of identifier', async () => {
    await decide('given', ['user_id:ada'], NOW);
    const record = [...world.database.view.fact.values()][0]?.record;
    const opened = world.vault.openRecord(`consent/${record?.recordId}`, record?.sealed ?? Buffer.alloc(0));
    expect(opened.ok && JSON.parse(opened.value.toString())).toMatchObject({
      proof: { by: 'signed-token', covers: ['user_id'] },
    });
  });

  test('invariant 11: a web key with a token still records no decision of another channel', async () => {
    const said = { ...consent(WEB, who, 'given', [EM], { at: NOW, channel: 'store' }), proof: proof('user_id:ada') };
    const { consents } = await world.door.submit(submission(WEB, NOW, { consents: [said] }));
    expect(consents[0]).toMatchObject({ kind: 'refused', code: 'channel-not-allowed' });
  });
});

test('S14 a signing up on the web lifts the tombstone of what its token names', async () => {
  await world.decide(SERVER, ['user_id:ada'], 'given', [PRO], { at: later(-HOUR_MS) });
  for (const who of ['user_id:ada', 'email:ada@example.com']) await world.entomb(who, later(-DAY_MS));
  const both = ['user_id:ada', 'email:ada@example.com'];
  const signedUp = (covers: readonly string[], t: Instant): IncomingItem =>
    item('track', both, { name: 'Signed Up', t, ...(covers.length === 0 ? {} : { proof: proof(...covers) }) });
  const liftedAt = (): readonly unknown[] =>
    both.map((who) => world.database.view.tombstone.get(world.id(who))?.liftedAt);
  await send(WEB, signedUp([], NOW));
  expect(liftedAt()[1]).toBeUndefined();
  await send(WEB, signedUp(['email:ada@example.com'], later(1)), later(1));
  expect(liftedAt()[1]).toBe(later(1));
});
