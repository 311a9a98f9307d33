import type { Instant } from '@filrouge/domain/base';
import type { BrandId, Deployment } from '@filrouge/domain/deployment';
import type { SeparationFact } from '@filrouge/domain/identity';
import type { Door } from '@filrouge/pipeline';
import type { EventStore, ProjectionStore, ReadingStore, ReferenceStore, SqlDoor, Vault } from '@filrouge/ports';
import type { AccessLog } from '../access/access-log.ts';
import type { Accounts } from '../access/accounts.ts';
import type { ApiTokens } from '../access/api-tokens.ts';
import type { Attempts } from '../access/attempts.ts';
import type { SourceKeys } from '../access/source-keys.ts';
import type { Exports } from '../exports/exports.ts';

/** What the routes of the management and reading API work with. */
export type ApiService = {
  readonly deployment: Deployment;
  readonly door: Door;
  readonly vault: Vault;
  readonly accessLog: AccessLog;
  readonly reading: ReadingStore;
  readonly reference: ReferenceStore;
  readonly projections: ProjectionStore;
  readonly events: EventStore;
  readonly sql: SqlDoor;
  /** Writes a separation down, and resolves when it holds. */
  readonly separate: (brand: BrandId, separation: SeparationFact & { readonly reason: string }) => Promise<void>;
  /** Lets the projector look at once. */
  readonly wake: () => void;
  readonly keys: SourceKeys;
  readonly tokens: ApiTokens;
  readonly accounts: Accounts;
  readonly attempts: Attempts;
  readonly exports: Exports;
  readonly now: () => Instant;
  /** See `Engines.newId`. */
  readonly newId: () => string;
};
