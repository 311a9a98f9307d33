import { sourceId } from './brands.ts';
import { iso } from './calls.ts';
import type { Random } from './random.ts';
import type { Relation } from './shopper.ts';
import type { CallsTrace, Mess } from './trace.ts';

/** After one order in fifty the shop's server, which has a faulty integration too, sends something unfit. */
export const MALFORMED_SHARE = 1 / 50;
const KINDS = ['bad-date', 'too-deep', 'duplicate-key', 'no-identifier'] as const satisfies readonly Mess[];

/** One call that should be refused (or, for the bad date, marked or refused): alone in its request, so that it costs nobody else. */
export function malformedTrace(random: Random, relation: Relation, at: number): CallsTrace {
  const kind = random.pick(KINDS);
  const messageId = `faulty-${at}-${random.uuid()}`;
  return {
    kind: 'calls',
    at: at + 120,
    sentAt: at,
    skewMs: 0,
    source: sourceId(relation.brand, 'server'),
    path: '/v1/track',
    calls: [jsonOf(kind, messageId, at, random)],
    items: [{ messageId, call: kind, at, person: undefined, lived: 'unknown', backfill: 'unknown' }],
    mess: [kind],
    single: true,
  };
}

function jsonOf(kind: (typeof KINDS)[number], messageId: string, at: number, random: Random): string {
  const time = iso(at);
  const head = `"type":"track","event":"Stock Checked","messageId":"${messageId}"`;
  const somebody = `"anonymousId":"${random.uuid()}"`;
  switch (kind) {
    case 'bad-date':
      return `{${head},${somebody},"originalTimestamp":"31/02/2026 25:61","properties":{}}`;
    case 'too-deep':
      return `{${head},${somebody},"originalTimestamp":"${time}","properties":${'{"a":'.repeat(60)}1${'}'.repeat(60)}}`;
    case 'duplicate-key':
      return `{${head},${somebody},"originalTimestamp":"${time}","properties":{"stock":1,"stock":2}}`;
    case 'no-identifier':
      return `{${head},"originalTimestamp":"${time}","properties":{"stock":1}}`;
  }
}
