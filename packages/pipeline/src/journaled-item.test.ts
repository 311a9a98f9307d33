import { instant } from '@filrouge/domain/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeJournaledItem, encodeJournaledItem, type JournaledItem } from './journaled-item.ts';

const part = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<JournaledItem['properties']>;
const identifier = fc.record({
  namespace: fc.constantFrom('user_id', 'email'),
  value: fc.string({ unit: 'binary' }),
  node: fc.constant('00112233445566778899aabbccddeeff'),
});
const time = fc.integer({ min: -2_000_000_000_000, max: 2_000_000_000_000 }).map(instant);
const journaled = fc.record(
  {
    brand: fc.constantFrom('maison', 'autre'),
    source: fc.constantFrom('web', 'till'),
    sourceKind: fc.constantFrom('web', 'store'),
    property: fc.constantFrom('site', 'app'),
    channel: fc.constantFrom('web', 'store'),
    kiosk: fc.boolean(),
    kind: fc.constantFrom('track', 'ticket'),
    name: fc.string({ unit: 'binary' }),
    messageId: fc.string(),
    t: time,
    r: time,
    c: time,
    imported: fc.boolean(),
    terminal: fc.boolean(),
    purposes: fc.bigInt({ min: 0n, max: 2n ** 63n }).map(String),
    identifiers: fc.array(identifier, { maxLength: 3 }),
    previous: identifier,
    session: fc.constantFrom('login', 'logout'),
    traits: part,
    properties: part,
    context: part,
    receipt: fc.constant({ kind: 'ticket', type: 'sale', number: 'é"1', currency: 'EUR', amountMinor: 1, lines: [] }),
    stamp: fc.dictionary(fc.string(), fc.boolean()),
    verifiedBy: fc.constant({ by: 'token', covers: ['00112233445566778899aabbccddeeff'] }),
    marks: fc.subarray(['bot', 'string-cut']),
    run: fc.nat(),
  },
  {
    requiredKeys: [
      'brand', 'source', 'sourceKind', 'property', 'channel', 'kiosk', 'kind', 'name', 'messageId', 't', 'r', 'c',
      'imported', 'terminal', 'purposes', 'identifiers', 'traits', 'properties', 'context', 'marks',
    ], // biome-ignore format: a list
  },
) as unknown as fc.Arbitrary<JournaledItem>;

/** The members in the order in which the door writes them. */
function ordered(item: JournaledItem): JournaledItem {
  const { brand, source, sourceKind, property, channel, kiosk, kind, name, messageId, t, r, c, imported, ...rest } =
    item;
  const { terminal, purposes, identifiers, previous, session, traits, properties, context, ...last } = rest;
  const { receipt, stamp, verifiedBy, marks, run } = last;
  return JSON.parse(
    JSON.stringify({
      brand, source, sourceKind, property, channel, kiosk, kind, name, messageId, t, r, c, imported, terminal, purposes,
      identifiers, previous, session, traits, properties, context, receipt, stamp, verifiedBy, marks, run,
    }),
  ) as JournaledItem; // biome-ignore format: a list
}

test('the text of a journaled item is what JSON.stringify makes of it', () => {
  fc.assert(
    fc.property(journaled, (item) => {
      expect(encodeJournaledItem(item)).toBe(JSON.stringify(ordered(item)));
    }),
  );
});

test('a part stands there as it came, if it is that very part; read back, the item is the same', () => {
  fc.assert(
    fc.property(journaled, part, (item, other) => {
      const texts = [
        { of: item.context, text: JSON.stringify(item.context, null, 1) },
        { of: other, text: '{"of":"another"}' },
      ];
      const text = encodeJournaledItem(item, texts);
      expect(text).toContain(`"context":${JSON.stringify(item.context, null, 1)}`);
      expect(decodeJournaledItem(Buffer.from(text))).toEqual(decodeJournaledItem(Buffer.from(JSON.stringify(item))));
    }),
  );
});
