import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPixel } from '../collect/pixel.ts';
import { findRoute } from '../collect/route.ts';
import { understandRow } from '../import/understand-import.ts';
import { aSource, askPixel, type Outcome, onlyItem, send } from '../testing/a-source.ts';
import { claimedIdentifiers } from './claimed-identifiers.ts';

const TOKEN = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl';
const CALL = { type: 'identify', userId: 'ada', messageId: 'm1', context: { locale: 'fr' } };
const withToken = (token: unknown, more: object = {}): object => ({
  ...CALL,
  ...more,
  context: { ...CALL.context, identityToken: token },
});

function tokensOf(outcome: Outcome): readonly (readonly [number, string])[] {
  return outcome.refusal === undefined ? [...outcome.identityTokens] : [];
}

/** All that goes on from here but the tokens themselves. */
function textOf(outcome: Outcome): string {
  return JSON.stringify(outcome.refusal === undefined ? [outcome.items, outcome.rejected] : outcome);
}

describe('S11 the identity token of an item', () => {
  test('is taken out of its context, and the item is what it is without', () => {
    for (const path of ['/v1/identify', '/v1/batch']) {
      const body = (item: object): object => (path === '/v1/batch' ? { batch: [item] } : item);
      const outcome = send(path, body(withToken(TOKEN)));
      expect(tokensOf(outcome)).toEqual([[0, TOKEN]]);
      expect(textOf(outcome)).not.toContain(TOKEN);
      const { texts: _, ...without } = onlyItem(send(path, body(CALL)));
      expect(onlyItem(outcome)).toEqual(without);
    }
  });

  test('S16 a retry with a renewed token is the same item, with and without a messageId of its own', () => {
    const hashes = ['one.two.three', TOKEN, undefined].map((token) => {
      const { messageId, bodyHash } = onlyItem(send('/v1/identify', withToken(token, { messageId: undefined })));
      return `${messageId} ${bodyHash}`;
    });
    expect(new Set(hashes).size).toBe(1);
  });

  test('may stand once around a batch, for each item that brings none', () => {
    const outcome = send('/v1/batch', {
      context: { identityToken: TOKEN },
      batch: [CALL, withToken('own.own.own'), { type: 'track' }, { ...CALL, messageId: 'm3' }],
    });
    expect(tokensOf(outcome)).toEqual([
      [0, TOKEN],
      [1, 'own.own.own'],
      [2, TOKEN],
    ]);
    expect(outcome.refusal === undefined && outcome.indexes).toEqual([0, 1, 3]);
    expect(textOf(outcome)).not.toContain(TOKEN);
  });

  test('whatever is no text is a malformed one; nothing, null and "" are none', () => {
    for (const odd of [7, {}, ['a'], true]) expect(tokensOf(send('/v1/identify', withToken(odd)))).toEqual([[0, '.']]);
    for (const none of [null, '']) expect(tokensOf(send('/v1/identify', withToken(none)))).toEqual([]);
  });

  test('counts as a key of its item: repeated it is refused like any other', () => {
    const twice = `{"type":"identify","userId":"ada","context":{"identityToken":"${TOKEN}","identityToken":"${TOKEN}"}}`;
    expect(send('/v1/identify', twice)).toMatchObject({ refusal: { code: 'duplicate-key' } });
    expect(JSON.stringify(send('/v1/identify', twice))).not.toContain(TOKEN);
  });

  test('beside numbers that are read a second time, in a pixel and in a row of a file', () => {
    const large = send('/v1/identify', withToken(TOKEN, { traits: { campaign: 1 } }));
    const text = JSON.stringify(withToken(TOKEN)).replace('"fr"', '123456789012345678901');
    expect(tokensOf(send('/v1/identify', text))).toEqual(tokensOf(large));
    expect(textOf(send('/v1/identify', text))).not.toContain(TOKEN);
    const query = `type=track&event=Seen&userId=ada&context.identityToken=${TOKEN}`;
    expect(tokensOf(askPixel('/v1/pixel/track', query))).toEqual([[0, TOKEN]]);
    expect(textOf(askPixel('/v1/pixel/track', query))).not.toContain(TOKEN);
    const route = findRoute('GET', '/v1/pixel/track');
    expect(route?.shape === 'pixel' && readPixel(route, query).ok).toBe(true);
    const row = understandRow({ line: 1, json: withToken(TOKEN) as never }, aSource());
    expect(row.ok && JSON.stringify(row.value)).not.toContain(TOKEN);
  });

  test('anywhere else it is a secret that went astray: dropped with a mark', () => {
    for (const item of [
      { ...CALL, traits: { identityToken: TOKEN } },
      { ...CALL, properties: { identity_token: TOKEN } },
      { ...CALL, context: { app: { IdentityToken: TOKEN } } },
    ]) {
      const outcome = send('/v1/identify', item);
      expect(textOf(outcome)).not.toContain(TOKEN);
      expect(onlyItem(outcome).marks).toContain('secret-dropped');
      expect(tokensOf(outcome)).toEqual([]);
    }
  });

  test('whatever surrounds it, nothing that goes on from here holds it', () => {
    const anything = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), anything, { maxKeys: 6 }), anything, (fields, context) => {
        const around = typeof context === 'object' && context !== null && !Array.isArray(context) ? context : {};
        const outcome = send('/v1/batch', {
          batch: [{ ...CALL, ...fields, context: { ...around, identityToken: TOKEN } }],
        });
        expect(textOf(outcome)).not.toContain(TOKEN);
      }),
      { numRuns: 300 },
    );
  });
});

test('claims that are no identifiers: a token of nobody is refused, the rest is left out', () => {
  for (const sub of [undefined, null, 7, '', '  ', 'null', 'anonymous', 'x'.repeat(257), 'a\uFFFD']) {
    const claims = JSON.parse(JSON.stringify({ sub })) as { sub?: string };
    expect(claimedIdentifiers(claims)).toEqual({ ok: false, refusal: 'subject-unreadable' });
  }
  expect(claimedIdentifiers({ sub: ' ada ', email: 'x', email_verified: true, loyalty_card: '' })).toEqual({
    ok: true,
    value: [{ namespace: 'user_id', value: 'ada' }],
  });
});
