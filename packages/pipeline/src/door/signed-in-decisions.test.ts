import type { Instant } from '@filrouge/domain/base';
import { GLOBAL_PRIVACY_CONTROL_NOTICE } from '@filrouge/domain/consent';
import { beforeEach, describe, expect, test } from 'vitest';
import { AD, APP, PRO, SERVER, WEB } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { item } from '../testing/told-items.ts';
import type { ItemOutcome } from './submission.ts';

const NOON = at('2026-11-20T12:00:00');
const minute = (minutes: number): Instant => (NOON + minutes * 60_000) as Instant;
const LAPTOP = 'anonymous_id:laptop';
const ADA = 'user_id:ada';

describe('S8 S11 decided on a terminal while somebody is signed in there', () => {
  let world: PipelineWorld;
  beforeEach(async () => {
    world = new PipelineWorld();
    await world.decide(SERVER, [ADA], 'given', [PRO], { at: minute(-60) });
    await world.decide(WEB, [LAPTOP], 'given', [PRO], { at: minute(-60) });
  });

  async function elsewhere(now: Instant): Promise<ItemOutcome> {
    const { items } = await world.send(SERVER, now, [item('track', [ADA], { t: now })]);
    return items[0] as ItemOutcome;
  }

  async function signIn(source: typeof SERVER, now: Instant): Promise<void> {
    const session = source === SERVER ? { session: 'login' as const } : {};
    await world.send(source, now, [item('identify', [ADA, LAPTOP], { t: now, ...session })]);
    await world.projector.drain();
  }

  test('a no reaches the person elsewhere, whether the login was proven or said by the browser', async () => {
    for (const source of [SERVER, WEB]) {
      world = new PipelineWorld();
      await world.decide(SERVER, [ADA], 'given', [PRO], { at: minute(-60) });
      await world.decide(WEB, [LAPTOP], 'given', [PRO], { at: minute(-60) });
      await signIn(source, minute(0));
      expect(await elsewhere(minute(1))).toEqual({ kind: 'pending' });
      await world.decide(WEB, [LAPTOP], 'withdrawn', [PRO], { at: minute(2) });
      expect(await elsewhere(minute(3))).toEqual({ kind: 'withheld', reason: 'withdrawn' });
      await world.projector.drain();
      expect(await world.status(ADA, PRO)).toBe('withdrawn');
    }
  });

  test('a yes reaches the person where the login was proven, and not where the browser said it', async () => {
    for (const [source, status] of [
      [SERVER, 'given'],
      [WEB, 'refused'],
    ] as const) {
      world = new PipelineWorld();
      await world.decide(WEB, [LAPTOP], 'given', [PRO], { at: minute(-60) });
      await world.decide(SERVER, [ADA], 'given', [PRO], { at: minute(-60) });
      await signIn(source, minute(0));
      await world.decide(SERVER, [ADA], 'refused', [PRO], { at: minute(1) });
      await world.decide(WEB, [LAPTOP], 'given', [PRO], { at: minute(2) });
      expect(await world.status(ADA, PRO)).toBe(status);
    }
  });

  test('a login that comes late is heard all the same, and so is the logout after which it is the terminal’s own', async () => {
    await world.send(WEB, minute(1), [item('page', [LAPTOP], { t: minute(1) })]);
    await world.decide(WEB, [LAPTOP], 'withdrawn', [PRO], { at: minute(5) });
    expect(await elsewhere(minute(6))).toEqual({ kind: 'pending' });
    await world.projector.drain();
    const late = (session: 'login' | 'logout', t: Instant) =>
      world.send(SERVER, minute(10), [item('call', [ADA, LAPTOP], { t, session })]);
    await late('login', minute(0));
    await world.projector.drain();
    expect(await world.status(ADA, PRO)).toBe('withdrawn');
    expect(await elsewhere(minute(11))).toEqual({ kind: 'withheld', reason: 'withdrawn' });
    await late('logout', minute(4));
    await world.projector.drain();
    expect(await world.status(ADA, PRO)).toBe('given');
    expect(await elsewhere(minute(12))).toEqual({ kind: 'pending' });
  });

  test('the yes of an app on its own terminal is the person’s under a proven login, and closes again with it', async () => {
    await world.send(SERVER, minute(0), [
      item('identify', [ADA, 'device_id:phone'], { t: minute(0), session: 'login' }),
    ]);
    await world.projector.drain();
    await world.decide(SERVER, [ADA], 'refused', [PRO], { at: minute(1) });
    await world.decide(APP, ['device_id:phone'], 'given', [PRO], { at: minute(2), channel: 'app' });
    expect(await elsewhere(minute(3))).toEqual({ kind: 'pending' });
    await world.decide(APP, ['device_id:phone'], 'withdrawn', [PRO], { at: minute(4), channel: 'app' });
    expect(await elsewhere(minute(5))).toEqual({ kind: 'withheld', reason: 'withdrawn' });
  });

  test('S7: Global Privacy Control closes the terminal it comes from, and the person who is signed in there nowhere else', async () => {
    await world.decide(SERVER, [ADA], 'given', [AD], { at: minute(-60) });
    await world.decide(WEB, [LAPTOP], 'given', [AD], { at: minute(-60) });
    await signIn(SERVER, minute(0));
    await world.send(WEB, minute(1), [item('page', [LAPTOP], { t: minute(1) })], { globalPrivacyControl: true });
    await world.projector.drain();
    expect([await world.status(ADA, AD), await world.status(LAPTOP, AD)]).toEqual(['given', 'refused']);
    const reported = { at: minute(2), notice: GLOBAL_PRIVACY_CONTROL_NOTICE.id };
    await world.decide(SERVER, [ADA, 'anonymous_id:tablet'], 'refused', [AD], reported);
    expect([await world.status(ADA, AD), await world.status('anonymous_id:tablet', AD)]).toEqual(['given', 'refused']);
  });
});
