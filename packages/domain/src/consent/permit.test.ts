import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Instant } from '../base/instant.ts';
import { type Ask, type Permitted, permit, purposeOf } from './permit.ts';
import type { PurposeId } from './purpose.ts';
import { purpose } from './testing/fact-builder.ts';
import { NOW, STATES } from './testing/named-states.ts';
import type { StoredItem } from './usable.ts';

const EM = purpose('email_marketing');
const item: StoredItem = { purposes: 1n << BigInt(EM.bit), c: NOW, terminal: false, bot: false };
const ask: Ask = { purpose: EM, use: 'individual', now: NOW, ledgerPosition: 42 };

function permitted(): Permitted<string> {
  const answer = permit('hello', item, { person: STATES.given }, ask);
  if (!answer.ok) throw new Error(answer.refusal);
  return answer.value;
}

test('a permitted value says what allowed it, when, and as of which ledger position (invariant 14)', () => {
  const { runSince } = STATES.given;
  const one = permitted();
  expect(one.value).toBe('hello');
  expect(one.allowedBy).toEqual({ by: 'consent', recordId: 'record-7', position: 7, runSince });
  expect([one.at, one.ledgerPosition, purposeOf(one)]).toEqual([NOW, 42, 'email_marketing']);
});

test('the default is no: a refusal is named and mints nothing (invariant 6)', () => {
  expect(permit('hello', item, {}, ask)).toEqual({ ok: false, refusal: 'unknown' });
  expect(permit('hello', item, { person: STATES.withdrawn }, ask)).toEqual({ ok: false, refusal: 'withdrawn' });
  expect(permit('hello', { ...item, purposes: 0n }, { person: STATES.given }, ask)).toEqual({
    ok: false,
    refusal: 'not-collected-for',
  });
  const lateAsk = { ...ask, now: STATES.given.until };
  expect(permit('hello', item, { person: STATES.given }, lateAsk)).toEqual({ ok: false, refusal: 'expired' });
});

test('a permitted value cannot be built, copied or changed by hand', () => {
  const one = permitted();
  const at = NOW as Instant;
  const shape = { value: 'mine', allowedBy: one.allowedBy, at, ledgerPosition: 42 };
  // @ts-expect-error a literal of the same shape is not permitted
  const literal: Permitted<string> = shape;
  // @ts-expect-error a copy with another value is not permitted
  const copy: Permitted<string> = { ...one, value: 'mine' }; // oxlint-disable-line typescript/no-misused-spread
  // @ts-expect-error a copy without a change is not permitted either
  const twin: Permitted<string> = Object.assign({}, shape, { purpose: EM.id });
  expect(() => {
    // @ts-expect-error the value cannot be exchanged
    one.value = 'mine';
  }).toThrow(TypeError);
  // @ts-expect-error the class itself is not exported, only its type
  const mint: unknown = async () => (await import('./permit.ts')).Permitted;
  expect(mint).toBeTypeOf('function');
  // What slips past the compiler is not recognised at run time.
  for (const forged of [literal, copy, twin, structuredClone(one)]) {
    expect(() => purposeOf(forged)).toThrow(TypeError);
  }
  expect(one.value).toBe('hello');
});

test('a permitted value for one thing is not one for another', () => {
  const text = permitted();
  // @ts-expect-error a permitted text is no permitted number
  const number: Permitted<number> = text;
  expect(number.value).toBe('hello');
  expect(purposeOf(text)).not.toBe('sms_marketing' as PurposeId);
});

test('no file of the consent folder casts to Permitted, and only permit.ts writes its name in an expression', () => {
  const folder = new URL('.', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  expect(files.length).toBeGreaterThan(20);
  const forges = (text: string): boolean => /\bas\s+(unknown\s+as\s+)?Permitted\b|\bnew\s+Permitted\b/.test(text);
  expect(files.filter((name) => forges(readFileSync(new URL(name, folder), 'utf8')))).toEqual(['permit.ts']);
  expect(readFileSync(new URL('permit.ts', folder), 'utf8').match(/\bnew\s+Permitted\b/g)).toHaveLength(1);
  expect(forges('x as unknown as Permitted<string>')).toBe(true);
});
