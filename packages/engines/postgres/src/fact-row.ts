import type { Instant } from '@filrouge/domain/base';
import type { ConsentFact, FactStatus, PurposeId } from '@filrouge/domain/consent';

/** The columns of `consent_fact` that say what was decided, as PostgreSQL answers them. */
export type FactRow = {
  readonly position: bigint;
  readonly record_id: string;
  readonly purpose: string;
  readonly vendor: string;
  readonly status: FactStatus;
  readonly indicated_at: Instant;
  readonly received_at: Instant;
  readonly trusted: boolean;
  readonly verified: boolean;
  readonly signal: boolean;
  readonly device: string | null;
  readonly sequence: bigint | null;
};

/** A row as the fact that the domain folds (S5), but for whom it stands on. */
export function factOf(row: FactRow): Omit<ConsentFact, 'standing'> {
  return {
    position: Number(row.position),
    recordId: row.record_id,
    purpose: row.purpose as PurposeId,
    vendor: row.vendor,
    status: row.status,
    indicatedAt: row.indicated_at,
    receivedAt: row.received_at,
    clock: row.trusted ? 'trusted' : 'untrusted',
    ...(row.device === null || row.sequence === null
      ? {}
      : { sequence: { device: row.device, number: Number(row.sequence) } }),
    verified: row.verified,
    ...(row.signal ? { signal: true } : {}),
  };
}
