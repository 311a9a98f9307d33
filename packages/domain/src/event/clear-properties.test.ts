import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../base/json.ts';
import { splitProperties } from './clear-properties.ts';
import type { IncomingItem } from './incoming-item.ts';
import { scrubPersonal } from './scrub-personal.ts';

function item(properties: JsonObject, more: Partial<IncomingItem> = {}): IncomingItem {
  return {
    kind: 'track',
    name: 'Product Viewed',
    messageId: 'm',
    times: {},
    identifiers: [],
    traits: {},
    properties,
    context: {},
    marks: [],
    bodyHash: '0'.repeat(32),
    ...more,
  };
}

const PERSONAL = [
  'jane@example.com',
  'jane％40example.com',
  '06 39 98 12 34',
  '+33639981234',
  '0639981234',
  '19800229',
];

describe('S15 clear and sealed', () => {
  test('numbers, words, codes, campaign and search terms of the allow-list are clear, with products and store', () => {
    const split = splitProperties(
      item(
        { price: 49.9, quantity: 2, currency: 'eur', category: 'Chaussures', brand: 'Maison', sku: 'A-1', query: 'robe rouge', order_id: 'O1', name: 'Escarpin', coupon: 'JANE10', store_id: 'lyon-2' },
        { context: { page: { url: 'https://www.example.com/?utm_source=news&utm_campaign=No%C3%ABl&gclid=abc' }, ip: '192.0.2.1' } },
      ),
    ); // biome-ignore format: one event
    expect(split).toEqual({
      name: 'Product Viewed',
      clear: {
        brand: 'Maison',
        campaign_name: 'Noël',
        campaign_source: 'news',
        category: 'Chaussures',
        currency: 'EUR',
        price: '49.9',
        quantity: '2',
        query: 'robe rouge',
        sku: 'A-1',
        store: 'lyon-2',
      },
      skus: ['A-1'],
      categories: ['Chaussures'],
      store: 'lyon-2',
      sealed: expect.objectContaining({
        properties: expect.objectContaining({ order_id: 'O1', price: 49.9 }),
        traits: {},
      }),
    });
  });

  test('products of a list and lines of a receipt, without repetition', () => {
    const products = [
      { sku: 'A', category: 'x' },
      { product_id: 7, category: 'y' },
      { sku: 'A' },
      { sku: 'jane@example.com' },
      'text',
    ];
    expect(splitProperties(item({ products }))).toMatchObject({ skus: ['A', '7'], categories: ['x', 'y'] });
    const receipt = {
      kind: 'ticket', type: 'sale', number: 'T1', currency: 'EUR', amountMinor: 1, store: 'S1',
      lines: [{ sku: 'B', category: 'z', quantity: 1, amountMinor: 1 }],
    } as const; // biome-ignore format: one receipt
    expect(splitProperties(item({ products }, { receipt }))).toMatchObject({
      skus: ['B'],
      categories: ['z'],
      store: 'S1',
    });
  });

  test('the client’s reading of a campaign wins over the address, and broken encodings are left out', () => {
    const page = { url: 'https://x.example/?utm_source=url&utm_medium=%E0%A4%A' };
    expect(splitProperties(item({}, { context: { page, campaign: { source: 'client' } } })).clear).toEqual({
      campaign_source: 'client',
    });
    expect(splitProperties(item({}, { context: { page } })).clear).toEqual({ campaign_source: 'url' });
  });

  test.each([
    ['robe rouge', 'robe rouge'],
    ['jane@example.com', '•'],
    ['commande de jane@example.com svp', 'commande de • svp'],
    ['jane%40example.com', '•'],
    ['jane＠example.com', '•'],
    ['appelle 06 39 98 12 34', 'appelle •'],
    ['06.39.98.12.34', '•'],
    ['carte 1234-56', 'carte •'],
    ['taille 42', 'taille 42'],
    ['iphone 12345', 'iphone 12345'],
    ['né le 29/02/1980', 'né le •'],
    ['١٢٣٤٥٦', '•'],
    ['12\u200b34\u200b56', '•'],
    ['  deux   mots ', 'deux mots'],
  ])('the term %s becomes %s', (text, clear) => {
    expect(scrubPersonal(text, 128)).toBe(clear);
    expect(scrubPersonal(clear, 128)).toBe(clear);
  });

  test('words in which there is nothing to find are passed over, and come out as if each had been looked at', () => {
    const words = fc.string({ unit: fc.constantFrom(..."aZ0189 -_.:/+'#$?~éÿÀ&%@‍".split('')), maxLength: 24 });
    fc.assert(
      fc.property(words, fc.nat(30), (text, length) => {
        // The space in front is one thing to find.
        expect(scrubPersonal(text, length)).toBe(scrubPersonal(` ${text}`, length));
      }),
      { numRuns: 2_000 },
    );
  });

  test('an event name is scrubbed, and kept whole in the sealed part', () => {
    expect(splitProperties(item({}, { name: 'Clicked jane@example.com' }))).toMatchObject({
      name: 'Clicked •',
      sealed: { name: 'Clicked jane@example.com' },
    });
  });

  test('no scrubbed text holds an at sign or six digits in a row', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom(...PERSONAL),
        fc.string({ unit: 'grapheme' }),
        (before, personal, after) => {
          const scrubbed = scrubPersonal(`${before} ${personal} ${after}`, 500);
          expect(scrubbed).not.toMatch(/[@＠﹫]|\p{Nd}{6}/u);
          expect(scrubPersonal(scrubbed, 500)).toBe(scrubbed);
        },
      ),
    );
  });

  test('nothing personal reaches the clear part, under whatever name it is sent', () => {
    const fields = [
      'price',
      'value',
      'category',
      'brand',
      'size',
      'query',
      'search_term',
      'sku',
      'store',
      'list',
      'currency',
      'firstName',
      'anything',
      'position',
      'url',
    ];
    const personal = fc.constantFrom(
      ...PERSONAL.slice(0, 1),
      '+33 6 39 98 12 34',
      '0639981234',
      'Jane Durand <jane@example.com>',
      639981234,
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...fields), personal),
        fc.array(personal, { maxLength: 3 }),
        (properties, more) => {
          const { sku: _sku, store: _store, ...rest } = properties;
          const { name, clear, categories, store } = splitProperties(
            item(
              { ...rest, products: more.map((value) => ({ category: value, name: value })) },
              {
                name: String(more[0] ?? 'x'),
                context: {
                  campaign: { term: String(more[1] ?? ''), content: String(more[2] ?? '') },
                  traits: { email: 'jane@example.com' },
                },
              },
            ),
          );
          expect(JSON.stringify([name, clear, categories, store])).not.toMatch(/@|63998|06 39|39 98/);
        },
      ),
    );
  });

  test('a key outside the allow-list never appears in clear, nor does its value', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().map((key) => `z${key}`),
          fc.string({ minLength: 8 }).map((text) => `secret-${text}`),
        ),
        (properties) => {
          const { clear, skus, categories, store, name } = splitProperties(item(properties));
          expect(JSON.stringify([clear, skus, categories, store, name])).not.toContain('secret-');
        },
      ),
    );
  });

  test('the sealed part gives back what was accepted, value for value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const properties = value as JsonObject;
        expect(splitProperties(item(properties)).sealed).toEqual({ properties, traits: {}, context: {} });
      }),
    );
  });
});
