import { expect, test } from 'vitest';
import { confirmationJsonSchema, parseConfirmationRequest } from './parse-confirmation.ts';

const body = {
  subject: { email: ' Ada@Example.com ', userId: 'ada' },
  brand: 'maison',
  property: 'site',
  decisions: [{ purpose: 'email_marketing' }, { purpose: 'partner_sharing', vendor: 'v1', status: 'given' }],
  notice: { id: 'letters', version: '2' },
};
const parse = (value: unknown): ReturnType<typeof parseConfirmationRequest> =>
  parseConfirmationRequest(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), () => 'FR');

test('a decision that waits for a click: an address, the account it is said to be of, and what would be given', () => {
  expect(parse(body)).toEqual({
    ok: true,
    value: {
      subject: [
        { namespace: 'user_id', value: 'ada' },
        { namespace: 'email', value: 'ada@example.com' },
      ],
      brand: 'maison',
      property: 'site',
      decisions: [
        { purpose: 'email_marketing', vendor: '*', status: 'given' },
        { purpose: 'partner_sharing', vendor: 'v1', status: 'given' },
      ],
      notice: { id: 'letters', version: '2' },
      channel: 'email',
    },
  });
  expect(parse({ ...body, subject: { phone: '06 39 98 12 34' }, brands: ['atelier'], channel: 'sms' })).toMatchObject({
    value: { subject: [{ namespace: 'phone', value: '+33639981234' }], brands: ['atelier'], channel: 'sms' },
  });
});

test.each<readonly [object, string, string]>([
  [{ subject: { userId: 'ada' } }, 'value-not-allowed', '/subject'],
  [{ subject: { email: 'a@example.com', phone: '+33639981234' } }, 'value-not-allowed', '/subject'],
  [{ subject: { email: 'no address' } }, 'email-unreadable', '/subject/email'],
  [{ subject: { email: 'a@example.com', userId: 'null' } }, 'value-not-allowed', '/subject/userId'],
  [{ subject: {} }, 'no-identifier', '/subject'],
  [{ subject: undefined }, 'field-missing', '/subject'],
  [{ channel: 'sms' }, 'value-not-allowed', '/channel'],
  [{ channel: 'web' }, 'value-not-allowed', '/channel'],
  [{ decisions: [{ purpose: 'email_marketing', status: 'refused' }] }, 'value-not-allowed', '/decisions/0/status'],
  [{ decisions: [] }, 'value-not-allowed', '/decisions'],
  [{ decisions: Array(21).fill({ purpose: 'email_marketing' }) }, 'value-not-allowed', '/decisions'],
  [{ decisions: [{ purpose: 'E-Mail' }] }, 'purpose-unreadable', '/decisions/0/purpose'],
  [{ notice: undefined }, 'field-missing', '/notice'],
  [{ brand: 7 }, 'field-wrong-type', '/brand'],
])('%j is refused: %s at %s', (said, code, pointer) => {
  expect(parse({ ...body, ...said })).toMatchObject({ ok: false, refusal: { code, pointer } });
});

test('a body that is none is refused as anywhere at the door', () => {
  expect(parse('')).toMatchObject({ refusal: { code: 'body-empty' } });
  expect(parse('[]')).toMatchObject({ refusal: { code: 'body-not-an-object' } });
  expect(parse('{"brand":"a","brand":"b"}')).toMatchObject({ refusal: { code: 'duplicate-key' } });
});

test('its schema names what is needed', () => {
  expect(confirmationJsonSchema()).toMatchObject({ required: ['brand', 'property', 'notice', 'subject', 'decisions'] });
});
