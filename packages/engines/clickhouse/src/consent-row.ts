import { INSTANT_MAX } from '@filrouge/domain/base';
import { type ConsentState, UNKNOWN } from '@filrouge/domain/consent';
import type { ConsentStanding } from '@filrouge/ports';

/** Columns of `consent_state` without the version, in the order of `consentRow`. */
export const CONSENT_COLUMNS = [
  'brand',
  'bit',
  'thread',
  'device',
  'device_over',
  'device_run_since',
  'device_follows_negative',
  'device_until',
  'person',
  'person_over',
  'person_run_since',
  'person_follows_negative',
  'person_until',
] as const;

export function consentRow(standing: ConsentStanding): readonly unknown[] {
  const { brand, bit, thread, device = UNKNOWN, person = UNKNOWN } = standing;
  return [brand, bit, thread, ...part(device), ...part(person)];
}

function part(state: ConsentState): readonly unknown[] {
  const over = state.kind === 'requested' ? state.over : 'unknown';
  if (state.kind !== 'given') return [state.kind, over, 0, false, INSTANT_MAX];
  return [state.kind, over, state.runSince, state.followsNegative, state.until ?? INSTANT_MAX];
}
