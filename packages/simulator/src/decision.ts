import type { SourceRole } from './brands.ts';

export type DecisionStatus = 'given' | 'refused' | 'withdrawn';

/** One consent record as it was indicated, and when it reached the retailer. */
export type Decision = {
  readonly indicatedAt: number;
  readonly arrivedAt: number;
  readonly statuses: Readonly<Record<string, DecisionStatus>>;
  readonly role: SourceRole;
  readonly channel: 'web' | 'app' | 'store' | 'paper' | 'phone' | 'email';
  readonly notice: 'device' | 'account' | 'card';
  /** Of the device's own decisions; absent for a person's. */
  readonly sequence?: number;
  /** Initials of no one: a number of the member of staff who wrote it down. */
  readonly agent?: string;
};

export function decideAll<P extends string>(purposes: readonly P[], status: DecisionStatus): Record<P, DecisionStatus> {
  return Object.fromEntries(purposes.map((purpose) => [purpose, status])) as Record<P, DecisionStatus>;
}
