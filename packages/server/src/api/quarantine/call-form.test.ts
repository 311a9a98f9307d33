import type { Source } from '@filrouge/domain/deployment';
import { ITEM_KINDS } from '@filrouge/domain/event';
import { incomingFrom, type JournaledItem } from '@filrouge/pipeline';
import { parseText, understandItem } from '@filrouge/wire';
import { expect, test } from 'vitest';
import { callForm } from './call-form.ts';

const source = {
  id: 'server',
  brand: 'atelier',
  property: 'site',
  kind: 'server',
  channel: 'server',
  country: 'FR',
  allowedKinds: ITEM_KINDS,
  allowedOrigins: [],
  quotaPerSecond: 1_000,
  personQuotaPerSecond: 20,
  serves: {},
  kiosk: false,
} as unknown as Source;

const CALLS: readonly Readonly<Record<string, unknown>>[] = [
  { type: 'page', anonymousId: 'a1', name: 'Home', properties: { url: 'https://atelier.example/' } },
  { type: 'identify', userId: 'u1', traits: { email: 'u1@example.com', city: 'Lyon' } },
  { type: 'alias', userId: 'u1', previousId: 'u0' },
  { type: 'group', userId: 'u1', groupId: 'g1', traits: { name: 'Club' } },
  { type: 'track', event: 'Email Opened', userId: 'u1', properties: { campaign: 'autumn' } },
  { type: 'track', event: 'Signed Out', userId: 'u1', anonymousId: 'a1' },
  { type: 'call', userId: 'u1', properties: { topic: 'return' } },
  {
    type: 'track',
    event: 'Order Completed',
    userId: 'u1',
    properties: { order_id: '1', total: 12.5, currency: 'EUR', products: [{ sku: 'A', price: 12.5, quantity: 1 }] },
  },
  {
    type: 'ticket',
    identifiers: { loyaltyCard: '2900 1' },
    receipt: {
      number: 'T1',
      currency: 'EUR',
      amountMinor: 990,
      store: 'lyon',
      lines: [{ sku: 'A', quantity: 1, amountMinor: 990 }],
    },
  },
];

function understood(call: object): ReturnType<typeof incomingFrom> {
  const parsed = parseText(JSON.stringify(call));
  if (!parsed.ok) throw new Error(parsed.refusal.code);
  const item = understandItem(parsed.value, { source });
  if (!item.ok) throw new Error(`${item.refusal.code} ${item.refusal.pointer}`);
  return item.value;
}

/** As the journal holds it, with what the door adds. */
function journaled(item: ReturnType<typeof understood>): JournaledItem {
  const { times, bodyHash: _, texts: _t, ...rest } = item;
  const at = times.occurredAt;
  const identifiers = item.identifiers.map((one) => ({ ...one, node: '0'.repeat(32) }));
  return {
    ...rest,
    identifiers,
    t: at,
    r: at,
    c: at,
    terminal: false,
    imported: false,
    purposes: '1',
  } as unknown as JournaledItem;
}

test.each(CALLS)('a held $type $event, sent back as it is read, is the same item', (call) => {
  const first = understood({ messageId: 'm1', timestamp: '2026-11-20T10:00:00.000Z', ...call });
  const again = understood(callForm(journaled(first)));
  const { bodyHash: _a, texts: _t, ...left } = again;
  const { bodyHash: _b, ...right } = incomingFrom(journaled(first));
  expect(left).toEqual(right);
});
