import type { TimelineQuery } from '@filrouge/ports';
import { selectEvent } from './event-columns.ts';
import { permissionPredicate } from './permission-predicate.ts';
import { type Statement, seconds } from './ropo-query.ts';

/** What FINAL would leave, along the primary key. FINAL reads whole granules in which none of the threads is. */
const FIRST_RECEIPTS = 'ORDER BY kind, thread, event_id, position, item LIMIT 1 BY kind, thread, event_id';

/**
 * The rows of some threads, each inside its span, newest first. The primary key begins with brand, kind and thread, so
 * that a person costs a few granules per kind; states are read for the threads met on the way only. UUIDs are compared
 * as text, for ClickHouse's own order begins with their second half.
 */
export function timelineStatement(query: TimelineQuery): Statement {
  const { threads, permission, kinds, after } = query;
  const wanted = `brand = {brand:String} AND thread IN {threads:Array(UInt64)}${kinds === undefined ? '' : ' AND kind IN {kinds:Array(String)}'}`;
  const inSpan = `arrayExists((thread, from, to) -> thread = e.thread AND e.t >= from AND (e.t < to OR to = toDateTime64('2299-12-31 23:59:59.999', 3, 'UTC')),
    {threads:Array(UInt64)}, {froms:Array(DateTime64(3, 'UTC'))}, {tos:Array(DateTime64(3, 'UTC'))})`;
  const beyond =
    after === undefined ? '' : "AND (e.t, toString(e.event_id)) < ({after_t:DateTime64(3, 'UTC')}, {after_id:String})";
  const allowed =
    permission === 'every-row'
      ? undefined
      : permissionPredicate({
          ...permission,
          rows: 'e',
          from: 'anywhere',
          among: { claims: '{threads:Array(UInt64)}', terminals: `SELECT device FROM event WHERE ${wanted}` },
        });
  return {
    query: `SELECT ${selectEvent('e')} FROM (SELECT * FROM event PREWHERE ${wanted} ${FIRST_RECEIPTS}) AS e ${allowed?.joins ?? ''}
      WHERE ${inSpan} ${beyond} ${allowed === undefined ? '' : `AND ${allowed.condition}`}
      ORDER BY e.t DESC, toString(e.event_id) DESC LIMIT {limit:UInt32}`,
    parameters: {
      ...allowed?.parameters,
      brand: query.brand,
      threads: threads.map(({ thread }) => BigInt(thread)),
      froms: threads.map(({ from }) => seconds(from)),
      tos: threads.map(({ to }) => seconds(to)),
      // One more than asked: it tells whether there is a next page.
      limit: query.limit + 1,
      ...(kinds === undefined ? {} : { kinds }),
      ...(after === undefined ? {} : { after_t: seconds(after.t), after_id: after.eventId }),
    },
  };
}
