import { hash } from 'node:crypto';
import type { JsonObject } from '@filrouge/domain/base';

/** What a client or a proxy changes between two sendings of one item (S16). */
const OUTSIDE = new Set(['sentAt', 'receivedAt', '_metadata', 'writeKey', 'request_ip', 'rudderId']);

/**
 * S16: 32 hexadecimal digits (the first half of SHA-256) of a normalised item without `sentAt`, `receivedAt`,
 * `_metadata` and corrected times; `timestamp` is a corrected time where `originalTimestamp` stands beside it. Keys are
 * sorted already, so their order in the body plays no part.
 */
export function bodyHash(item: JsonObject): string {
  const corrected = 'originalTimestamp' in item;
  let text = '';
  for (const key in item) {
    if (OUTSIDE.has(key) || (corrected && key === 'timestamp')) continue;
    text += `${JSON.stringify(key)}:${JSON.stringify(item[key])},`;
  }
  return hash('sha256', text, 'hex').slice(0, 32);
}
