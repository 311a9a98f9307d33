import type { ScanCursor, ScanQuery } from '@filrouge/ports';
import { selectEvent } from './event-columns.ts';
import { permissionPredicate } from './permission-predicate.ts';
import { type Statement, seconds } from './ropo-query.ts';

/** Where a page ends, and how many rows it looks at; `seen` 0: there is none any more. */
export type StoredScanEnd = {
  readonly rows: string;
  readonly seen: string;
  readonly end_thread: string;
  readonly end_id: string;
};

/**
 * The end of the next page, along the primary key. Without FINAL, so that the reading stops at the limit and does not
 * go on to the end of the table; a row that stands there twice only makes a page shorter.
 */
export function scanEndStatement(query: ScanQuery): Statement {
  return {
    query: `SELECT count() AS rows, uniqExact(event_id) AS seen, tupleElement(max((thread, event_id)), 1) AS end_thread,
        toString(tupleElement(max((thread, event_id)), 2)) AS end_id
      FROM (
        SELECT thread, event_id FROM event WHERE ${boundsOf(query)} ${afterOf(query.after)}
        ORDER BY thread, event_id LIMIT {limit:UInt32}
      )`,
    parameters: parametersOf(query),
  };
}

/** The rows of one page that the predicate lets through; states are read for the threads of the page only. */
export function scanStatement(query: ScanQuery, end: ScanCursor): Statement {
  const page = `${boundsOf(query)} ${afterOf(query.after)} AND ${upTo(query.after, end)}`;
  const { joins, condition, parameters } = permissionPredicate({
    ...query.permission,
    rows: 'e',
    from: 'anywhere',
    among: {
      claims: `SELECT thread FROM event WHERE ${page}`,
      terminals: `SELECT device FROM event WHERE ${page}`,
    },
  });
  const nobodys = query.nobodys ? 'NOT e.bot' : 'false';
  return {
    query: `SELECT ${selectEvent('e')} FROM (SELECT * FROM event FINAL WHERE ${page}) AS e ${joins}
      WHERE if(e.thread = 0 AND e.device = 0, ${nobodys}, ${condition})`,
    parameters: { ...parameters, ...parametersOf(query), end_thread: BigInt(end.thread), end_id: end.eventId },
  };
}

function boundsOf(_: ScanQuery): string {
  return "brand = {brand:String} AND kind = {kind:String} AND t >= {from:DateTime64(3, 'UTC')} AND t < {to:DateTime64(3, 'UTC')}";
}

/** Said with single columns: a comparison of tuples finds no place in the primary key. */
function afterOf(after: ScanCursor | undefined): string {
  if (after === undefined) return '';
  return 'AND thread >= {after_thread:UInt64} AND (thread > {after_thread:UInt64} OR event_id > {after_id:UUID})';
}

/** Inside one thread, as nobody's may be with millions of rows, the ids are what is bounded. */
function upTo(after: ScanCursor | undefined, end: ScanCursor): string {
  if (after?.thread === end.thread) {
    return 'thread = {end_thread:UInt64} AND event_id > {after_id:UUID} AND event_id <= {end_id:UUID}';
  }
  return 'thread <= {end_thread:UInt64} AND (thread < {end_thread:UInt64} OR event_id <= {end_id:UUID})';
}

function parametersOf({ brand, kind, from, to, limit, after }: ScanQuery): Statement['parameters'] {
  return {
    brand,
    kind,
    limit,
    from: seconds(from),
    to: seconds(to),
    ...(after === undefined ? {} : { after_thread: BigInt(after.thread), after_id: after.eventId }),
  };
}
