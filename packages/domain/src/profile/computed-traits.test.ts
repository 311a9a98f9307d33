import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instant } from '../base/instant.ts';
import type { SourceId } from '../deployment/source.ts';
import { COMPUTED_TRAITS } from './computed-traits.ts';
import type { Purchase } from './purchase.ts';

const DAY = 86_400_000;
let made = 0;

function purchase(number: string, more: Partial<Purchase> = {}): Purchase {
  made += 1;
  return {
    kind: 'ticket',
    type: 'sale',
    number,
    store: 'lyon',
    currency: 'EUR',
    amountMinor: 1_000,
    t: (made * DAY) as Instant,
    c: (made * DAY) as Instant,
    purposes: 1n,
    terminal: false,
    source: 'till' as SourceId,
    ...more,
  };
}

/** Every computed trait that these purchases have. */
function traitsFrom(purchases: readonly Purchase[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    COMPUTED_TRAITS.flatMap(({ name, compute }) => {
      const computed = compute(purchases);
      return computed === undefined ? [] : [[name, computed.value]];
    }),
  );
}

describe('computed traits', () => {
  test('each has a name of its own and declares the one purpose it serves', () => {
    const names = COMPUTED_TRAITS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { purpose } of COMPUTED_TRAITS) expect(purpose).toBe('profiling');
  });

  test('of sales in a store and online: how many, how much by currency, the first and the last', () => {
    const first = purchase('1');
    const order = purchase('2', { kind: 'order', store: '', currency: 'CHF', amountMinor: 500 });
    const last = purchase('3', { amountMinor: 250 });
    expect(traitsFrom([order, last, first])).toEqual({
      purchase_count: 3,
      store_purchase_count: 2,
      online_order_count: 1,
      total_spent: { CHF: 500, EUR: 1_250 },
      first_purchase_at: new Date(first.t).toISOString(),
      last_purchase_at: new Date(last.t).toISOString(),
      favourite_store: 'lyon',
    });
  });

  test('a refund takes its amount back and is no purchase; a cancellation takes the whole order with it', () => {
    const kept = purchase('1');
    const refund = purchase('1', { type: 'refund', amountMinor: -400 });
    const gone = purchase('2', { kind: 'order', amountMinor: 9_000 });
    const cancelled = purchase('2', { kind: 'order', type: 'cancellation', amountMinor: 0 });
    expect(traitsFrom([kept, refund, gone, cancelled])).toMatchObject({
      purchase_count: 1,
      online_order_count: 0,
      total_spent: { EUR: 600 },
      last_purchase_at: new Date(kept.t).toISOString(),
    });
  });

  test('the favourite store is the one with most tickets, on a tie the one visited last', () => {
    const stores = (...names: readonly string[]) => names.map((store, at) => purchase(`${at}`, { store }));
    expect(traitsFrom(stores('lyon', 'lyon', 'metz'))['favourite_store']).toBe('lyon');
    expect(traitsFrom(stores('lyon', 'metz'))['favourite_store']).toBe('metz');
    expect(traitsFrom([purchase('1', { store: '' })])).not.toHaveProperty('favourite_store');
  });

  test('who bought nothing, or has nothing left of it, has none', () => {
    expect(traitsFrom([])).toEqual({});
    expect(traitsFrom([purchase('1', { type: 'refund', amountMinor: -1 })])).toEqual({});
    expect(traitsFrom([purchase('1'), purchase('1', { type: 'cancellation', amountMinor: 0 })])).toEqual({});
  });

  test('the order in which purchases come changes nothing (invariant 2)', () => {
    const several = [
      purchase('1'),
      purchase('1', { type: 'refund', amountMinor: -400 }),
      purchase('2', { kind: 'order', store: '', currency: 'CHF' }),
      purchase('3', { store: 'metz' }),
      purchase('2', { kind: 'order', type: 'cancellation', amountMinor: 0 }),
      purchase('4', { store: 'metz' }),
    ];
    const expected = traitsFrom(several);
    fc.assert(
      fc.property(fc.shuffledSubarray(several, { minLength: several.length }), (shuffled) => {
        expect(traitsFrom(shuffled)).toEqual(expected);
      }),
    );
  });
});
