import { HOUR_MS } from '@filrouge/domain/base';
import { beforeEach, describe, expect, test } from 'vitest';
import { ConfirmationHouse, NOTICE_TEXT, NOW } from './testing/confirmation-house.ts';

let house: ConfirmationHouse;
beforeEach(async () => {
  house = await ConfirmationHouse.open();
});

const EMAIL = 'email=ada@example.com';

describe('a link is asked for', () => {
  test('with a server key or an API token: 201 with the link, which names nobody', async () => {
    const answer = await house.ask();
    expect(answer.statusCode).toBe(201);
    const { token, url, recordId, expiresAt } = answer.json();
    expect(url).toMatch(/^http:\/\/[^/]+\/v1\/consents\/confirm\?token=/);
    expect(url.endsWith(token)).toBe(true);
    expect(url.length).toBeLessThan(1_000);
    expect(recordId).toMatch(/^[0-9a-f-]{36}$/);
    expect(expiresAt).toBe('2026-11-28T12:00:00.000Z');
    expect(answer.body).not.toMatch(/ada@|example\.com/);
    expect((await house.ask({}, { authorization: `Bearer ${house.token}` })).statusCode).toBe(201);
    expect(await house.statusOf(EMAIL)).toBe('unknown');
  });

  test.each([
    ['web', 403, 'type-not-allowed'],
    ['till', 403, 'type-not-allowed'],
    ['nobody', 401, 'write-key-unknown'],
  ])('with the key of %s: %d %s', async (source, status, code) => {
    const answer = await house.ask({}, { 'x-write-key': house.keys.get(source) ?? 'unknown' });
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });

  test.each([
    [{ brand: 'voisin' }, 403, 'brand-not-allowed', '/brand'],
    [{ property: 'other' }, 400, 'value-not-allowed', '/property'],
    [{ notice: { id: 'letters', version: '9' } }, 400, 'unknown-notice', '/notice'],
    [{ decisions: [{ purpose: 'sms_marketing' }] }, 400, 'purpose-not-in-notice', '/decisions/0/purpose'],
    [{ decisions: [{ purpose: 'wine_tasting' }] }, 400, 'unknown-purpose', '/decisions/0/purpose'],
    [{ brands: ['voisin'] }, 400, 'brand-not-joint', '/brands/0'],
    [{ subject: { userId: 'ada' } }, 400, 'value-not-allowed', '/subject'],
  ])('%j is refused as the ledger would refuse it: %d %s at %s', async (said, status, code, pointer) => {
    const answer = await house.ask(said);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ code, pointer });
  });

  test('no oftener than its key may send', async () => {
    for (let n = 0; n < 20; n += 1) expect((await house.ask()).statusCode).toBe(201);
    const answer = await house.ask();
    expect([answer.statusCode, answer.json().code]).toEqual([429, 'quota-exceeded']);
  });
});

describe('the way of the person', () => {
  test('a link that is opened confirms nothing, however often: scanners of mail open every one', async () => {
    const token = await house.tokenFor();
    for (let n = 0; n < 3; n += 1) expect((await house.open(token)).statusCode).toBe(200);
    expect(await house.statusOf(EMAIL)).toBe('unknown');
    expect([...house.database.view.fact.values()]).toEqual([]);
  });

  test('S7 S11 the button turns what was requested into given: verified, trusted, dated to the click', async () => {
    expect((await house.decide('given', {}, 'web')).json().decisions[0].effective).toBe('requested');
    const asked = (await house.ask()).json();
    house.later(2 * HOUR_MS);
    const page = await house.press(asked.token);
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('C’est confirmé');
    expect([await house.statusOf(EMAIL), await house.statusOf('userId=ada')]).toEqual(['given', 'given']);
    const fact = [...house.database.view.fact.values()].at(-1);
    expect(fact).toMatchObject({
      recordId: asked.recordId,
      status: 'given',
      clock: 'trusted',
      verified: true,
      indicatedAt: NOW + 2 * HOUR_MS,
      record: { channel: 'email', noticeId: 'letters', noticeVersion: '1', indicatedBy: 'subject', source: 'backend' },
    });
    const opened = house.vault.openRecord(`consent/${asked.recordId}`, fact?.record.sealed ?? Buffer.alloc(0));
    expect(opened.ok && JSON.parse(opened.value.toString())).toMatchObject({
      property: 'site',
      evidence: { kind: 'double-opt-in', requestedAt: '2026-11-21T12:00:00.000Z', requestedBy: 'backend' },
      proof: { by: 'double-opt-in', covers: ['user_id', 'email'] },
    });
  });

  test('the second click says so and records nothing, at once, later and after a restart', async () => {
    const token = await house.tokenFor();
    const both = await Promise.all([house.confirm(token), house.confirm(token)]);
    const states = both.map((answer) => answer.json().state as string);
    expect(new Set(states)).toEqual(new Set(['already-confirmed', 'confirmed']));
    expect(new Set(both.map((answer) => answer.json().recordId)).size).toBe(1);
    house.laterDays(3);
    await house.start();
    expect((await house.press(token)).body).toContain('Déjà confirmé');
    expect((await house.open(token)).body).not.toContain('<form');
    expect([...house.database.view.fact.values()]).toHaveLength(1);
  });

  test('a withdrawal after the click stays: the old message opens nothing again', async () => {
    const token = await house.tokenFor();
    expect((await house.confirm(token)).json().state).toBe('confirmed');
    house.later(HOUR_MS);
    await house.decide('withdrawn');
    house.later(HOUR_MS);
    const again = await house.confirm(token);
    expect([again.statusCode, again.json().code]).toEqual([409, 'confirmation-overtaken']);
    expect(await house.statusOf(EMAIL)).toBe('withdrawn');
  });

  test('so does a no from between the message and the first click, whoever recorded it', async () => {
    for (const [source, who] of [
      ['web', { subject: { email: 'ada@example.com', anonymousId: 'a' } }],
      ['backend', { subject: { userId: 'ada' } }],
    ] as const) {
      const token = await house.tokenFor();
      house.later(HOUR_MS);
      expect((await house.decide('refused', who, source)).statusCode).toBe(200);
      house.later(HOUR_MS);
      const page = await house.press(token);
      expect(page.statusCode).toBe(409);
      expect(page.body).toContain('Ce lien ne vaut plus');
      expect((await house.open(token)).statusCode).toBe(409);
      expect(await house.statusOf(EMAIL)).not.toBe('given');
    }
  });

  test('an objection from before the message yields to the click, which proves who spoke (S7)', async () => {
    await house.decide('objected');
    house.later(HOUR_MS);
    const token = await house.tokenFor();
    await house.confirm(token);
    expect(await house.statusOf(EMAIL)).toBe('given');
  });

  test('what was refused since is left out, the rest is given', async () => {
    const token = await house.tokenFor({ decisions: [{ purpose: 'email_marketing' }, { purpose: 'profiling' }] });
    house.later(HOUR_MS);
    await house.decide('refused', { decisions: [{ purpose: 'profiling', status: 'refused' }] });
    expect((await house.open(token)).body).not.toContain('suggestions');
    const answer = await house.confirm(token);
    expect(answer.json().decisions).toEqual([{ purpose: 'email_marketing', vendor: '*', status: 'given' }]);
    expect([await house.statusOf(EMAIL), await house.statusOf(EMAIL, 'profiling')]).toEqual(['given', 'refused']);
  });

  test('after seven days, and of a link that was not made here, a page says so and nothing is recorded', async () => {
    const token = await house.tokenFor();
    house.laterDays(7);
    for (const page of [await house.open(token), await house.press(token)]) {
      expect(page.statusCode).toBe(410);
      expect(page.body).toContain('Ce lien a expiré');
    }
    expect((await house.confirm(token)).json()).toMatchObject({ status: 410, code: 'confirmation-expired' });
    const other = await (await ConfirmationHouse.open()).tokenFor();
    for (const forged of [`${token.slice(0, -2)}AA`, 'x', '', other.replace(/^[^.]+/, 'e30')]) {
      const page = await house.press(forged);
      expect(page.statusCode).toBe(400);
      expect(page.body).toContain('Ce lien n’est pas valable');
    }
    for (const odd of [7, null, undefined]) {
      expect((await house.confirm(odd)).json()).toMatchObject({ code: 'confirmation-unreadable' });
    }
    expect([...house.database.view.fact.values()]).toEqual([]);
  });

  test('where the engine is down the page asks to come back, and the link still holds', async () => {
    const token = await house.tokenFor();
    house.isDown = true;
    const page = await house.press(token);
    expect([page.statusCode, page.headers['retry-after']]).toEqual([503, '60']);
    expect(page.body).toContain('Réessayez dans quelques minutes');
    house.isDown = false;
    expect((await house.press(token)).body).toContain('C’est confirmé');
  });

  test('S14 an erasure after the message: the click registers nobody anew', async () => {
    const token = await house.tokenFor();
    house.later(HOUR_MS);
    await house.database.transaction((draft) => {
      const node = house.node('email', 'ada@example.com');
      draft.tombstone.put(node, { node, erasedAt: house.now });
    });
    house.later(HOUR_MS);
    expect((await house.confirm(token)).json()).toMatchObject({ code: 'confirmation-overtaken' });
  });
});

test('S14 a link that is asked for after an erasure registers anew: the click lifts the tombstone', async () => {
  const node = house.node('email', 'ada@example.com');
  await house.database.transaction((draft) => draft.tombstone.put(node, { node, erasedAt: house.now }));
  house.later(HOUR_MS);
  const token = await house.tokenFor({ subject: { email: 'ada@example.com' } });
  house.later(HOUR_MS);
  expect((await house.confirm(token)).json().state).toBe('confirmed');
  expect(await house.statusOf(EMAIL)).toBe('given');
  expect(house.database.view.tombstone.get(node)?.liftedAt).toBe(house.now);
});

describe('S11 the account that the server named', () => {
  test('is joined to the address by the click, for what was confirmed', async () => {
    const token = await house.tokenFor();
    expect(await house.personOf('email', 'ada@example.com')).toBeUndefined();
    await house.confirm(token);
    const person = await house.personOf('email', 'ada@example.com');
    expect(person).toMatch(/^per_/);
    expect(await house.personOf('user_id', 'ada')).toBe(person);
    const links = [...house.database.view.link.values()];
    expect(links).toMatchObject([{ verified: true, evidence: 'double-opt-in' }]);
  });

  test('S8 S9 is not, where a no reaches the address from beyond an unverified link: the yes is recorded, and waits', async () => {
    const eve = { subject: { userId: 'eve' } };
    const decisions = [{ purpose: 'profiling', status: 'given' }];
    for (const subject of [{ userId: 'eve' }, { anonymousId: 'visitor-7' }]) {
      await house.decide('given', { subject, decisions });
    }
    await house.decide('refused', eve);
    const named = { anonymousId: 'visitor-7', userId: 'eve', traits: { email: 'ada@example.com' } };
    await house.track('web', { type: 'identify', ...named });
    expect(await house.personOf('user_id', 'eve')).toMatch(/^per_/);
    house.later(HOUR_MS);
    const token = await house.tokenFor();
    expect((await house.confirm(token)).json().state).toBe('confirmed');
    expect(await house.statusOf(EMAIL)).toBe('refused');
    expect(await house.personOf('user_id', 'ada')).toBeUndefined();
    expect([...house.database.view.withheld.values()].map(({ header }) => [header.name, header.reason])).toEqual([
      ['Identify', 'refused'],
    ]);
  });

  test('an address alone is confirmed without any item', async () => {
    const token = await house.tokenFor({ subject: { phone: '06 39 98 12 34' } });
    expect((await house.confirm(token)).json().state).toBe('confirmed');
    expect([...house.database.view.journal.values()]).toEqual([]);
    expect(await house.statusOf('phone=%2B33639981234')).toBe('given');
  });
});

describe('the page', () => {
  test('speaks French and English, names the brand, the purposes, the notice and the masked address', async () => {
    const token = await house.tokenFor();
    const [french, english] = [await house.open(token), await house.open(token, 'en-GB')];
    for (const word of ['lang="fr"', 'Maison &amp; Fils', 'a•••@e•••.com', 'Des offres par e-mail', 'Je confirme']) {
      expect(french.body).toContain(word);
    }
    expect(french.body).toContain(NOTICE_TEXT.replace('<', '&lt;').replace('>', '&gt;'));
    for (const word of ['lang="en"', 'Offers by e-mail', 'I confirm', 'Receive our offers once a week.']) {
      expect(english.body).toContain(word);
    }
    expect((await house.open(token, 'de')).body).toContain('lang="en"');
  });

  test('holds nothing personal, loads nothing, runs nothing, is kept and framed by nobody', async () => {
    const token = await house.tokenFor();
    for (const page of [await house.open(token), await house.press(token), await house.press(token)]) {
      const body = page.body.replaceAll(token, '');
      expect(body).not.toMatch(/ada@|ada\b|example\.com|<script|<img|<link|src=|url\(|\son\w+=/);
      expect(page.headers['content-security-policy']).toMatch(
        /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
      );
      expect(page.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'x-robots-tag': 'noindex, nofollow',
      });
    }
  });
});
