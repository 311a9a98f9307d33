/**
 * Whose a row is (S13), in SQL: the span of its thread that its event time falls into, else the thread itself; 0 is
 * nobody. A join, not a dictionary: it sees the newest map without a reload, on every node of a cluster alike.
 */
function spans({ among, isWanted }: PersonJoin): string {
  const some = among === undefined ? '' : ` AND thread IN (${among})`;
  const wanted = isWanted === undefined ? '' : `WHERE ${isWanted('thread')} OR ${isWanted('person')}`;
  return `SELECT thread, span.1 AS since, span.2 AS until, span.3 AS person
    FROM (SELECT thread, arrayJoin(arrayZip(froms, tos, persons)) AS span FROM thread_person FINAL WHERE brand = {brand:String}${some}) ${wanted}`;
}

export type PersonJoin = {
  /** A subquery of threads that all rows are of. */
  readonly among?: string;
  /**
   * Which persons' rows are wanted, as a condition on a number in SQL. Spans of others' threads that lead to others
   * are not read: such a row becomes another unwanted person's, its thread's own.
   */
  readonly isWanted?: ((person: string) => string) | undefined;
};

/** To put after rows that have `thread` and `t`. */
export function personJoin(rows: string, which: PersonJoin = {}): string {
  return `ASOF LEFT JOIN (${spans(which)}) AS map ON map.thread = ${rows}.thread AND ${rows}.t >= map.since`;
}

/** The person of a row that `personJoin` follows. */
export function personOf(rows: string): string {
  return `if(map.thread != 0 AND (${rows}.t < map.until OR map.until = toDateTime64('2299-12-31 23:59:59.999', 3, 'UTC')), map.person, ${rows}.thread)`;
}
