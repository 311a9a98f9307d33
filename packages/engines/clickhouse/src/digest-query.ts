import { CONSENT_COLUMNS } from './consent-row.ts';
import { EVENT_COLUMNS } from './event-columns.ts';

export type StoredDigest = { readonly rows: string; readonly sum: string; readonly mix: string };

/**
 * Sums of row hashes, so that the order in which rows are stored, and how parts are merged, change nothing. Left out:
 * versions, which count attempts, and sealed bytes, whose nonces are random; their length stays in.
 */
function digestOf(table: string, columns: readonly string[], where: string): string {
  const hash = `sipHash64(${columns.join(', ')})`;
  return `SELECT count() AS rows, sum(h) AS sum, sum(sipHash64(h)) AS mix FROM (SELECT ${hash} AS h FROM ${table} FINAL WHERE ${where})`;
}

const eventColumns = EVENT_COLUMNS.map((column) => {
  if (column === 'sealed') return 'length(sealed)';
  return column === 'clear'
    ? 'arraySort(arrayMap(x -> (toString(x.1), x.2), clear::Array(Tuple(String, String))))'
    : column;
});

/** The events whose first receipt stands in the journal up to `position`. */
export const EVENTS_UP_TO = digestOf('event', eventColumns, 'position <= {position:UInt64}');

/** Events, map, consents. Rows that say nothing (no span, nothing known) are as good as absent. */
export const DIGESTS: readonly string[] = [
  digestOf('event', eventColumns, 'true'),
  digestOf('thread_person', ['brand', 'thread', 'froms', 'tos', 'persons'], 'notEmpty(froms)'),
  digestOf('consent_state', CONSENT_COLUMNS, "device != 'unknown' OR person != 'unknown'"),
];
