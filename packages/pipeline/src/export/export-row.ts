import type { Instant, JsonObject } from '@filrouge/domain/base';
import type { Purpose } from '@filrouge/domain/consent';
import type { BrandId, Deployment } from '@filrouge/domain/deployment';
import type { Namespace, NodeId, TimeSpan } from '@filrouge/domain/identity';
import type { EventStore, ReadingStore, Vault } from '@filrouge/ports';

/** What leaves, each in the form in which a file of it enters. */
export const EXPORT_KINDS = ['people', 'events', 'tickets', 'orders', 'consents'] as const;
export type ExportKind = (typeof EXPORT_KINDS)[number];

export type ExportQuery = {
  readonly kind: ExportKind;
  readonly brand: BrandId;
  /** Of `consents` the legal obligation to prove them. */
  readonly purpose: Purpose;
  /**
   * The instant that permissions must last until: the end of the export's life, so that none runs out between the reading
   * and the publishing.
   */
  readonly now: Instant;
  /** Event time, half-open; of events, tickets and orders. */
  readonly span: TimeSpan;
};

export type ExportDeps = {
  readonly reading: ReadingStore;
  readonly events: EventStore;
  readonly vault: Vault;
  readonly deployment: Pick<Deployment, 'notices' | 'purposes'>;
};

/** What a row is decided on anew by, as plain JSON: it waits beside the row. */
export type RowBasis =
  | { readonly kind: 'nobody' }
  /** A person, by the identifier it is named after. */
  | { readonly kind: 'person'; readonly head: NodeId }
  | {
      readonly kind: 'event';
      readonly purposes: string;
      readonly t: Instant;
      readonly c: Instant;
      readonly terminal: boolean;
      readonly bot: boolean;
      readonly claim: NodeId;
      readonly device?: NodeId;
    }
  | { readonly kind: 'fact'; readonly position: number };

/** One row as it waits to be published. */
export type ExportRow = {
  /** Items of a file, in the form of `POST /v1/import`; a person with several addresses is several. */
  readonly items: readonly JsonObject[];
  /** Whose consent it rests on. */
  readonly rests: readonly NodeId[];
  readonly basis: RowBasis;
};

/** What was read in one go. Those that were left out are counted and not named. */
export type ExportPage = {
  readonly rows: readonly ExportRow[];
  /** Persons, events or decisions that were looked at. */
  readonly seen: number;
  /** Of those the ones that the purpose may not have: an absent or unknown permission is a no. */
  readonly closed: number;
  /** Of those the ones whose key is gone, or whose content is damaged. */
  readonly unreadable: number;
  /** Of those the ones that say nothing any more: decisions that the same device took back. */
  readonly superseded: number;
};

export type Exporter = {
  /** Everything, piece by piece, through the one predicate (S10). Memory does not grow with it. */
  readonly pages: () => AsyncGenerator<ExportPage>;
  /** The rows as they may be published at this instant; undefined for one that may not. */
  readonly again: (rows: readonly ExportRow[]) => Promise<readonly (ExportRow | undefined)[]>;
};

/** How items name each kind of identifier. */
export const IDENTIFIER_FIELDS: Readonly<Partial<Record<Namespace, string>>> = {
  user_id: 'userId',
  loyalty_card: 'loyaltyCard',
  email: 'email',
  phone: 'phone',
  anonymous_id: 'anonymousId',
  device_id: 'deviceId',
  push_token: 'pushToken',
};

export function iso(at: Instant): string {
  return new Date(at).toISOString();
}
