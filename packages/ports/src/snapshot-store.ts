import type { Instant } from '@filrouge/domain/base';

/** A copy of all projections of the transactional engine, as they stood at one journal position (S17). */
export type Snapshot = {
  readonly id: number;
  readonly takenAt: Instant;
  /** Journal position up to which it holds everything. */
  readonly position: number;
  /** What the copy came to when it was taken: `SnapshotStore.digest` answers the same while it is whole. */
  readonly rows: string;
  /** What the event store's rows up to `position` came to. */
  readonly events: string;
};

/** What is left of the journal. */
export type JournalHorizon = {
  /** Rows up to this position may be gone; 0: it begins at its beginning. */
  readonly prunedUpTo: number;
  /** Day of the eldest row, `YYYY-MM-DD`; undefined where there is none. */
  readonly eldestDay: string | undefined;
};

export type PrunedJournal = {
  /** Days whose rows are gone now, `YYYY-MM-DD`. */
  readonly days: readonly string[];
  /** How many snapshots the journal does not reach any more, and are gone with it. */
  readonly snapshots: number;
};

/**
 * Snapshots of the projections, and the part of the journal that they stand for. Event rows are not copied: up to a
 * snapshot's position they never change, and its digest tells whether they did. Ledger, keys, quarantine, separations
 * and counters are no projections and in no snapshot.
 */
export interface SnapshotStore {
  /**
   * Takes a snapshot; projecting waits while rows are copied. `eventsUpTo` answers the event store's digest. Undefined
   * while another process takes one; one that was interrupted counts for nothing and goes with the next call.
   */
  take(now: Instant, eventsUpTo: (position: number) => Promise<string>): Promise<Snapshot | undefined>;
  /** Eldest first. */
  list(): Promise<readonly Snapshot[]>;
  /** What the copy comes to now; some other text where part of it is gone. */
  digest(snapshot: Snapshot): Promise<string>;
  horizon(): Promise<JournalHorizon>;
  /** On how many days of `from <= day <= to` something was received that the journal still holds. */
  daysReceived(from: string, to: string): Promise<number>;
  /**
   * Forgets the journal's rows of the days before this one, as far as a snapshot holds what they told, and then the
   * snapshots that lie before what is left. A row that a wrong clock dated goes with those around it: before `beforeDay`,
   * or after `today`. Reading and writing go on. Forgets nothing while an import is to be undone.
   */
  prune(beforeDay: string, today?: string): Promise<PrunedJournal>;
  /** Forgets these snapshots. */
  drop(ids: readonly number[]): Promise<void>;
}
