import { type Instant, instant } from '@filrouge/domain/base';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import { createMemoryVault } from '@filrouge/ports';
import { CompactEncrypt, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { CONFIRMATION_LIFE_MS, type Confirmation } from './confirmation.ts';
import { openConfirmation, sealConfirmation } from './confirmation-token.ts';

const NOW: Instant = instant(Date.UTC(2026, 10, 21, 12, 0, 0, 7));
const MAISON = 'maison' as BrandId;
const brands = new Map(['maison', 'voisin'].map((id) => [id as BrandId, { id: id as BrandId, name: id }]));
const vault = createMemoryVault();
const here = { vault, deployment: { brands } };
const confirmation: Confirmation = {
  id: '019aa000-0000-7000-8000-000000000001',
  source: 'server' as SourceId,
  issuedAt: NOW,
  subject: [{ namespace: 'email', value: 'ada@example.com' }],
  brand: MAISON,
  property: 'site' as Confirmation['property'],
  decisions: [{ purpose: 'email_marketing' as never, vendor: '*', status: 'given' }],
  notice: { id: 'letters', version: '1' },
  channel: 'email',
};
const unreadable = { kind: 'unreadable' };

test('a token holds the confirmation for seven days, and shows nobody whose it is', async () => {
  const token = await sealConfirmation(vault, confirmation);
  expect(await openConfirmation(here, token, NOW)).toEqual({ kind: 'valid', confirmation });
  const end = NOW + CONFIRMATION_LIFE_MS;
  expect(await openConfirmation(here, token, instant(end - 1))).toEqual({ kind: 'valid', confirmation });
  expect(await openConfirmation(here, token, instant(end))).toEqual({ kind: 'expired', confirmation });
  const parts = token.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
  for (const word of ['ada@', 'example', 'email_marketing', 'letters']) expect(parts.join(' ')).not.toContain(word);
  expect(await sealConfirmation(vault, confirmation)).not.toBe(token);
});

test('a changed token, one of another installation, of another brand or of another form is unreadable', async () => {
  const token = await sealConfirmation(vault, confirmation);
  const [header = '', key = '', iv = '', text = '', tag = ''] = token.split('.');
  const renamed = Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid: 'voisin' })).toString('base64url');
  const flipped = `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;
  const weak = new Uint8Array(32);
  const forged: readonly string[] = [
    [renamed, key, iv, text, tag].join('.'),
    [header, key, iv, flipped, tag].join('.'),
    [header, key, iv, text, tag.slice(1)].join('.'),
    [header, key, iv, text].join('.'),
    token.slice(0, -4),
    await new SignJWT({ confirmation: { ...confirmation } })
      .setProtectedHeader({ alg: 'HS256', kid: 'maison' })
      .sign(weak),
    await new CompactEncrypt(Buffer.from('{}'))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'maison' })
      .encrypt(weak),
    await sealConfirmation(vault, { ...confirmation, brand: 'unknown' as BrandId }),
    '',
    '....',
    'x'.repeat(10_000),
    'ada@example.com',
  ];
  for (const one of forged) expect(await openConfirmation(here, one, NOW)).toEqual(unreadable);
  const elsewhere = { ...here, vault: createMemoryVault('another installation') };
  expect(await openConfirmation(elsewhere, token, NOW)).toEqual(unreadable);
});
