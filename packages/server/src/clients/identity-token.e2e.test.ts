import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTokenIssuer, type TokenIssuer } from '../access/testing/token-issuer.ts';
import { useBrowserStage } from './testing/browser-stage.ts';
import { deliveries } from './testing/capture.ts';
import { basic, someone } from './testing/client-house.ts';
import { callInPage, consentFromPage, taken } from './testing/visit.ts';

const shop: TokenIssuer = await openTokenIssuer('ES256', 'oidc');
const stage = useBrowserStage([{ id: 'web', kind: 'web' }], { identityIssuers: [shop.configured] });
const PURPOSE = 'audience_measurement';

/** A page whose visitor signs in on the retailer's site: the client passes what the server signed. */
async function visit(identityToken: string, userId: string, email: string): Promise<string> {
  const { house, site } = stage;
  const { page } = await site.visit();
  const anonymousId = await page.evaluate((one) => globalThis.clients.segment(one), {
    writeKey: house.keyOf('web'),
    cdnURL: house.front.url,
  });
  await consentFromPage(house, page, 'web', anonymousId, [PURPOSE]);
  await callInPage(page, [
    ['identify', userId, { email }, { context: { identityToken } }],
    ['page', 'Rayons', 'Chaussures', {}, { context: { identityToken } }],
  ]);
  await taken(house.front, 2);
  return anonymousId;
}

test('S11 @segment/analytics-next passes a signed token: the login is proven, and the token is kept nowhere', async () => {
  const { house } = stage;
  const userId = someone('ada');
  const email = `${userId}@example.com`;
  await house.decide({ userId }, [PURPOSE, 'profiling']);
  const token = await shop.sign(userId, { at: Date.now(), claims: { email, email_verified: true } });
  await visit(token, userId, email);
  expect(deliveries(house.front.captured).some(({ body }) => body.includes(token))).toBe(true);

  const events = await house.timeline({ userId }, PURPOSE);
  expect(events).not.toBe('profile-not-found');
  expect(JSON.stringify(events)).not.toContain(token);
  // Behind a verified link the address is the person's own: what is allowed for the one is for the other.
  const person = await house.personOf({ userId }, PURPOSE);
  expect(person).toMatch(/^per_/);
  expect(await house.personOf({ email }, PURPOSE)).toBe(person);
  const figures = await (await fetch(`${house.url}/metrics`)).text();
  expect(figures).toContain('filrouge_identity_tokens_total{source="web",result="verified"} 2');
  await expectNowhere(stage.house.directory, token.split('.')[2] as string);
});

test('S11 a token of another user proves nothing: the address stays apart', async () => {
  const { house } = stage;
  const userId = someone('eve');
  const email = `${userId}@example.com`;
  await house.decide({ userId }, [PURPOSE, 'profiling']);
  const victim = someone('victim');
  const token = await shop.sign(victim, { at: Date.now(), claims: { email, email_verified: true } });
  await visit(token, userId, email);
  const mine = await house.personOf({ userId }, PURPOSE);
  expect(mine).toMatch(/^per_/);
  expect(await house.personOf({ email }, PURPOSE)).not.toBe(mine);
});

test('S7 a page decides for the signed-in person by the token alone', async () => {
  const { house } = stage;
  const userId = someone('ada');
  const body = {
    subject: { userId },
    brand: 'maison',
    property: 'site',
    decisions: [{ purpose: 'email_marketing', status: 'given' }],
    notice: { id: 'banner', version: '3' },
    channel: 'web',
    indicatedAt: new Date().toISOString(),
    indicatedBy: { kind: 'subject' },
  };
  const post = async (said: object): Promise<unknown> => {
    const headers = basic(house.keyOf('web'));
    const answer = await fetch(`${house.url}/v1/consents`, { method: 'POST', headers, body: JSON.stringify(said) });
    return answer.json();
  };
  expect(await post(body)).toMatchObject({ decisions: [{ effective: 'requested' }] });
  const identityToken = await shop.sign(userId, { at: Date.now() });
  expect(await post({ ...body, identityToken })).toMatchObject({ decisions: [{ effective: 'given' }] });
});

/** No file of the installation holds this text: not the database, not its log, not the events. */
async function expectNowhere(directory: string, text: string): Promise<void> {
  const needle = Buffer.from(text);
  const holding: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    if (bytes.includes(needle)) holding.push(path);
  }
  expect(holding).toEqual([]);
}
