import { instant } from '@filrouge/domain/base';
import type { Source } from '@filrouge/domain/deployment';
import type { IncomingItem } from '@filrouge/domain/event';
import { createMemoryVault } from '@filrouge/ports';
import { expect, test } from 'vitest';
import { hashItem } from './hashed-item.ts';

const item: IncomingItem = {
  kind: 'page',
  name: 'Page Viewed',
  messageId: 'm1',
  times: {},
  identifiers: [],
  traits: {},
  properties: {},
  context: {},
  marks: [],
  bodyHash: '0123456789abcdef0123456789abcdef',
};

function bodyOf(lookupSecret: string, bodyHash: string): string {
  const submission = {
    source: { id: 'web', brand: 'maison' } as unknown as Source,
    items: [{ ...item, bodyHash }],
    consents: [],
    receivedAt: instant(Date.UTC(2026, 10, 21)),
    imported: false,
    globalPrivacyControl: false,
    refused: new Map(),
  };
  return hashItem(createMemoryVault(lookupSecret), submission, 0).seen.body;
}

test('S2 S16 what deduplication keeps of a body is keyed: nobody can check a guess without the vault', () => {
  const body = bodyOf('one secret', item.bodyHash);
  expect(body).toMatch(/^[0-9a-f]{32}$/);
  expect(body).toBe(bodyOf('one secret', item.bodyHash));
  expect(body).not.toBe(item.bodyHash);
  expect(body).not.toBe(bodyOf('another secret', item.bodyHash));
  expect(body).not.toBe(bodyOf('one secret', 'f'.repeat(32)));
});
