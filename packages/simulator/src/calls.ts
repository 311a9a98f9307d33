import type { Json, JsonObject } from '@filrouge/domain/base';
import { vatContained } from './basket.ts';
import type { Product } from './catalogue.ts';
import { appContext, webContext } from './contexts.ts';
import type { Order } from './episode.ts';
import type { Hit, Stay } from './hits.ts';
import type { Random } from './random.ts';
import type { Relation, Shopper } from './shopper.ts';

/** A call as a client writes it, and what to remember of it. */
export type DraftCall = {
  readonly messageId: string;
  readonly name: string;
  readonly at: number;
  readonly json: string;
  readonly person: string | undefined;
};

/** Who speaks, on the wire. */
export type Voice = {
  readonly anonymousId: string;
  readonly deviceId: string | undefined;
  readonly surface: 'web' | 'app' | 'kiosk';
  readonly skewMs: number;
  /** A constant that a faulty release wrote instead of a user id. */
  readonly blockedId: 'null' | 'anonymous' | undefined;
};

/** One hit on a terminal as a Segment call: page or screen, track by the e-commerce spec, identify. */
export function callOfHit(random: Random, stay: Stay, hit: Hit, voice: Voice, email: string): DraftCall {
  const app = voice.surface !== 'web';
  const messageId = app ? random.uuid() : `ajs-next-${hit.at + voice.skewMs}-${random.uuid()}`;
  const userId = hit.userId ?? voice.blockedId;
  const { name, fields } = fieldsOf(hit, app, email);
  const json = JSON.stringify({
    ...fields,
    messageId,
    timestamp: iso(hit.at + voice.skewMs),
    anonymousId: voice.anonymousId,
    userId,
    context: app ? appContext(stay, voice.deviceId) : webContext(stay, hit),
  });
  return { messageId, name, at: hit.at, json, person: hit.person };
}

function fieldsOf(hit: Hit, app: boolean, email: string): { readonly name: string; readonly fields: JsonObject } {
  switch (hit.type) {
    case 'page':
      return app
        ? { name: 'screen', fields: { type: 'screen', name: hit.text, properties: skuOf(hit) } }
        : { name: 'page', fields: { type: 'page', name: hit.text, properties: skuOf(hit) } };
    case 'identify':
      return { name: 'identify', fields: { type: 'identify', traits: { email } } };
    case 'search':
      return track('Products Searched', { query: hit.text });
    case 'view':
      return track('Product Viewed', { ...productOf(hit.product as Product), currency: 'EUR' });
    case 'add':
      return track('Product Added', {
        ...productOf(hit.product as Product),
        quantity: hit.quantity ?? 1,
        currency: 'EUR',
      });
    case 'sign-in':
      return track('Signed In', {});
    case 'sign-out':
      return track('Signed Out', {});
  }
}

function track(
  event: string,
  properties: Readonly<Record<string, Json>>,
): { readonly name: string; readonly fields: JsonObject } {
  return { name: event, fields: { type: 'track', event, properties } };
}

function skuOf(hit: Hit): JsonObject {
  return hit.product === undefined ? {} : { sku: hit.product.sku };
}

function productOf(product: Product): Readonly<Record<string, Json>> {
  const { sku, name, category, priceMinor } = product;
  return { product_id: sku, sku, name, category, price: priceMinor / 100 };
}

/** `Order Completed` or `Order Refunded` from the shop's server, by the e-commerce spec. */
export function callOfOrder(
  random: Random,
  shopper: Shopper,
  relation: Relation,
  anonymousId: string,
  order: Order,
  at: number,
  refund: boolean,
): DraftCall {
  const { lines, totalMinor, coupon } = order.basket;
  const tax = lines.reduce((sum, line) => sum + vatContained(line.amountMinor, line.product.vatRate), 0);
  const event = refund ? 'Order Refunded' : 'Order Completed';
  const messageId = `node-next-${at}-${random.uuid()}`;
  const json = JSON.stringify({
    type: 'track',
    event,
    messageId,
    originalTimestamp: iso(at),
    ...(order.guest || relation.account === undefined ? { anonymousId } : { userId: relation.account.userId }),
    properties: {
      order_id: order.number,
      total: totalMinor / 100,
      revenue: (totalMinor - tax) / 100,
      tax: tax / 100,
      shipping: 0,
      currency: 'EUR',
      ...(coupon === undefined ? {} : { coupon }),
      products: lines.map((line) => ({
        ...productOf(line.product),
        price: line.amountMinor / line.quantity / 100,
        quantity: line.quantity,
      })),
    },
    context: { ...(order.guest ? { traits: { email: shopper.email } } : {}), library: NODE_LIBRARY },
  });
  return { messageId, name: event, at, json, person: shopper.person };
}

const NODE_LIBRARY = { name: '@segment/analytics-node', version: '3.1.0' };

/** The account's identifiers as the shop's server knows them: a verified link (S11). */
export function callOfAccount(random: Random, shopper: Shopper, relation: Relation, at: number): DraftCall {
  const messageId = `node-next-${at}-${random.uuid()}`;
  const { account, card } = relation;
  const json = JSON.stringify({
    type: 'identify',
    messageId,
    originalTimestamp: iso(at),
    userId: account?.userId,
    traits: {
      email: shopper.email,
      ...(shopper.phone === undefined ? {} : { phone: shopper.phone }),
      firstName: shopper.firstName,
      lastName: shopper.lastName,
      // A card that is sold after the account was made is linked in the customer file alone.
      ...(card?.linked === true && card.soldAt <= at ? { loyaltyCard: card.number } : {}),
    },
    context: { library: NODE_LIBRARY },
  });
  return { messageId, name: 'identify', at, json, person: shopper.person };
}

/** Something that a service of the retailer says about a person with an account: a mail was opened, a call was taken. */
export function callOfService(
  random: Random,
  shopper: Shopper,
  relation: Relation,
  at: number,
  event: string,
  properties: JsonObject,
): DraftCall {
  const messageId = `${event.startsWith('Email') ? 'mail' : 'care'}-${at}-${random.uuid()}`;
  const json = JSON.stringify({
    // A call is no event of a site: the product's own type says so, and what it may be kept for.
    type: event === 'Call Received' ? 'call' : 'track',
    event,
    messageId,
    originalTimestamp: iso(at),
    userId: relation.account?.userId,
    properties,
    context: { traits: { email: shopper.email }, library: NODE_LIBRARY },
  });
  return { messageId, name: event, at, json, person: shopper.person };
}

/** `2026-11-21T18:03:00.000Z`. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}
