import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BRAND } from '../testing/upgrade/life-of-then.ts';
import { lookAround } from '../testing/upgrade/look-around.ts';
import { type OldHouse, oldHouses, openOldHouse, type Recorded } from '../testing/upgrade/old-house.ts';

// Data directories that earlier versions wrote (testing/upgrade/write-installation.ts), and what those versions told of
// them: today's version goes on with each, at the time at which it was put away.

const names = await oldHouses();

test('there is something to upgrade from', () => expect(names).toContain('before-faults'));

describe.each(names)('a data directory of an earlier version: %s', (name) => {
  let old: OldHouse;
  beforeAll(async () => {
    old = await openOldHouse(name);
  });
  afterAll(() => old?.remove());

  test('every person, sum, consent and entry reads as it was recorded, and nothing is open that was closed', async () => {
    const told = await lookAround(old.house);
    expect(told).toMatchObject(old.recorded.told);
    const refusals = (all: object): number => JSON.stringify(all).split('purpose-not-permitted').length;
    expect(refusals(told)).toBe(refusals(old.recorded.told));
    expect(refusals(told)).toBeGreaterThan(20);
  });

  test('events are taken and counted once, what was sent before is known, a new no closes at once', async () => {
    const { house, recorded } = old;
    const timestamp = new Date(house.now).toISOString();
    const wish = { batch: [{ type: 'track', event: 'Wish', messageId: 'new-1', userId: 'ines', timestamp }] };
    for (const _again of [1, 2]) await house.post('server', '/v1/batch', wish);
    await house.settled();
    const flow = (await house.ask('GET', '/api/flow')) as Recorded['told']['flow'];
    const { accepted = 0, kept = 0, duplicates = 0 } = recorded.told.flow;
    expect(flow).toMatchObject({ accepted: accepted + 1, kept: kept + 1, duplicates: duplicates + 1, balanced: true });

    const profile = `/api/profiles/user_id:ines?brand=${BRAND}&purpose=email_marketing`;
    expect(await house.ask('GET', profile)).toMatchObject({ purpose: 'email_marketing' });
    await house.post('server', '/v1/consents', {
      subject: { userId: 'ines' },
      brand: BRAND,
      property: 'site',
      decisions: [{ purpose: 'email_marketing', status: 'withdrawn' }],
      notice: { id: 'banner', version: '1' },
      channel: 'web',
      indicatedAt: timestamp,
      indicatedBy: { kind: 'subject' },
    });
    expect(await house.ask('GET', profile)).toMatchObject({ refused: 403, code: 'purpose-not-permitted' });
  });
});
