import { expect, test } from 'vitest';
import { useBrowserStage } from '../clients/testing/browser-stage.ts';
import { basic, NOTICE, someone } from '../clients/testing/client-house.ts';

const stage = useBrowserStage([
  { id: 'web', kind: 'web' },
  { id: 'backend', kind: 'server' },
]);

type Body = Readonly<Record<string, unknown>>;

async function post(path: string, source: string, body: object): Promise<Body> {
  const { url, keyOf } = stage.house;
  const answer = await fetch(url + path, { method: 'POST', headers: basic(keyOf(source)), body: JSON.stringify(body) });
  return (await answer.json()) as Body;
}

async function statusOf(email: string): Promise<unknown> {
  const { url, keyOf } = stage.house;
  const answer = await fetch(`${url}/v1/consents?email=${email}`, { headers: basic(keyOf('backend')) });
  const { purposes } = (await answer.json()) as { readonly purposes: Readonly<Record<string, Body>> };
  return purposes['email_marketing']?.['status'];
}

test('S7 S11 double opt-in from the form to the button, in a browser, over the real engines', async () => {
  const { house, site } = stage;
  const userId = someone('ada');
  const email = `${userId}@example.com`;
  const said = {
    brand: 'maison',
    property: 'site',
    notice: NOTICE,
    decisions: [{ purpose: 'email_marketing', status: 'given' }],
  };
  const now = new Date().toISOString();
  const form = { ...said, subject: { email }, channel: 'web', indicatedAt: now, indicatedBy: { kind: 'subject' } };
  expect(await post('/v1/consents', 'web', form)).toMatchObject({ decisions: [{ effective: 'requested' }] });
  expect(await statusOf(email)).toBe('requested');

  const link = await post('/v1/consents/confirmations', 'backend', { ...said, subject: { email, userId } });
  const { page, asked } = await site.visit({ headers: { 'accept-language': 'en' } });
  const before = asked.length;
  await page.goto(link['url'] as string);
  expect(await page.title()).toBe('Confirm your choice – Maison');
  expect(await statusOf(email)).toBe('requested');
  await Promise.all([
    page.waitForURL(/\/v1\/consents\/confirm$/),
    page.getByRole('button', { name: 'I confirm' }).click(),
  ]);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Confirmed');
  expect(await statusOf(email)).toBe('given');
  // The page and the form's answer, and not one thing beside them.
  expect(asked.slice(before).filter((address) => !address.endsWith('/favicon.ico'))).toHaveLength(2);

  await page.goto(link['url'] as string);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Already confirmed');
  const again = await post('/v1/consents/confirm', 'backend', { token: link['token'] });
  expect(again).toMatchObject({ state: 'already-confirmed', recordId: link['recordId'] });
  const person = await house.personOf({ userId }, 'email_marketing');
  expect(person).toMatch(/^per_/);
  expect(await house.personOf({ email }, 'email_marketing')).toBe(person);

  await post('/v1/consents', 'web', { ...form, decisions: [{ purpose: 'email_marketing', status: 'withdrawn' }] });
  await page.goto(link['url'] as string);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('This link no longer counts');
  expect(await statusOf(email)).toBe('withdrawn');
});
