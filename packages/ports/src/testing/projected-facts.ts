import type { ProjectionTransaction, PurchaseRow } from '../projection-store.ts';
import { ATELIER, aKey, aLink, aNewNode, aNode, aPresence, aUuid, minute, NOON, TILL } from './stores-under-test.ts';

export function aPurchase(said: Partial<PurchaseRow> = {}): PurchaseRow {
  return {
    eventId: aUuid(),
    brand: ATELIER,
    node: aNode().id,
    kind: 'ticket',
    type: 'sale',
    number: 'T-1',
    store: 'lille-1',
    currency: 'EUR',
    amountMinor: -1_250,
    t: NOON,
    c: minute(1),
    purposes: (1n << 62n) + 5n,
    terminal: false,
    source: TILL,
    ...said,
  };
}

/** Everything a range may write, of a few identifiers. */
export function someFacts(): readonly ((transaction: ProjectionTransaction) => Promise<unknown>)[] {
  const [user, email, device, app] = [aNode(), aNode('email'), aNode('anonymous_id'), aNode('device_id')];
  const origin = { t: NOON, messageId: aUuid() };
  const [late, early] = [aLink(user, email, { t: minute(5) }), aLink(email, user, { t: minute(2) })];
  const purchase = aPurchase({ node: user.id, device: device.id });
  const key = aKey();
  return [
    (one) => one.putLinks(ATELIER, [late]),
    (one) => one.putLinks(ATELIER, [early]),
    (one) => one.putDeviceLinks(ATELIER, [{ a: device, b: app, ...origin }]),
    (one) => one.putPresences(ATELIER, [aPresence(device, user, minute(1), { kiosk: true, verified: false })]),
    (one) => one.putPresences(ATELIER, [aPresence(device, user, minute(9))]),
    (one) => one.putLogouts(ATELIER, [{ device, ...origin }]),
    (one) => one.touch(new Map([[user.id, minute(0)]])),
    (one) => one.touch(new Map([[user.id, minute(3_000)]])),
    (one) => one.putTraits([{ node: user.id, brand: ATELIER, key, sealed: Buffer.from(aUuid()) }]),
    (one) => one.putPurchases([purchase]),
    (one) => one.putResolved([{ node: email.id, component: user.id, blocked: undefined }]),
    (one) => one.addNodes([user, email, device, app].map((node) => aNewNode(node))),
  ];
}
