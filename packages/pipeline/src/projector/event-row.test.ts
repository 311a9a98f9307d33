import type { Instant } from '@filrouge/domain/base';
import { ITEM_KINDS } from '@filrouge/domain/event';
import { NO_THREAD } from '@filrouge/domain/identity';
import { createMemoryVault, type EventRow } from '@filrouge/ports';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JournaledItem } from '../journaled-item.ts';
import { AM, MAISON, PRO, SERVER, TILL, WEB } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { aReceipt, item, ticket } from '../testing/told-items.ts';
import { eventRow } from './event-row.ts';
import type { OpenedJournalItem } from './opened-item.ts';

const NOON = at('2026-11-20T12:00:00');
const vault = createMemoryVault();
const key = vault.newKey();

function opened(said: Partial<JournaledItem>): OpenedJournalItem {
  const journaled: JournaledItem = {
    brand: MAISON,
    source: WEB.id,
    sourceKind: 'web',
    property: WEB.property,
    channel: 'web',
    kiosk: false,
    kind: 'track',
    name: 'Product Viewed',
    messageId: 'm1',
    t: NOON,
    r: NOON,
    c: NOON,
    imported: false,
    terminal: true,
    purposes: '4',
    identifiers: [],
    traits: {},
    properties: {},
    context: {},
    marks: [],
    ...said,
  };
  const eventId = vault.messageKey(MAISON, WEB.id, journaled.messageId);
  return {
    item: journaled,
    position: 7,
    ordinal: 3,
    key,
    eventId,
    claim: undefined,
    thread: NO_THREAD,
    device: NO_THREAD,
  };
}

/** All that stands in clear in a row. */
function inClear({ sealed: _sealed, purposes, ...row }: EventRow): string {
  return JSON.stringify({ ...row, purposes: purposes.toString() });
}

describe('a row of the event store: an allow-list in clear, the whole of it sealed (S15)', () => {
  test('nothing personal stands in clear, wherever it was put', () => {
    const canaries = ['ada.lovelace@example.com', '+33639980123', '0639980123', 'FR7630006000011234567890189'];
    const canary = fc.constantFrom(...canaries);
    // A code of digits alone is a code: nobody can tell a store's from a number.
    const email = fc.constant('ada.lovelace@example.com');
    const text = fc.oneof(
      canary,
      canary.map((one) => `hello ${one}!`),
    );
    const field = fc.constantFrom(
      'email',
      'note',
      'name',
      'query',
      'category',
      'brand',
      'size',
      'coupon',
      'order_id',
      'currency',
      'price',
      'utm_source',
      'products',
      'referrer',
    );
    const properties = fc.dictionary(
      field,
      fc.oneof(text, fc.record({ note: text }), fc.array(text, { maxLength: 2 })),
    );
    const said = fc.record({
      kind: fc.constantFrom(...ITEM_KINDS),
      name: text,
      messageId: text,
      properties,
      traits: properties,
      context: fc.record({ page: fc.record({ url: text, search: text, referrer: text }), campaign: properties }),
      receipt: fc.option(
        fc.record({ number: text, coupon: text, till: text, store: email }).map((one) => aReceipt('1', one)),
        { nil: undefined },
      ),
    });
    fc.assert(
      fc.property(said, ({ receipt, ...one }) => {
        const row = eventRow(
          vault,
          opened({ ...one, ...(receipt === undefined ? {} : { receipt }) } as Partial<JournaledItem>),
        );
        const clear = inClear(row);
        for (const secret of canaries) expect(clear).not.toContain(secret);
        expect(Buffer.from(row.sealed, 'base64').includes('example.com')).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('everything comes back out of the seal as it was accepted, at its own place alone', () => {
    const said = {
      properties: { size: 'M', note: 'x' },
      traits: { a: 1 },
      context: { ip: '10.0.0.1' },
      marks: ['bot' as const],
    };
    const row = eventRow(vault, opened({ ...said, receipt: aReceipt('R-1') }));
    const sealed = Buffer.from(row.sealed, 'base64');
    const back = vault.openRecord(`event/${row.eventId}`, sealed);
    expect(back.ok && JSON.parse(back.value.toString('utf8'))).toEqual({
      messageId: 'm1',
      name: 'Product Viewed',
      ...said,
      receipt: aReceipt('R-1'),
    });
    expect(vault.openRecord('event/another', sealed).ok).toBe(false);
  });

  test('the columns that reports stand on are those of the verdict', () => {
    const row = eventRow(
      vault,
      opened({ purposes: '4100', marks: ['bot'], imported: true, terminal: false, c: 5 as Instant }),
    );
    expect(row).toMatchObject({
      purposes: 4_100n,
      bot: true,
      imported: true,
      terminal: false,
      c: 5,
      t: NOON,
      r: NOON,
      position: 7,
      item: 3,
      key,
    });
  });

  test('lines of a receipt keep their amounts; a code that may not stand in clear is left empty', () => {
    const lines = [
      { sku: 'sku-1', category: 'shoes', quantity: 1, amountMinor: 100 },
      { sku: 'ada@example.com', category: 'for ada@example.com', quantity: 1, amountMinor: 200 },
      { sku: 'sku-2', quantity: 1, amountMinor: -50 },
    ];
    const row = eventRow(vault, opened({ kind: 'ticket', receipt: aReceipt('R-1', { lines }) }));
    expect(row.lines).toEqual([
      { sku: 'sku-1', category: 'shoes', amountMinor: 100 },
      { sku: '', category: '', amountMinor: 200 },
      { sku: 'sku-2', category: '', amountMinor: -50 },
    ]);
    expect(row).toMatchObject({
      store: 'lyon',
      receipt: { type: 'sale', currency: 'EUR', amountMinor: 5_000, vatMinor: 0 },
    });
  });

  test('a page of a category speaks of it; each of several products of its own', () => {
    const lines = (properties: JournaledItem['properties']) => eventRow(vault, opened({ properties })).lines;
    const line = (sku: string, category: string) => ({ sku, category, amountMinor: 0 });
    expect(lines({})).toEqual([]);
    expect(lines({ category: 'shoes' })).toEqual([line('', 'shoes')]);
    expect(lines({ sku: 'a', category: 'shoes' })).toEqual([line('a', 'shoes')]);
    const products = [
      { sku: 'a', category: 'shoes' },
      { sku: 'b', category: 'hats' },
    ];
    expect(lines({ products })).toEqual([line('a', 'shoes'), line('b', 'hats')]);
  });
});

describe('what the projector meets in the journal', () => {
  test('G9 a damaged item costs no other: it waits in quarantine with its reason, counted once, also after a replay', async () => {
    const world = new PipelineWorld();
    await world.decide(WEB, ['anonymous_id:a'], 'given', [AM], { at: NOON });
    const pages = ['p1', 'p2'].map((messageId) => item('page', ['anonymous_id:a'], { messageId }));
    await world.send(WEB, NOON, pages);
    await world.database.transaction((draft) => {
      const row = draft.journal.get('1');
      if (row === undefined) return;
      const body = Buffer.from(row.body);
      body[body.length - 1] = (body.at(-1) ?? 0) ^ 1;
      draft.journal.put('1', { ...row, body });
    });
    for (const again of [false, true]) {
      if (again) await world.projector.replay();
      else await world.projector.drain();
      expect(await world.timeline('anonymous_id:a', AM)).toEqual(['p1']);
      expect(await world.reading.quarantined({ state: 'open', limit: 10 })).toMatchObject([{ reason: 'damaged' }]);
      expect(await world.reading.flow()).toMatchObject({ accepted: 2, kept: 1, quarantined: 1, pending: 0 });
    }
  });

  test('profile: traits of a bot are no traits, its purchase no purchase; a repeated one counts once', async () => {
    const world = new PipelineWorld();
    const card = ['loyalty_card:1'];
    const one = ticket(card, { messageId: 't1', traits: { city: 'Lyon' } });
    await world.send(TILL, NOON, [one, ticket(card, { traits: { city: 'Botville' }, marks: ['bot'] })]);
    await world.projector.drain();
    await world.projector.replay();
    const node = world.id('loyalty_card:1');
    expect(await world.reading.purchases([node])).toMatchObject([{ store: 'lyon', amountMinor: 5_000 }]);
    const [row] = await world.reading.traits([node]);
    const traits = world.vault.openRecord(`traits/${node}`, row?.sealed ?? Buffer.alloc(0));
    expect(traits.ok && traits.value.toString('utf8')).not.toContain('Botville');
    expect(await world.reading.flow()).toMatchObject({ kept: 2, bots: 1 });
  });

  test('S15 a purchase keeps in clear what may stand there: neither the printed number nor a store that is no code', async () => {
    const world = new PipelineWorld();
    const receipt = aReceipt('ada@example.com', { store: 'ada@example.com' });
    await world.send(TILL, NOON, [ticket(['loyalty_card:1'], { receipt })]);
    await world.projector.drain();
    const rows = [...world.database.view.purchase.values()].map((row) => ({
      ...row,
      purposes: row.purposes.toString(),
    }));
    expect(rows).toMatchObject([{ store: '', amountMinor: 5_000 }]);
    expect(JSON.stringify(rows)).not.toContain('ada@');
  });

  test('S7 a mail that was opened and a row of a file are no acts; a purchase is, and moves the end of a consent', async () => {
    const world = new PipelineWorld();
    const card = 'loyalty_card:1';
    await world.decide(SERVER, [card], 'given', [PRO], { at: at('2023-01-01') });
    const send = async (kind: 'customer' | 'call' | 'ticket', t: string): Promise<void> => {
      const told = { t: at(t) };
      await world.send(kind === 'ticket' ? TILL : SERVER, at(t), [
        kind === 'ticket' ? ticket([card], told) : item(kind, [card], told),
      ]);
      await world.projector.drain();
    };
    await send('customer', '2025-06-01');
    expect(await world.status(card, PRO, at('2026-02-01'))).toBe('expired');
    await send('ticket', '2025-07-01');
    await send('ticket', '2025-12-01');
    expect(await world.status(card, PRO, at('2028-11-01'))).toBe('given');
    expect(await world.rows(card, PRO, 'individual', at('2028-11-01'))).toBe(3);
    expect(await world.rows(card, PRO, 'individual', at('2028-12-01'))).toBe(0);
  });
});
