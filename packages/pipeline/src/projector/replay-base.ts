import type { EventStore, Snapshot, SnapshotStore } from '@filrouge/ports';

/** There is nothing to begin a replay from. Its message is a sentence for the operator. */
export class SnapshotDamaged extends Error {
  override readonly name = 'SnapshotDamaged';
}

/**
 * What a replay begins from (S17): nothing while the journal has its beginning, else the eldest snapshot that the
 * journal still reaches and that is what it was when it was taken, so that as much as possible is built anew.
 */
export async function replayBase(
  snapshots: SnapshotStore,
  events: Pick<EventStore, 'digestUpTo'>,
): Promise<Snapshot | undefined> {
  const { prunedUpTo } = await snapshots.horizon();
  if (prunedUpTo === 0) return undefined;
  const reached = (await snapshots.list()).filter(({ position }) => position >= prunedUpTo);
  for await (const snapshot of wholeSnapshots(snapshots, events)) return snapshot;
  const why =
    reached.length === 0
      ? 'there is no snapshot of the projections before it'
      : `of ${reached.length} snapshots of the projections before it none is what it was when it was taken`;
  throw new SnapshotDamaged(
    `the journal begins after position ${prunedUpTo}, and ${why}: restore the data directory from a backup, then replay`,
  );
}

/** The snapshots that the journal reaches and that are what they were when they were taken, eldest first. */
export async function* wholeSnapshots(
  snapshots: SnapshotStore,
  events: Pick<EventStore, 'digestUpTo'>,
): AsyncGenerator<Snapshot> {
  const { prunedUpTo } = await snapshots.horizon();
  for (const snapshot of await snapshots.list()) {
    if (snapshot.position >= prunedUpTo && (await isWhole(snapshots, events, snapshot))) yield snapshot;
  }
}

async function isWhole(
  snapshots: SnapshotStore,
  events: Pick<EventStore, 'digestUpTo'>,
  snapshot: Snapshot,
): Promise<boolean> {
  if ((await snapshots.digest(snapshot)) !== snapshot.rows) return false;
  return (await events.digestUpTo(snapshot.position)) === snapshot.events;
}
