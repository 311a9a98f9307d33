import type { Instant } from '../base/instant.ts';
import type { SourceId } from '../deployment/source.ts';

/** One receipt of a person, as computed traits fold it. Amounts in minor units of its currency. */
export type Purchase = {
  readonly kind: 'ticket' | 'order';
  readonly type: 'sale' | 'refund' | 'cancellation';
  readonly number: string;
  readonly store: string;
  readonly currency: string;
  readonly amountMinor: number;
  readonly t: Instant;
  readonly c: Instant;
  /** Purposes allowed at collection. */
  readonly purposes: bigint;
  readonly terminal: boolean;
  readonly source: SourceId;
};
