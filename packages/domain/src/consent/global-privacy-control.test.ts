import { expect, test } from 'vitest';
import { isNegative } from './consent-fact.ts';
import { DEFAULT_PURPOSES } from './default-purposes.ts';
import {
  GLOBAL_PRIVACY_CONTROL_NOTICE,
  globalPrivacyControlDecisions,
  isGlobalPrivacyControl,
  subjectOfSubmission,
} from './global-privacy-control.ts';
import { standingOn } from './standing.ts';
import { deviceState, personState } from './subject-state.ts';
import { at, BY_SERVER, fact, purpose } from './testing/fact-builder.ts';

test('R39: the signal is the header value `1` and nothing else', () => {
  expect(isGlobalPrivacyControl('1')).toBe(true);
  const others = ['01', '1,1', '1, 1', ' 1', '1 ', '1;a', '"1"', '?1', '+1', '1.0', '0', 'true', '', '１'];
  for (const header of [...others, undefined, null, 1, true, ['1'], ['1', '1']]) {
    expect(isGlobalPrivacyControl(header)).toBe(false);
  }
});

test('S7: it is a negative on advertising and partner_sharing, of all vendors; it never gives', () => {
  const decisions = globalPrivacyControlDecisions();
  expect(decisions.map(({ purpose }) => purpose)).toEqual(['advertising', 'partner_sharing']);
  for (const { status, vendor } of decisions) expect([isNegative(status), vendor]).toEqual([true, '*']);
});

test('S7: at its receipt, for that device: a later choice there counts, and the person elsewhere is not touched', () => {
  const r = at('2026-11-21');
  const signal = fact('refused', at('2026-11-01'), { r });
  const given = [fact('given', at('2026-11-10'), BY_SERVER)];
  const person = personState({ own: given, neighbours: [], devices: [{ facts: [signal], verified: true }] });
  const asked = { now: at('2026-11-22'), terminal: true, use: 'individual' } as const;
  for (const id of ['advertising', 'partner_sharing']) {
    const onDevice = deviceState([...given, signal]);
    expect(standingOn(purpose(id), { device: onDevice, person, onDevice }, asked)).toEqual({
      ok: false,
      status: 'refused',
    });
    expect(standingOn(purpose(id), { person }, { ...asked, terminal: false }).ok).toBe(true);
  }
  expect(deviceState([signal, fact('given', at('2026-11-22'))])).toMatchObject({
    kind: 'given',
    runSince: at('2026-11-22'),
  });
  expect(DEFAULT_PURPOSES.map(({ id }) => id)).toEqual(
    expect.arrayContaining(globalPrivacyControlDecisions().map(({ purpose }) => purpose)),
  );
});

test('S7: a page that reports it with the person beside the device speaks for the device; without a device, for whom it names', () => {
  const device = { namespace: 'anonymous_id', value: 'laptop' } as const;
  const person = { namespace: 'user_id', value: 'ada' } as const;
  const notice = GLOBAL_PRIVACY_CONTROL_NOTICE;
  expect(subjectOfSubmission({ notice, subject: [person, device] })).toEqual([device]);
  expect(subjectOfSubmission({ notice, subject: [person] })).toEqual([person]);
  const banner = { id: 'banner', version: '1' };
  expect(subjectOfSubmission({ notice: banner, subject: [person, device] })).toEqual([person, device]);
});
