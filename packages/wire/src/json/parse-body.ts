import { accept, isJsonObject, type Result, refuse } from '@filrouge/domain/base';
import { pointerStep, type Refusal, refusalOf } from '../problem/refusal.ts';
import { COLLECT_LIMITS, type JsonLimits } from './limits.ts';
import { locateFault } from './locate.ts';
import { checkBytes, checkItem, measureItem, placeOf } from './scan.ts';

/**
 * The JSON object of a request that is no event: UTF-8, depth, size and repeated keys are judged as for an item, but
 * nothing is changed or left out: here a password is meant.
 */
export function parseBody(
  bytes: Buffer,
  limits: JsonLimits = COLLECT_LIMITS,
): Result<Readonly<Record<string, unknown>>, Refusal> {
  const start = checkBytes(bytes, limits);
  if (!start.ok) return start;
  const slice = measureItem(bytes, start.value, bytes.length);
  const beyond = checkItem(slice, limits);
  if (beyond !== undefined) return refuse(beyond);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8', slice.start, slice.end));
  } catch {
    const fault = locateFault(bytes, slice.start, slice.end);
    return refuse(
      refusalOf('json-malformed', '', placeOf(bytes, fault?.kind === 'syntax' ? fault.offset : slice.start)),
    );
  }
  if (!isJsonObject(value)) return refuse(refusalOf('body-not-an-object', ''));
  const tally: Tally = { keys: 0, forbidden: undefined };
  count(value, '', tally);
  if (tally.forbidden !== undefined) return refuse(refusalOf('forbidden-key', tally.forbidden));
  if (tally.keys === slice.keys) return accept(value);
  const fault = locateFault(bytes, slice.start, slice.end);
  return refuse(refusalOf('duplicate-key', fault?.kind === 'duplicate' ? fault.pointer : ''));
}

type Tally = { keys: number; forbidden: string | undefined };

/** Counts keys, of which a repeated one is there once only, and finds the one that would change a prototype. */
function count(value: unknown, pointer: string, tally: Tally): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    const at = pointer + pointerStep(key);
    if (!Array.isArray(value)) tally.keys += 1;
    if (key === '__proto__') tally.forbidden ??= at;
    count(child, at, tally);
  }
}
