import type { Result } from '@filrouge/domain/base';
import type { ConsentSubmission } from '@filrouge/domain/consent';
import { describe, expect, test } from 'vitest';
import type { Refusal } from '../problem/refusal.ts';
import { consentSubmissionJsonSchema, parseConsentSubmission } from './parse-submission.ts';

const body = {
  subject: { anonymousId: 'a-1', email: ' Jane@Example.com ', phone: '06 39 98 12 34' },
  brand: 'maison',
  property: 'site',
  decisions: [
    { purpose: 'email_marketing', status: 'given' },
    { purpose: 'partner_sharing', status: 'refused', vendor: 'v1', basis: 'consent', reference: 'R1' },
  ],
  notice: { id: 'cookies', version: '3' },
  sequence: 7,
  channel: 'web',
  indicatedAt: '2026-11-21T18:03:00+01:00',
  indicatedBy: { kind: 'subject' },
  evidence: { ui: 'hash' },
};
const parseWhole = (value: unknown): ReturnType<typeof parseConsentSubmission> =>
  parseConsentSubmission(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), 'FR');
const parse = (value: unknown): Result<ConsentSubmission, Refusal> => {
  const parsed = parseWhole(value);
  return parsed.ok ? { ok: true, value: parsed.value.consent } : parsed;
};
const change = (path: readonly (string | number)[], value: unknown): unknown => {
  const copy = structuredClone(body) as never;
  let at = copy as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, unknown>;
  at[path.at(-1) as string] = value;
  return copy;
};

describe('POST /v1/consents', () => {
  test('a full body becomes a submission', () => {
    expect(parse(body)).toEqual({
      ok: true,
      value: {
        subject: [
          { namespace: 'email', value: 'jane@example.com' },
          { namespace: 'phone', value: '+33639981234' },
          { namespace: 'anonymous_id', value: 'a-1' },
        ],
        brand: 'maison',
        property: 'site',
        decisions: [
          { purpose: 'email_marketing', vendor: '*', status: 'given' },
          { purpose: 'partner_sharing', vendor: 'v1', status: 'refused', basis: 'consent', reference: 'R1' },
        ],
        notice: { id: 'cookies', version: '3' },
        sequence: 7,
        channel: 'web',
        indicatedAt: Date.UTC(2026, 10, 21, 17, 3),
        indicatedBy: { kind: 'subject' },
        evidence: { ui: 'hash' },
      },
    });
  });

  test('S11 an identity token is handed over beside the submission, which is the same without it', () => {
    const withToken = parseWhole({ ...body, identityToken: 'a.b.c' });
    expect(withToken).toMatchObject({ ok: true, value: { identityToken: 'a.b.c' } });
    expect(parse({ ...body, identityToken: 'a.b.c' })).toEqual(parse(body));
    expect(JSON.stringify(parse({ ...body, identityToken: 'a.b.c' }))).not.toContain('a.b.c');
    expect(parseWhole({ ...body, identityToken: 7 })).toMatchObject({ value: { identityToken: '.' } });
    for (const absent of [null, '']) expect(parseWhole({ ...body, identityToken: absent })).toEqual(parseWhole(body));
  });

  test('unknown fields are ignored, wherever they stand', () => {
    expect(
      parse({ ...body, later: 1, subject: { ...body.subject, shoeSize: 38 }, notice: { ...body.notice, hash: 'h' } }),
    ).toEqual(parse(body));
  });

  test('S1: other brands for which it counts are names in a list', () => {
    expect(parse({ ...body, brands: ['petit', 'grand'] })).toMatchObject({
      ok: true,
      value: { brands: ['petit', 'grand'] },
    });
    expect(parse({ ...body, brands: 'petit' })).toMatchObject({ ok: false, refusal: { pointer: '/brands' } });
    expect(parse({ ...body, brands: ['petit', 7] })).toMatchObject({ ok: false, refusal: { pointer: '/brands/1' } });
  });

  test.each([true, 'yes', 1, [], {}, null, 'GIVEN', 'granted', ' given', ''])(
    'the status %j gives nothing',
    (status) => {
      expect(parse(change(['decisions', 0, 'status'], status))).toMatchObject({
        ok: false,
        refusal: {
          code: 'value-not-allowed',
          pointer: '/decisions/0/status',
          detail: 'given, refused, withdrawn, objected',
        },
      });
    },
  );

  test.each([
    [['decisions'], { email_marketing: true }, 'field-wrong-type', '/decisions'],
    [['decisions'], ['email_marketing'], 'field-wrong-type', '/decisions/0'],
    [['decisions'], [], 'value-not-allowed', '/decisions'],
    [['decisions', 0, 'status'], undefined, 'field-missing', '/decisions/0/status'],
    [['decisions', 1, 'purpose'], 'Email Marketing', 'purpose-unreadable', '/decisions/1/purpose'],
    [['decisions', 1, 'purpose'], 'p'.repeat(65), 'value-not-allowed', '/decisions/1/purpose'],
    [['decisions', 1, 'basis'], 'contract', 'value-not-allowed', '/decisions/1/basis'],
    [['subject'], {}, 'no-identifier', '/subject'],
    [['subject'], undefined, 'field-missing', '/subject'],
    [['subject', 'email'], 'jane', 'email-unreadable', '/subject/email'],
    [['subject', 'phone'], '12', 'phone-unreadable', '/subject/phone'],
    [['subject', 'userId'], 42, 'field-wrong-type', '/subject/userId'],
    [['subject', 'userId'], 'undefined', 'value-not-allowed', '/subject/userId'],
    [['subject', 'userId'], 'u'.repeat(257), 'value-not-allowed', '/subject/userId'],
    [['brand'], undefined, 'field-missing', '/brand'],
    [['notice', 'version'], 3, 'field-wrong-type', '/notice/version'],
    [['sequence'], 1.5, 'field-wrong-type', '/sequence'],
    [['sequence'], -1, 'value-not-allowed', '/sequence'],
    [['channel'], 'fax', 'value-not-allowed', '/channel'],
    [['indicatedAt'], '2026-11-21T18:03:00', 'time-unreadable', '/indicatedAt'],
    [['indicatedAt'], '2026-02-30T00:00:00Z', 'time-unreadable', '/indicatedAt'],
    [['indicatedAt'], 1795255200000, 'field-wrong-type', '/indicatedAt'],
    [['indicatedBy', 'kind'], 'robot', 'value-not-allowed', '/indicatedBy/kind'],
    [['evidence'], 'text', 'field-wrong-type', '/evidence'],
  ] as const)('%j = %j is refused: %s at %s', (path, value, code, pointer) => {
    expect(parse(change(path, value))).toMatchObject({ ok: false, refusal: { code, pointer } });
  });

  test('the rules of the door hold: repeated keys, depth, encoding, exact numbers', () => {
    const code = (text: string): unknown => {
      const parsed = parse(text);
      return parsed.ok ? parsed.value : parsed.refusal.code;
    };
    const text = JSON.stringify(body);
    expect(code(text.replace('"channel":"web"', '"channel":"web","channel":"paper"'))).toBe('duplicate-key');
    expect(code(text.replace('"ui"', `"ui":${'{"a":'.repeat(40)}1${'}'.repeat(40)},"x"`))).toBe('depth-exceeded');
    expect(code(text.replace('"sequence":7', '"sequence":9007199254740993'))).toBe('number-not-exact');
    expect(code('[]')).toBe('body-not-an-object');
    expect(code('')).toBe('body-empty');
  });

  test('the refusal never repeats what was sent', () => {
    expect(JSON.stringify(parse(change(['subject', 'email'], 'jane at home')))).not.toContain('jane at');
    expect(JSON.stringify(parse(change(['channel'], 'jane@example.com')))).not.toContain('jane');
  });

  test('the schema for OpenAPI names the four statuses and requires the proof', () => {
    const schema = consentSubmissionJsonSchema();
    expect(schema).toMatchObject({
      required: expect.arrayContaining(['subject', 'decisions', 'notice', 'indicatedAt', 'indicatedBy']),
      properties: {
        decisions: { items: { properties: { status: { enum: ['given', 'refused', 'withdrawn', 'objected'] } } } },
        indicatedAt: { format: 'date-time' },
      },
    });
  });
});
