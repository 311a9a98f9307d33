import { BEGINNING, END, NO_THREAD, type PersonNumber } from '@filrouge/domain/identity';
import type { RopoCell } from '@filrouge/domain/measurement';
import { expect, test } from 'vitest';
import type { EventRow, RopoQuery } from '../event-store.ts';
import {
  ATELIER,
  belongsTo,
  forUse,
  given,
  line,
  pageView,
  refused,
  standing,
  thread,
  ticket,
  utc,
} from './event-examples.ts';
import { keep, type OpenedStore, storeOf } from './opened-event-store.ts';

const november: Pick<RopoQuery, 'brand' | 'from' | 'to' | 'permission' | 'direction' | 'window' | 'match' | 'by'> = {
  brand: ATELIER,
  from: utc('2026-11-01T00:00'),
  to: utc('2026-12-01T00:00'),
  permission: forUse('aggregate', '2026-12-01T00:00'),
  direction: 'online-to-store',
  window: 7,
  match: 'any',
  by: 'store',
};

async function counts(opened: OpenedStore, query: Partial<RopoQuery> = {}): Promise<readonly unknown[]> {
  const cells = await storeOf(opened).ropoCells({ ...november, ...query });
  return cells.map(({ key, all, identified, consented, observable, ropo }: RopoCell) => [
    key,
    all.count,
    identified.count,
    consented.count,
    observable.count,
    ropo.count,
  ]);
}

const CARD = thread(10);
const PHONE = thread(20);
const yesFor = (person: typeof CARD) => standing(person, { person: given('2026-01-01T00:00') });
const yesOn = (device: typeof CARD) => standing(device, { device: given('2026-01-01T00:00') });

export function describeRopo(opened: OpenedStore): void {
  test('a ticket counts when a visit of the same person precedes it, strictly and within the window', async () => {
    const tickets = ['05T10:00', '09T10:00', '12T10:00', '12T10:00:00.001', '19T09:59'].map((time) =>
      ticket({ t: utc(`2026-11-${time}`), thread: CARD }),
    );
    await keep(opened, pageView({ t: utc('2026-11-05T10:00'), thread: PHONE }), ...tickets);
    await storeOf(opened).putThreadSpans([belongsTo(PHONE, CARD)], 1);
    await storeOf(opened).putConsentStates([yesFor(CARD), yesOn(PHONE)], 1);
    expect(await counts(opened)).toEqual([['lyon', 5, 5, 5, 5, 2]]);
    expect(await counts(opened, { window: 1 })).toEqual([['lyon', 5, 5, 5, 5, 0]]);
    expect(await counts(opened, { window: 30 })).toEqual([['lyon', 5, 5, 5, 5, 4]]);
  });

  test('a ticket without person counts in the denominators, refunds and cancellations nowhere', async () => {
    const gone = (type: 'refund' | 'cancellation') =>
      ticket({
        t: utc('2026-11-06T10:00'),
        thread: CARD,
        receipt: { type, number: type, currency: 'EUR', amountMinor: -5_000, vatMinor: 0 },
      });
    await keep(
      opened,
      pageView({ t: utc('2026-11-05T10:00'), thread: PHONE }),
      ticket({ t: utc('2026-11-06T10:00'), thread: NO_THREAD }),
      ticket({ t: utc('2026-11-06T10:00'), thread: CARD }),
      gone('refund'),
      gone('cancellation'),
    );
    await storeOf(opened).putThreadSpans([belongsTo(PHONE, CARD)], 1);
    await storeOf(opened).putConsentStates([yesFor(CARD), yesOn(PHONE)], 1);
    const [cell] = await storeOf(opened).ropoCells(november);
    expect(cell).toEqual({
      key: 'lyon',
      month: '2026-11',
      currency: 'EUR',
      all: { count: 2, valueMinor: 10_000 },
      identified: { count: 1, valueMinor: 5_000 },
      consented: { count: 1, valueMinor: 5_000 },
      observable: { count: 1, valueMinor: 5_000, valueSquares: 25_000_000, persons: 1 },
      ropo: { count: 1, valueMinor: 5_000, valueSquares: 25_000_000, persons: 1 },
      asked: { count: 0, valueMinor: 0, valueSquares: 0 },
      confirmed: { count: 0, valueMinor: 0 },
    });
  });

  test('S10: answers at the till are counted of all purchases, nobody’s and refusers’ too, for the question that the till asks', async () => {
    const asked = (answer: boolean | undefined, changes: Partial<EventRow> = {}) =>
      ticket({
        t: utc('2026-11-06T10:00'),
        thread: NO_THREAD,
        receipt: {
          type: 'sale',
          number: 'n',
          currency: 'EUR',
          amountMinor: 4_000,
          vatMinor: 0,
          ...(answer === undefined ? {} : { researchedOnline: answer }),
        },
        ...changes,
      });
    await keep(
      opened,
      asked(true),
      asked(false),
      asked(true, { thread: CARD }),
      asked(undefined),
      asked(true, { bot: true }),
    );
    await storeOf(opened).putConsentStates([standing(CARD, { person: refused('2026-01-02T00:00') })], 1);
    const answers = async (query: Partial<RopoQuery> = {}) => {
      const [cell] = await storeOf(opened).ropoCells({ ...november, ...query });
      return [cell?.all.count, cell?.asked, cell?.confirmed];
    };
    const told = [4, { count: 3, valueMinor: 12_000, valueSquares: 48_000_000 }, { count: 2, valueMinor: 8_000 }];
    expect(await answers()).toEqual(told);
    const none = [4, { count: 0, valueMinor: 0, valueSquares: 0 }, { count: 0, valueMinor: 0 }];
    expect([await answers({ window: 30 }), await answers({ match: 'sku' })]).toEqual([none, none]);
  });

  test('S16: a receipt that comes again months later counts once, as it was first, whatever it says then', async () => {
    const first = ticket({ t: utc('2026-11-06T10:00'), thread: CARD, position: 5 });
    const again = { ...first, r: utc('2027-03-01T10:00'), thread: NO_THREAD, store: 'paris', position: 9 };
    const other = ticket({ t: utc('2026-11-07T10:00'), thread: CARD, position: 6 });
    await keep(opened, again, pageView({ t: utc('2026-11-05T10:00'), thread: PHONE }), first, other);
    await storeOf(opened).putAgain([first, again]);
    await storeOf(opened).putThreadSpans([belongsTo(PHONE, CARD)], 1);
    await storeOf(opened).putConsentStates([yesFor(CARD), yesOn(PHONE)], 1);
    expect(await counts(opened)).toEqual([['lyon', 2, 2, 2, 2, 2]]);
    expect(await counts(opened), 'asked again').toEqual([['lyon', 2, 2, 2, 2, 2]]);
    const orders = await storeOf(opened).ropoCells({ ...november, direction: 'store-to-online' });
    expect(orders, 'the other direction').toEqual([]);
  });

  test('example 13: a card whose holder refused is in total sales, not in the consented base', async () => {
    await keep(
      opened,
      pageView({ t: utc('2026-11-05T10:00'), thread: PHONE }),
      ticket({ t: utc('2026-11-06T10:00'), thread: CARD }),
    );
    await storeOf(opened).putThreadSpans([belongsTo(PHONE, CARD)], 1);
    await storeOf(opened).putConsentStates([standing(CARD, { person: refused('2026-01-02T00:00') }), yesOn(PHONE)], 1);
    expect(await counts(opened)).toEqual([['lyon', 1, 1, 0, 0, 0]]);
  });

  test('consent is asked on the side of the visit too; a terminal that said yes makes its person observable', async () => {
    await keep(
      opened,
      pageView({ t: utc('2026-11-05T10:00'), thread: PHONE, purposes: 1n }),
      ticket({ t: utc('2026-11-06T10:00'), thread: CARD }),
    );
    await storeOf(opened).putThreadSpans([belongsTo(PHONE, CARD)], 1);
    await storeOf(opened).putConsentStates([yesFor(CARD)], 1);
    expect(await counts(opened)).toEqual([['lyon', 1, 1, 1, 0, 0]]);
    await storeOf(opened).putConsentStates([yesOn(PHONE)], 2);
    expect(await counts(opened)).toEqual([['lyon', 1, 1, 1, 1, 0]]);
  });

  test('S13: merges and un-merges touch the map alone, and the next report sees them', async () => {
    await keep(
      opened,
      pageView({ t: utc('2026-11-05T10:00'), thread: PHONE }),
      ticket({ t: utc('2026-11-06T10:00'), thread: CARD }),
    );
    await storeOf(opened).putConsentStates([yesFor(CARD), yesOn(PHONE)], 1);
    expect(await counts(opened)).toEqual([['lyon', 1, 1, 1, 0, 0]]);
    await storeOf(opened).putThreadSpans([belongsTo(PHONE, CARD)], 2);
    expect(await counts(opened)).toEqual([['lyon', 1, 1, 1, 1, 1]]);
    await storeOf(opened).putThreadSpans([{ brand: ATELIER, thread: PHONE, spans: [] }], 3);
    const digest = await storeOf(opened).digest();
    await storeOf(opened).settle();
    expect(await storeOf(opened).digest()).toEqual(digest);
    expect(await counts(opened)).toEqual([['lyon', 1, 1, 1, 0, 0]]);
    await storeOf(opened).putThreadSpans([belongsTo(PHONE, CARD)], 2);
    expect(await counts(opened)).toEqual([['lyon', 1, 1, 1, 0, 0]]);
    await storeOf(opened).putThreadSpans([belongsTo(CARD, NO_THREAD)], 4);
    expect(await counts(opened)).toEqual([['lyon', 1, 0, 0, 0, 0]]);
  });

  test('S13: a shared terminal gives each visit to the person at it', async () => {
    await keep(
      opened,
      pageView({ t: utc('2026-11-02T10:00'), thread: PHONE }),
      ticket({ t: utc('2026-11-04T10:00'), thread: CARD }),
      ticket({ t: utc('2026-11-04T10:00'), thread: thread(11), store: 'paris' }),
    );
    const mine = CARD as string as PersonNumber;
    const theirs = '11' as PersonNumber;
    await storeOf(opened).putThreadSpans(
      [
        {
          brand: ATELIER,
          thread: PHONE,
          spans: [
            { from: BEGINNING, to: utc('2026-11-02T10:00'), person: mine },
            { from: utc('2026-11-02T10:00'), to: utc('2026-11-03T00:00'), person: theirs },
            { from: utc('2026-11-03T00:00'), to: END, person: mine },
          ],
        },
      ],
      1,
    );
    await storeOf(opened).putConsentStates([yesFor(CARD), yesFor(thread(11)), yesOn(PHONE)], 1);
    expect(await counts(opened)).toEqual([
      ['lyon', 1, 1, 1, 1, 0],
      ['paris', 1, 1, 1, 1, 1],
    ]);
  });
}

export function describeRopoMatches(opened: OpenedStore): void {
  test('strict: the visit shows a product, or a category, of the ticket; categories share its value', async () => {
    await keep(
      opened,
      pageView({ t: utc('2026-11-05T10:00'), thread: PHONE, lines: [line('A', 'shoes')] }),
      ticket({
        t: utc('2026-11-06T10:00'),
        thread: CARD,
        lines: [line('A', 'shoes', 3_000), line('B', 'bags', 2_000)],
      }),
      ticket({ t: utc('2026-11-06T11:00'), thread: CARD, store: 'nice', lines: [line('C', 'shoes', 5_000)] }),
      ticket({ t: utc('2026-11-06T12:00'), thread: CARD, store: 'metz', lines: [line('D', 'hats', 5_000)] }),
    );
    await storeOf(opened).putThreadSpans([belongsTo(PHONE, CARD)], 1);
    await storeOf(opened).putConsentStates([yesFor(CARD), yesOn(PHONE)], 1);
    const hits = async (query: Partial<RopoQuery>) =>
      (await storeOf(opened).ropoCells({ ...november, ...query })).map(({ key, ropo }) => [
        key,
        ropo.count,
        ropo.valueMinor,
      ]);
    expect(await hits({ match: 'sku' })).toEqual([
      ['lyon', 1, 5_000],
      ['metz', 0, 0],
      ['nice', 0, 0],
    ]);
    expect(await hits({ match: 'category' })).toEqual([
      ['lyon', 1, 5_000],
      ['metz', 0, 0],
      ['nice', 1, 5_000],
    ]);
    expect(await hits({ by: 'category' })).toEqual([
      ['bags', 1, 2_000],
      ['hats', 1, 5_000],
      ['shoes', 2, 8_000],
    ]);
  });

  test('the reverse: an order after a ticket of the same person', async () => {
    const order = (changes: Partial<EventRow> & Pick<EventRow, 't'>) =>
      ticket({ kind: 'order', channel: 'web', store: '', device: PHONE, terminal: true, ...changes });
    await keep(
      opened,
      ticket({ t: utc('2026-11-05T10:00'), thread: CARD }),
      order({ t: utc('2026-11-06T10:00'), thread: PHONE }),
      order({ t: utc('2026-11-05T09:00'), thread: PHONE }),
      order({ t: utc('2026-11-06T10:00'), thread: thread(30), device: NO_THREAD, terminal: false }),
    );
    await storeOf(opened).putThreadSpans([belongsTo(PHONE, CARD)], 1);
    await storeOf(opened).putConsentStates([yesFor(CARD), yesOn(PHONE), yesFor(thread(30))], 1);
    expect(await counts(opened, { direction: 'store-to-online' })).toEqual([['shop', 3, 3, 3, 2, 1]]);
  });
}
