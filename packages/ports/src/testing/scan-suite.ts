import { BEGINNING, END, NO_THREAD } from '@filrouge/domain/identity';
import { expect, test } from 'vitest';
import type { EventRow, ScanCursor, ScanQuery } from '../event-store.ts';
import {
  ATELIER,
  forUse,
  given,
  MAISON,
  ORDER_FULFILMENT,
  refused,
  standing,
  thread,
  ticket,
  utc,
} from './event-examples.ts';
import { keep, type OpenedStore, storeOf } from './opened-event-store.ts';

const NOON = utc('2026-11-03T12:00');
const QUERY: ScanQuery = {
  brand: ATELIER,
  kind: 'ticket',
  from: BEGINNING,
  to: END,
  permission: forUse('individual', '2026-11-10'),
  nobodys: false,
  limit: 100,
};

/** All rows of a scan, page by page, and how many were looked at. */
async function scanned(
  opened: OpenedStore,
  query: Partial<ScanQuery> = {},
): Promise<{ readonly ids: readonly string[]; readonly seen: number; readonly pages: number }> {
  const ids: string[] = [];
  let [seen, pages] = [0, 0];
  let after: ScanCursor | undefined;
  do {
    const page = await storeOf(opened).scan({ ...QUERY, ...query, ...(after === undefined ? {} : { after }) });
    ids.push(...page.rows.map(({ eventId }) => eventId));
    seen += page.seen;
    pages += 1;
    after = page.next;
  } while (after !== undefined);
  return { ids: ids.sort(), seen, pages };
}

const idsOf = (...rows: readonly EventRow[]): readonly string[] => rows.map(({ eventId }) => eventId).sort();

/** Reading all rows of a brand, piece by piece, through the one predicate. */
export function describeScan(opened: OpenedStore): void {
  test('S10: a scan gives each row that may be used on one page, and counts the others without giving them', async () => {
    const yes = Array.from({ length: 7 }, (_, at) => ticket({ t: NOON, thread: thread(10 + at) }));
    const more = Array.from({ length: 5 }, () => ticket({ t: NOON, thread: thread(12) }));
    const no = ticket({ t: NOON, thread: thread(2) });
    const silent = ticket({ t: NOON, thread: thread(9_223_372_036_854_775_807n) });
    const elsewhere = ticket({ t: NOON, thread: thread(10), brand: MAISON });
    await keep(opened, ...yes, ...more, no, silent, elsewhere);
    await storeOf(opened).putConsentStates(
      [
        ...yes.map((row) => standing(row.thread, { person: given('2026-11-01') })),
        standing(no.thread, { person: refused('2026-11-02') }),
      ],
      1,
    );
    for (const limit of [1, 3, 14, 15]) {
      const { ids, seen } = await scanned(opened, { limit });
      expect([limit, ids, seen]).toEqual([limit, idsOf(...yes, ...more), 14]);
    }
    expect((await scanned(opened, { kind: 'order' })).seen).toBe(0);
    const contract = { purpose: ORDER_FULFILMENT, use: 'individual', now: NOON } as const;
    expect((await scanned(opened, { permission: contract })).ids).toEqual(idsOf(...yes, ...more, no, silent));
  });

  test('rows of nobody come where they are asked for, without any permission, and bots never', async () => {
    const nobodys = Array.from({ length: 9 }, () => ticket({ t: NOON, thread: NO_THREAD, purposes: 0n }));
    const robot = ticket({ t: NOON, thread: NO_THREAD, bot: true });
    await keep(opened, ...nobodys, robot);
    expect((await scanned(opened)).ids).toEqual([]);
    for (const limit of [2, 10, 50]) {
      const { ids, seen } = await scanned(opened, { nobodys: true, limit });
      expect([limit, ids, seen]).toEqual([limit, idsOf(...nobodys), 10]);
    }
  });

  test('a span of event time is half open', async () => {
    const days = ['2026-11-01', '2026-11-02', '2026-11-03'].map((day) =>
      ticket({ t: utc(`${day}T00:00`), thread: NO_THREAD }),
    );
    await keep(opened, ...days);
    const span = { from: utc('2026-11-02T00:00'), to: utc('2026-11-03T00:00'), nobodys: true };
    const { ids, seen } = await scanned(opened, { ...span, limit: 1 });
    expect([ids, seen]).toEqual([idsOf(...days.slice(1, 2)), 1]);
  });

  test('an event that was received twice is one row', async () => {
    const first = ticket({ t: NOON, thread: NO_THREAD });
    await keep(opened, first);
    await keep(opened, { ...first, position: first.position + 1_000 });
    const { ids } = await scanned(opened, { nobodys: true });
    expect(ids).toEqual(idsOf(first));
  });
}
