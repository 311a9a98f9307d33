import { BEGINNING, END, NO_THREAD } from '@filrouge/domain/identity';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type EventStore, StaleGeneration, type TimelineCursor, type TimelineQuery } from '../event-store.ts';
import {
  ATELIER,
  belongsTo,
  forUse,
  given,
  line,
  MAISON,
  ORDER_FULFILMENT,
  pageView,
  refused,
  standing,
  thread,
  ticket,
  utc,
} from './event-examples.ts';
import { keep, type OpenedStore, range, storeOf } from './opened-event-store.ts';
import { describeRopo, describeRopoMatches } from './ropo-cells-suite.ts';
import { describeScan } from './scan-suite.ts';

/** What every event store promises. `open` gives one with nothing in it; each test begins another generation. */
export function describeEventStore(engine: string, open: () => Promise<EventStore>): void {
  describe(engine, () => {
    const opened: OpenedStore = { generation: 0 };
    beforeAll(async () => {
      opened.store = await open();
    });
    beforeEach(async () => {
      opened.generation += 1;
      await storeOf(opened).reset(`g${opened.generation}`);
    });
    afterAll(() => opened.store?.close());
    describeWriting(opened);
    describeTimeline(opened);
    describePermission(opened);
    describeScan(opened);
    describeRopo(opened);
    describeRopoMatches(opened);
    describeDigest(opened);
  });
}

const always = (...numbers: readonly number[]): TimelineQuery['threads'] =>
  numbers.map((number) => ({ thread: thread(number), from: BEGINNING, to: END }));

async function ids(opened: OpenedStore, query: Partial<TimelineQuery> = {}): Promise<readonly string[]> {
  const page = await storeOf(opened).timeline({
    brand: ATELIER,
    threads: always(1),
    permission: 'every-row',
    limit: 100,
    ...query,
  });
  return page.rows.map(({ eventId }) => eventId);
}

function describeWriting(opened: OpenedStore): void {
  test('a row comes back as it was stored', async () => {
    const row = ticket({
      t: utc('2026-11-03T10:00:00.123'),
      r: utc('2026-11-03T10:00:01.456'),
      c: utc('2026-11-03T10:00:02.789'),
      thread: thread(9_223_372_036_854_775_807n),
      device: thread(1),
      purposes: (1n << 62n) | 5n,
      imported: true,
      lines: [line('A-1', 'shoes', 4_000), line("it's", 'é "quoted"\n', 1_000)],
      clear: { path: '/p/chaussures', 'odd key': 'tab\t' },
      sealed: 'c2VhbGVk',
    });
    const other = pageView({ t: utc('1950-01-01T00:00'), r: utc('2026-11-03T10:00') });
    await keep(opened, row, other);
    const page = await storeOf(opened).timeline({
      brand: ATELIER,
      threads: [...always(1), { thread: row.thread, from: BEGINNING, to: END }],
      permission: 'every-row',
      limit: 10,
    });
    expect(page).toEqual({ rows: [row, other] });
  });

  test('the same range again changes nothing, and a new range adds', async () => {
    const rows = [pageView({ t: utc('2026-10-31T23:00') }), pageView({ t: utc('2026-11-01T01:00') })];
    await storeOf(opened).insertRange(range(opened, 1, 2), rows);
    await storeOf(opened).insertRange(range(opened, 1, 2), rows);
    await storeOf(opened).insertRange(range(opened, 3), [pageView({ t: utc('2026-11-02T01:00') })]);
    expect(await ids(opened)).toHaveLength(3);
    const [total] = await storeOf(opened).totals({ brand: ATELIER, kinds: ['page'], from: BEGINNING, to: END });
    expect(total?.count).toBe(3);
  });

  test('S17: a range of an earlier generation is refused; the same positions of a new one are other rows', async () => {
    const before = range(opened, 1);
    await storeOf(opened).insertRange(before, [pageView({ t: utc('2026-11-01T01:00') })]);
    await storeOf(opened).reset('next');
    await expect(storeOf(opened).insertRange(before, [pageView({ t: utc('2026-11-01T01:00') })])).rejects.toThrow(
      StaleGeneration,
    );
    const row = pageView({ t: utc('2026-11-01T02:00') });
    await storeOf(opened).insertRange({ ...before, generation: 'next' }, [row]);
    expect(await ids(opened)).toEqual([row.eventId]);
  });

  test('S17: a life may begin with the events up to a position; later ones, the map and consents are gone', async () => {
    const rows = [1, 2, 3, 4].map((position) => pageView({ t: utc(`2026-0${position}-01T10:00`), position }));
    const [first, second] = rows;
    await storeOf(opened).insertRange(range(opened, 1, 4), rows);
    await storeOf(opened).putThreadSpans([belongsTo(PHONE, CARD)], 1);
    await storeOf(opened).putConsentStates([yesFor(CARD)], 1);
    const upTo = await storeOf(opened).digestUpTo(2);
    expect(upTo).not.toBe((await storeOf(opened).digest()).events);
    for (const _again of [1, 2]) await storeOf(opened).reset('halfway', 2);
    expect(new Set(await ids(opened))).toEqual(new Set([first?.eventId, second?.eventId]));
    const { events, threads, consents } = await storeOf(opened).digest();
    expect([events, await storeOf(opened).digestUpTo(2)]).toEqual([upTo, upTo]);
    await storeOf(opened).insertRange({ generation: 'halfway', from: 3, to: 4 }, rows.slice(2));
    expect(await ids(opened)).toHaveLength(4);
    expect(await storeOf(opened).digestUpTo(2)).toBe(upTo);
    await storeOf(opened).reset('empty');
    const { events: _none, ...empty } = await storeOf(opened).digest();
    expect(empty).toEqual({ threads, consents });
  });

  test('S16: an event received again months later is one row, and the first receipt wins', async () => {
    const first = ticket({ t: utc('2026-08-01T10:00'), position: 10 });
    const again = { ...first, r: utc('2026-11-01T10:00'), position: 20, name: 'Again' };
    await storeOf(opened).insertRange(range(opened, 20), [again]);
    await storeOf(opened).insertRange(range(opened, 10), [first]);
    const page = await storeOf(opened).timeline({
      brand: ATELIER,
      threads: always(1),
      permission: 'every-row',
      limit: 10,
    });
    expect(page.rows).toEqual([first]);
    const totals = await storeOf(opened).totals({ brand: ATELIER, kinds: ['ticket'], from: BEGINNING, to: END });
    expect(totals).toEqual([{ kind: 'ticket', type: 'sale', currency: 'EUR', count: 1, amountMinor: 5_000 }]);
  });

  test('S10: totals count everybody, by kind, type and currency, without bots and in a half-open span', async () => {
    const refund = { type: 'refund', number: 'r1', currency: 'EUR', amountMinor: -2_000, vatMinor: 0 } as const;
    await keep(
      opened,
      ticket({ t: utc('2026-11-01T10:00'), thread: NO_THREAD }),
      ticket({ t: utc('2026-11-01T11:00') }),
      ticket({ t: utc('2026-11-01T12:00'), receipt: refund }),
      ticket({ t: utc('2026-11-01T13:00'), bot: true }),
      ticket({ t: utc('2026-11-02T00:00') }),
      pageView({ t: utc('2026-11-01T10:00') }),
      ticket({ t: utc('2026-11-01T10:00'), brand: MAISON }),
    );
    expect(
      await storeOf(opened).totals({
        brand: ATELIER,
        kinds: ['ticket', 'page'],
        from: utc('2026-11-01T00:00'),
        to: utc('2026-11-02T00:00'),
      }),
    ).toEqual([
      { kind: 'page', type: '', currency: '', count: 1, amountMinor: 0 },
      { kind: 'ticket', type: 'refund', currency: 'EUR', count: 1, amountMinor: -2_000 },
      { kind: 'ticket', type: 'sale', currency: 'EUR', count: 2, amountMinor: 10_000 },
    ]);
  });
}

function describeTimeline(opened: OpenedStore): void {
  test('newest first; rows of one instant have a fixed order; pages join without gap or repetition', async () => {
    const t = utc('2026-11-05T10:00');
    const rows = Array.from({ length: 25 }, (_, n) =>
      pageView({ t: n % 3 === 0 ? t : utc(`2026-11-0${1 + (n % 4)}T10:00`) }),
    );
    await keep(opened, ...rows);
    const whole = await ids(opened);
    expect(whole).toHaveLength(25);
    const collected: string[] = [];
    let after: TimelineCursor | undefined;
    do {
      const page = await storeOf(opened).timeline({
        brand: ATELIER,
        threads: always(1),
        permission: 'every-row',
        limit: 4,
        ...(after === undefined ? {} : { after }),
      });
      collected.push(...page.rows.map(({ eventId }) => eventId));
      after = page.next;
      // What arrives meanwhile at the top moves nothing below it.
      await keep(opened, pageView({ t: utc('2026-11-20T10:00') }));
    } while (after !== undefined);
    expect(collected).toEqual(whole);
  });

  test('S13: a thread counts only inside its span; a span without end has none', async () => {
    const [before, inside, after, ever] = [
      pageView({ t: utc('2026-11-01T10:00') }),
      pageView({ t: utc('2026-11-02T10:00') }),
      pageView({ t: utc('2026-11-03T10:00') }),
      pageView({ t: utc('2026-11-01T09:00'), thread: thread(2) }),
    ];
    await keep(opened, before, inside, after, ever);
    const span = { thread: thread(1), from: utc('2026-11-02T10:00'), to: utc('2026-11-03T10:00') };
    expect(await ids(opened, { threads: [span, ...always(2)] })).toEqual([inside.eventId, ever.eventId]);
    expect(await ids(opened, { threads: [] })).toEqual([]);
  });

  test('kinds and brands are kept apart', async () => {
    const receipt = ticket({ t: utc('2026-11-01T10:00') });
    await keep(
      opened,
      receipt,
      pageView({ t: utc('2026-11-01T11:00') }),
      ticket({ t: utc('2026-11-01T10:00'), brand: MAISON }),
    );
    expect(await ids(opened, { kinds: ['ticket', 'order'] })).toEqual([receipt.eventId]);
  });
}

function describePermission(opened: OpenedStore): void {
  const report = (day: string) => ({ permission: forUse('aggregate', `${day}T12:00`) });
  const slot = (day: string) => ({ permission: forUse('individual', `${day}T12:00`) });
  const yes = { device: given('2026-01-10T00:00', { until: '2026-07-11T00:00' }), person: given('2026-01-10T00:00') };

  test('S10, examples 1 and 2: given counts everywhere until it runs out, then in aggregates alone', async () => {
    const page = pageView({ t: utc('2026-02-01T10:00') });
    await keep(opened, page);
    await storeOf(opened).putConsentStates([standing(thread(1), yes)], 1);
    expect(await ids(opened, slot('2026-06-01'))).toEqual([page.eventId]);
    expect(await ids(opened, slot('2026-08-01'))).toEqual([]);
    expect(await ids(opened, report('2026-08-01'))).toEqual([page.eventId]);
  });

  test('S10, example 3: what was withdrawn is out, and a new yes does not bring back what was before it', async () => {
    const [old, fresh] = [pageView({ t: utc('2026-02-01T10:00') }), pageView({ t: utc('2026-06-02T10:00') })];
    await keep(opened, old, fresh);
    await storeOf(opened).putConsentStates([standing(thread(1), { ...yes, device: refused('2026-04-01T00:00') })], 1);
    expect(await ids(opened, report('2026-04-02'))).toEqual([]);
    const again = given('2026-06-01T00:00', { follows: true, until: '2026-12-01T00:00' });
    await storeOf(opened).putConsentStates([standing(thread(1), { ...yes, device: again })], 2);
    expect(await ids(opened, report('2026-06-03'))).toEqual([fresh.eventId]);
    await storeOf(opened).putConsentStates([standing(thread(1), yes)], 1);
    expect(await ids(opened, report('2026-06-03'))).toEqual([fresh.eventId]);
  });

  test('S8: on a terminal the device decides and the person may only close; at the till the person decides', async () => {
    const [web, till] = [
      pageView({ t: utc('2026-02-01T10:00'), thread: thread(1), device: thread(2) }),
      ticket({ t: utc('2026-02-01T11:00'), thread: thread(1) }),
    ];
    await keep(opened, web, till);
    const states = (device: Parameters<typeof standing>[1], person: Parameters<typeof standing>[1]) => [
      standing(thread(2), device),
      standing(thread(1), person),
    ];
    await storeOf(opened).putConsentStates(states({ device: given('2026-01-01T00:00') }, {}), 1);
    expect(await ids(opened, report('2026-03-01'))).toEqual([web.eventId]);
    await storeOf(opened).putConsentStates(states({}, { person: given('2026-01-01T00:00') }), 2);
    expect(await ids(opened, report('2026-03-01'))).toEqual([till.eventId]);
    await storeOf(opened).putConsentStates(
      states({ device: given('2026-01-01T00:00') }, { person: refused('2026-01-05T00:00') }),
      3,
    );
    expect(await ids(opened, report('2026-03-01'))).toEqual([]);
  });

  test('S9, S10: without its bit, or of a bot, nothing is used; a contract needs no state', async () => {
    const [kept, bot, without] = [
      pageView({ t: utc('2026-02-01T10:00') }),
      pageView({ t: utc('2026-02-01T11:00'), bot: true }),
      pageView({ t: utc('2026-02-01T12:00'), purposes: 2n }),
    ];
    await keep(opened, kept, bot, without);
    expect(await ids(opened, { permission: forUse('individual', '2026-03-01T00:00', ORDER_FULFILMENT) })).toEqual([
      kept.eventId,
    ]);
    expect(await ids(opened, report('2026-03-01'))).toEqual([]);
    expect(await ids(opened)).toEqual([without.eventId, bot.eventId, kept.eventId]);
  });
}

const CARD = thread(10);
const PHONE = thread(20);
const yesFor = (person: typeof CARD) => standing(person, { person: given('2026-01-01T00:00') });
const yesOn = (device: typeof CARD) => standing(device, { device: given('2026-01-01T00:00') });

function describeDigest(opened: OpenedStore): void {
  test('S17: the same rows in any order and cut give the same digest; any change another', async () => {
    const rows = Array.from({ length: 9 }, (_, n) =>
      pageView({ t: utc(`2026-11-0${n + 1}T10:00`), clear: { a: '1', b: '2' } }),
    );
    const maps = [belongsTo(PHONE, CARD), belongsTo(thread(21), CARD)];
    const states = [yesFor(CARD), yesOn(PHONE)];
    await keep(opened, ...rows);
    await storeOf(opened).putThreadSpans(maps, 1);
    await storeOf(opened).putConsentStates(states, 1);
    const digest = await storeOf(opened).digest();
    await storeOf(opened).reset('again');
    for (const [n, row] of [...rows].reverse().entries()) {
      const clear = Object.fromEntries(Object.entries(row.clear).reverse());
      await storeOf(opened).insertRange({ generation: 'again', from: n, to: n }, [{ ...row, clear }]);
    }
    for (const map of [...maps].reverse()) await storeOf(opened).putThreadSpans([map], 7);
    for (const state of [...states].reverse()) await storeOf(opened).putConsentStates([state], 7);
    expect(await storeOf(opened).digest()).toEqual(digest);
    await storeOf(opened).putThreadSpans([belongsTo(PHONE, thread(3))], 8);
    await storeOf(opened).putConsentStates([standing(CARD, { person: refused('2026-01-02T00:00') })], 8);
    await storeOf(opened).insertRange({ generation: 'again', from: 99, to: 99 }, [
      pageView({ t: utc('2026-11-20T10:00') }),
    ]);
    const changed = await storeOf(opened).digest();
    expect(changed.events).not.toBe(digest.events);
    expect(changed.threads).not.toBe(digest.threads);
    expect(changed.consents).not.toBe(digest.consents);
  });
}
