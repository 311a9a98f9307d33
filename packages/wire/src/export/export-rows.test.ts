import type { JsonObject } from '@filrouge/domain/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { consentFromRow } from '../import/consent-row.ts';
import { customerFromRow } from '../import/customer-row.ts';
import { eventFromRow } from '../import/event-row.ts';
import { mapFile } from '../import/mapping/mapped-file.ts';
import { proposeMapping } from '../import/mapping/propose-mapping.ts';
import { disarmed } from '../import/text/csv-cell.ts';
import { createTicketReader } from '../import/ticket-reader.ts';
import { EXPORT_COLUMNS, EXPORTED_AS, type ExportedKind, exportRows } from './export-rows.ts';

const ITEM_OF = { customers: customerFromRow, events: eventFromRow, consents: consentFromRow };

/** The cells of an item as a spreadsheet would open them, read again by an import that was told nothing. */
function imported(kind: ExportedKind, item: JsonObject): readonly JsonObject[] {
  const header = EXPORT_COLUMNS[kind];
  const as = EXPORTED_AS[kind];
  const rows = exportRows(kind, item).map((cells) => cells.map(disarmed));
  const { mapping, problems } = proposeMapping({ header, rows }, { kind: as, country: 'FR' });
  expect([problems, mapping.dropped]).toEqual([[], []]);
  const file = mapFile(mapping, { line: 1, cells: header });
  if (!('read' in file)) throw new Error(JSON.stringify(file));
  const reader = as === 'tickets' || as === 'orders' ? createTicketReader('FR', as) : undefined;
  const steps = rows.flatMap((cells, at) => {
    const told = file.read({ line: at + 2, cells });
    if (!('rows' in told)) throw new Error(JSON.stringify(told));
    expect(told.notes.filter((note) => note !== 'spreadsheet-mark-removed')).toEqual([]);
    return told.rows.map((row) => {
      if (reader !== undefined) return reader.push(row);
      const made = ITEM_OF[as as keyof typeof ITEM_OF](row, 'FR');
      if (!('ok' in made)) return made;
      return made.ok ? { items: [made.value], problems: [] } : { items: [], problems: made.refusal };
    });
  });
  if (reader !== undefined) steps.push(reader.end());
  expect(steps.flatMap((step) => step.problems)).toEqual([]);
  return steps.flatMap((step) => step.items).map(({ json }) => json);
}

function json(value: unknown): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

/** Words that spreadsheets and importers misread. */
const word = fc
  .oneof(
    fc.constantFrom('=1+1', '+33 6', '-2', '@a', "'0612", "'=x", '0123', '1E5', '12345.0', 'NULL', "d'Arc", 'é;"x",y'),
    fc.string({ minLength: 1, maxLength: 20 }),
  )
  .filter((text) => text.trim() === text && text !== '');
const sign = fc.constantFrom('0', '1', '5', '9', 'A', 'E', 'z', '-', '_', '=', '+');
const code = fc.string({ unit: sign, minLength: 1, maxLength: 12 });
const instant = fc.integer({ min: 0, max: 1_800_000_000 }).map((seconds) => new Date(seconds * 1_000).toISOString());
const RUNS = { numRuns: 200 };

describe('what was exported is imported as it was', () => {
  const address = fc.oneof(
    fc.record({ postalCode: fc.constantFrom('1000', '01000', '75011'), city: word, country: fc.constant('BE') }),
    fc.record({ street: word, city: word }),
  );
  const stated = fc.record(
    {
      firstName: word,
      lastName: fc.oneof(word, fc.constant(7), fc.constant(' blank ')),
      address,
      birthday: fc.constantFrom('1980-02-29', 'spring'),
      createdAt: fc.constantFrom('2020-01-01T00:00:00.000Z', 'long ago'),
      score: fc.integer(),
      likes: fc.array(word, { maxLength: 3 }),
    },
    { requiredKeys: [] },
  );

  test('people: identifiers, and every trait', () => {
    const phone = fc.constantFrom('+33639980001', '+3225550123');
    fc.assert(
      fc.property(code, phone, stated, instant, (id, number, traits, timestamp) => {
        const identifiers = { userId: `u${id}`, email: 'a@example.com', phone: number };
        const told = json({
          type: 'customer',
          timestamp,
          identifiers,
          traits: { ...traits, email: 'a@example.com', phone: number },
        });
        const [back] = imported('people', told);
        expect(json(back)).toEqual({ ...told, messageId: back?.['messageId'] });
      }),
      RUNS,
    );
  });

  test('tickets: their lines, money, measures and clock', () => {
    const amountMinor = fc.integer({ min: -99_999, max: 99_999 });
    const quantity = fc.integer({ min: 1, max: 9 });
    const line = fc.record({
      sku: code,
      name: word,
      category: word,
      quantity,
      amountMinor,
      vatRate: fc.constantFrom(550, 2_000),
    });
    const weighed = fc.record({
      sku: code,
      quantity: fc.constantFrom(250, 1_255),
      unit: fc.constant('g'),
      amountMinor,
    });
    const receipt = fc.record({
      type: fc.constantFrom('sale', 'refund'),
      number: code,
      currency: fc.constantFrom('EUR', 'JPY', 'TND'),
      amountMinor: fc.nat(999_999),
      vatMinor: fc.nat(999),
      store: code,
      till: code,
      coupon: word,
      researchedOnline: fc.boolean(),
      lines: fc.array(fc.oneof(line, weighed), { minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(receipt, (one) => {
        const item = json({
          type: 'ticket',
          timestamp: '2026-11-03T17:03:00.000Z',
          identifiers: { loyaltyCard: '0001234' },
          receipt: { ...one, kind: 'ticket', localTime: '2026-11-03T18:03:00+01:00' },
        });
        const back = imported('tickets', item);
        expect(back).toEqual([{ ...item, messageId: back[0]?.['messageId'], timestamp: '2026-11-03T18:03:00+01:00' }]);
      }),
      RUNS,
    );
  });

  test('events: names, identifiers, properties', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '='), minLength: 1, maxLength: 3 });
    const properties = fc.dictionary(name, fc.oneof(word, fc.integer()), { minKeys: 1 });
    fc.assert(
      fc.property(word, code, instant, properties, fc.boolean(), (event, id, timestamp, told, onTerminal) => {
        const terminal = onTerminal ? { terminal: true } : {};
        const item = json({ type: 'track', event, messageId: `m${id}`, timestamp, properties: told, ...terminal });
        const identifiers = { userId: 'u1', anonymousId: 'a1', phone: '+33639980001' };
        expect(imported('events', { ...item, identifiers })).toEqual([
          { ...item, userId: 'u1', anonymousId: 'a1', identifiers: { phone: '+33639980001' } },
        ]);
      }),
      RUNS,
    );
  });

  test('consents: a proven yes stays one, a requested one stays requested, and a vendor’s is the vendor’s', () => {
    const ledger = { ledger: { recordId: 'r', position: 7 } };
    const decision = (told: JsonObject, more: JsonObject): JsonObject => ({
      subject: { email: 'a@example.com', anonymousId: 'a-1' },
      decisions: [{ purpose: 'email_marketing', ...told }],
      channel: 'store',
      indicatedAt: '2026-09-10T08:00:00.000Z',
      notice: { id: 'card', version: '3', text: 'Oui,\nje veux "tout" savoir' },
      ...more,
    });
    const standsIn = { status: 'given', vendor: 'acme', basis: 'soft-opt-in', reference: '0001' };
    const given = decision(standsIn, { evidence: ledger });
    expect(imported('consents', given)).toMatchObject([{ ...given, evidence: { ...ledger, source: 'store' } }]);
    const asked = decision({ status: 'requested' }, { claimed: ledger });
    expect(imported('consents', asked)).toMatchObject([{ subject: asked['subject'], decisions: asked['decisions'] }]);
  });
});

test('a receipt without lines has a row all the same, with what was paid', () => {
  const receipt = { kind: 'order', type: 'sale', number: '7', currency: 'EUR', amountMinor: 1_250, lines: [] };
  const [row] = exportRows('orders', { type: 'order', timestamp: '2026-11-03T17:03:00.000Z', receipt });
  const cell = (name: string): string | undefined => row?.[EXPORT_COLUMNS.orders.indexOf(name)];
  expect([cell('order_total'), cell('line_sku'), cell('line_amount')]).toEqual(['12.50', '-', '12.50']);
});
