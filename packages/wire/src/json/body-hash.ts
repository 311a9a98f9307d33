import { hash } from 'node:crypto';
import type { Json, JsonObject } from '@filrouge/domain/base';

/** What a client or a proxy changes between two sendings of one item (S16). */
const OUTSIDE = new Set(['sentAt', 'receivedAt', '_metadata', 'writeKey', 'request_ip', 'rudderId']);

/**
 * S16: 32 hexadecimal digits (the first half of SHA-256) of a normalised item without `sentAt`, `receivedAt`,
 * `_metadata` and corrected times; `timestamp` is a corrected time where `originalTimestamp` stands beside it. Keys are
 * sorted already, so their order in the body plays no part.
 */
export function bodyHash(item: JsonObject): string {
  const corrected = 'originalTimestamp' in item;
  let text = '{';
  for (const key in item) {
    if (OUTSIDE.has(key) || (corrected && key === 'timestamp')) continue;
    text += `${key.length}:${key}${canonical(item[key] as Json)}`;
  }
  return hash('sha256', `${text}}`, 'hex').slice(0, 32);
}

/** A text that two values share only if they are equal: strings carry their length, so nothing needs escaping. */
function canonical(value: Json): string {
  if (typeof value === 'string') return `${value.length}:${value}`;
  if (typeof value === 'number') return `n${value};`;
  if (value === null) return 'z';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  let text: string;
  if (Array.isArray(value)) {
    text = '[';
    for (const item of value as readonly Json[]) text += canonical(item);
    return `${text}]`;
  }
  text = '{';
  for (const key in value as JsonObject) text += `${key.length}:${key}${canonical((value as JsonObject)[key] as Json)}`;
  return `${text}}`;
}
