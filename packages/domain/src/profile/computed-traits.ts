import type { Instant } from '../base/instant.ts';
import type { Json } from '../base/json.ts';
import type { PurposeId } from '../consent/purpose.ts';
import type { Purchase } from './purchase.ts';

/** A trait the platform works out; it declares the one purpose it serves and is computed from what that purpose may see. */
export type ComputedTrait = {
  readonly name: string;
  readonly purpose: PurposeId;
  /** Value and the instant of the newest fact it rests on; undefined where there is nothing to say. */
  readonly compute: (purchases: readonly Purchase[]) => { readonly value: Json; readonly at: Instant } | undefined;
};

const PROFILING = 'profiling' as PurposeId;

/** All computed traits. Sales count once each; a refund takes its amount back and a cancellation the whole order. */
export const COMPUTED_TRAITS: readonly ComputedTrait[] = [
  trait('purchase_count', (sales) => sales.length),
  trait('store_purchase_count', (sales) => sales.filter(({ kind }) => kind === 'ticket').length),
  trait('online_order_count', (sales) => sales.filter(({ kind }) => kind === 'order').length),
  trait('total_spent', (_, all) => spentByCurrency(all)),
  trait('first_purchase_at', (sales) => iso(Math.min(...sales.map(({ t }) => t)))),
  trait('last_purchase_at', (sales) => iso(Math.max(...sales.map(({ t }) => t)))),
  trait('favourite_store', (sales) => favouriteStore(sales)),
];

function trait(
  name: string,
  compute: (sales: readonly Purchase[], all: readonly Purchase[]) => Json | undefined,
): ComputedTrait {
  return {
    name,
    purpose: PROFILING,
    compute: (purchases) => {
      const cancelled = new Set(purchases.filter(({ type }) => type === 'cancellation').map(({ number }) => number));
      const standing = purchases.filter(({ type, number }) => type !== 'cancellation' && !cancelled.has(number));
      const sales = standing.filter(({ type }) => type === 'sale');
      if (sales.length === 0) return undefined;
      const value = compute(sales, standing);
      return value === undefined ? undefined : { value, at: Math.max(...standing.map(({ t }) => t)) as Instant };
    },
  };
}

/** Currency -> minor units; refunds carry negative amounts. */
function spentByCurrency(purchases: readonly Purchase[]): Json {
  const spent: Record<string, number> = {};
  for (const { currency, amountMinor } of purchases) spent[currency] = (spent[currency] ?? 0) + amountMinor;
  return Object.fromEntries(Object.entries(spent).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** The store with most sales; on a tie the one visited last, then the first in the alphabet. */
function favouriteStore(sales: readonly Purchase[]): string | undefined {
  const stores = new Map<string, { count: number; last: number }>();
  for (const { kind, store, t } of sales) {
    if (kind !== 'ticket' || store === '') continue;
    const known = stores.get(store) ?? { count: 0, last: 0 };
    stores.set(store, { count: known.count + 1, last: Math.max(known.last, t) });
  }
  const ranked = [...stores].sort(
    ([aName, a], [bName, b]) => b.count - a.count || b.last - a.last || (aName < bName ? -1 : 1),
  );
  return ranked[0]?.[0];
}
