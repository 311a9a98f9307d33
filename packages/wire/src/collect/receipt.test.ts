import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aSource, type Outcome, onlyItem, send } from '../testing/a-source.ts';
import { currencyExponent, multiplyDecimals, readDecimal, toMinor } from './money.ts';

const base = { userId: 'u', messageId: 'm', timestamp: '2026-11-21T18:03:00+01:00' };
const batch = (item: unknown, origin = {}): Outcome => send('/v1/batch', { batch: [item] }, origin);
const order = (properties: object, event = 'Order Completed', origin = {}) =>
  onlyItem(batch({ ...base, type: 'track', event, properties }, origin));

describe('money is exact', () => {
  const minor = (value: unknown, exponent = 2): unknown => {
    const decimal = readDecimal(value);
    return decimal && toMinor(decimal, exponent);
  };

  test.each([
    ['12.34', 2, 1234, false],
    [12.34, 2, 1234, false],
    [0.1 + 0.2, 2, 30, false],
    [59.97000000000001, 2, 5997, false],
    [19.99, 2, 1999, false],
    [4.35, 2, 435, false],
    ['12.345', 2, 1234, true],
    ['12.355', 2, 1236, true],
    ['-12.345', 2, -1234, true],
    ['12.3451', 2, 1235, true],
    ['1500', 0, 1500, false],
    ['1.234', 3, 1234, false],
    [0, 2, 0, false],
    [1e-7, 2, 0, true],
  ])('%s at %i decimals is %i, rounded %s', (value, exponent, expected, rounded) => {
    expect(minor(value, exponent)).toEqual({ minor: expected, rounded });
  });

  test.each(['12,34', '1 000', '1e3', '', 'abc', '€12', '0x10', Number.NaN, 1e21, null, {}, '1234567890123456789012'])(
    '%s is no amount',
    (value) => {
      expect(minor(value)).toBeUndefined();
    },
  );

  test('every amount of cents survives its way through a JSON number', () => {
    fc.assert(
      fc.property(fc.integer({ min: -9_999_999_999, max: 9_999_999_999 }), (cents) => {
        expect(minor(cents / 100)).toEqual({ minor: cents === 0 ? 0 : cents, rounded: false });
      }),
    );
  });

  test('quantity times price is multiplied before it is rounded', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 9_999_999 }), (quantity, price) => {
        const product = multiplyDecimals({ digits: BigInt(price), scale: 4 }, { digits: BigInt(quantity), scale: 0 });
        const exact = quantity * price;
        expect(Math.abs((toMinor(product, 2)?.minor ?? 0) * 100 - exact) <= 50).toBe(true);
      }),
    );
  });

  test('exponents of ISO 4217', () => {
    expect(['EUR', 'JPY', 'TND', 'XPF', 'ABC'].map(currencyExponent)).toEqual([2, 0, 3, 0, undefined]);
  });
});

describe('e-commerce events of a server or store key', () => {
  const sale = {
    order_id: 'O1', currency: 'eur', total: 59.97, tax: 9.995, coupon: 'NOEL', affiliation: 'lyon',
    products: [{ sku: 'A', name: 'Pull', category: 'Mailles', price: 8.3325, quantity: 4 }, { product_id: 7, price: '26.64' }],
  }; // biome-ignore format: one order

  test('Order Completed becomes an order', () => {
    const item = order(sale);
    expect(item).toMatchObject({ kind: 'order', name: 'Order Completed', marks: ['amount-rounded'] });
    expect(item.receipt).toEqual({
      kind: 'order', type: 'sale', number: 'O1', currency: 'EUR', amountMinor: 5997, vatMinor: 1000, store: 'lyon', coupon: 'NOEL',
      lines: [
        { sku: 'A', name: 'Pull', category: 'Mailles', quantity: 4, amountMinor: 3333 },
        { sku: '7', quantity: 1, amountMinor: 2664 },
      ],
    }); // biome-ignore format: one receipt
  });

  test('a refund and a cancellation name the order and are negative', () => {
    expect(order({ ...sale, products: [sale.products[0]] }, 'Order Refunded').receipt).toMatchObject({
      type: 'refund',
      number: 'O1#m',
      refersTo: 'O1',
      amountMinor: -5997,
      lines: [{ quantity: -4, amountMinor: -3333 }],
    });
    expect(order({ ...sale, total: -59.97, refund_id: 'R1' }, 'order_refunded').receipt).toMatchObject({
      number: 'R1',
      amountMinor: -5997,
    });
    expect(order(sale, 'Order Cancelled').receipt).toMatchObject({
      type: 'cancellation',
      number: 'O1#cancelled',
      refersTo: 'O1',
    });
  });

  test('Store Ticket keeps the store’s clock and may have nobody', () => {
    const item = onlyItem(
      batch({
        type: 'track', event: 'Store Ticket', messageId: 'm', timestamp: '2026-11-21T18:03:00+01:00',
        properties: { ticket_id: 'T1', store_id: 'S1', till_id: 2, currency: 'EUR', total: '10.00', loyalty_card: 'L1' },
      }, { source: aSource({ kind: 'store' }) }),
    ); // biome-ignore format: one ticket
    expect(item).toMatchObject({
      kind: 'ticket',
      identifiers: [{ namespace: 'loyalty_card', value: 'L1' }],
      times: { occurredAt: Date.UTC(2026, 10, 21, 17, 3) },
      receipt: {
        kind: 'ticket',
        number: 'T1',
        store: 'S1',
        till: '2',
        amountMinor: 1000,
        localTime: '2026-11-21T18:03:00+01:00',
      },
    });
    expect(
      onlyItem(batch({ type: 'ticket', receipt: { number: '1', currency: 'EUR', amountMinor: 5 } })).identifiers,
    ).toEqual([]);
  });

  test('a total that is absent is revenue, tax and shipping, else the lines', () => {
    const { total: _, ...without } = sale;
    expect(order({ ...without, revenue: 40, tax: 8, shipping: '4.90' }).receipt?.amountMinor).toBe(5290);
    expect(order({ ...without, tax: undefined }).receipt?.amountMinor).toBe(5997);
  });

  test.each([
    ['no number', { currency: 'EUR', total: 1 }],
    ['no currency', { order_id: '1', total: 1 }],
    ['an unknown currency', { order_id: '1', total: 1, currency: 'EURO' }],
    ['no amount', { order_id: '1', currency: 'EUR' }],
    ['an unreadable amount', { order_id: '1', currency: 'EUR', total: '12,50 €' }],
    ['a sale of less than nothing', { order_id: '1', currency: 'EUR', total: -12.5 }],
    ['lines of less than nothing', { order_id: '1', currency: 'EUR', products: [{ sku: 'A', price: -1 }] }],
    ['an unreadable line', { order_id: '1', currency: 'EUR', total: 1, products: [{ price: 1 }] }],
  ])('with %s it stays a track event with a mark', (_what, properties) => {
    expect(order(properties)).toMatchObject({ kind: 'track', marks: ['receipt-incomplete'] });
  });

  test('from a web or app key it stays a track event: a forged order is no revenue', () => {
    for (const kind of ['web', 'app'] as const) {
      const item = order(sale, 'Order Completed', { source: aSource({ kind }) });
      expect([item.kind, item.receipt, item.marks]).toEqual(['track', undefined, []]);
    }
  });

  test('a source that may send no orders sends track events', () => {
    expect(order(sale, 'Order Completed', { source: aSource({ allowedKinds: ['track'] }) }).kind).toBe('track');
  });
});

describe('native receipts are strict', () => {
  const receipt = {
    number: 'T1', currency: 'EUR', amountMinor: 1000, vatMinor: 167, store: 'S1', till: '2',
    lines: [{ sku: 'A', quantity: 1, amountMinor: 1000, vatRate: 2000 }],
  }; // biome-ignore format: one receipt
  const ticket = (changes: object): Outcome => batch({ ...base, type: 'ticket', receipt: { ...receipt, ...changes } });

  test('the canonical shape goes through unchanged', () => {
    expect(onlyItem(ticket({})).receipt).toEqual({
      kind: 'ticket',
      type: 'sale',
      ...receipt,
      localTime: base.timestamp,
    });
    expect(onlyItem(ticket({ type: 'refund', refersTo: 'T0', amountMinor: -5 }))).toMatchObject({
      name: 'Store Ticket Refunded',
    });
  });

  test.each([
    [{ kind: 'order' }, 'value-not-allowed', '/receipt/kind'],
    [{ type: 'gift' }, 'value-not-allowed', '/receipt/type'],
    [{ number: null }, 'field-missing', '/receipt/number'],
    [{ number: {} }, 'field-wrong-type', '/receipt/number'],
    [{ currency: 'EURO' }, 'currency-unknown', '/receipt/currency'],
    [{ amountMinor: 10.5 }, 'field-wrong-type', '/receipt/amountMinor'],
    [{ amountMinor: -1 }, 'sale-negative', '/receipt/amountMinor'],
    [{ type: 'sale', amountMinor: -1000 }, 'sale-negative', '/receipt/amountMinor'],
    [{ amountMinor: '1000' }, 'field-wrong-type', '/receipt/amountMinor'],
    [{ lines: {} }, 'field-wrong-type', '/receipt/lines'],
    [{ lines: [{ sku: 'A', quantity: 1 }] }, 'field-missing', '/receipt/lines/0/amountMinor'],
    [{ lines: [{ sku: 'A', quantity: 1.5, amountMinor: 1 }] }, 'field-wrong-type', '/receipt/lines/0/quantity'],
    [{ localTime: '2026-11-21T18:03:00' }, 'time-unreadable', '/receipt/localTime'],
    [{ researchedOnline: 'yes' }, 'field-wrong-type', '/receipt/researchedOnline'],
  ])('%j is refused: %s at %s', (changes, code, pointer) => {
    expect(ticket(changes)).toMatchObject({ rejected: [{ code, pointer }] });
  });

  test('a ticket without receipt is refused', () => {
    expect(batch({ ...base, type: 'ticket' })).toMatchObject({
      rejected: [{ code: 'field-missing', pointer: '/receipt' }],
    });
  });
});
