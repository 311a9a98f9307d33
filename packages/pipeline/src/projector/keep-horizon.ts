import { DAY_MS, type Instant } from '@filrouge/domain/base';
import type { EventStore, PrunedJournal, Snapshot, SnapshotStore } from '@filrouge/ports';

/** How long the journal is kept where nothing else is said (S17). Unit: days. */
export const JOURNAL_DAYS_DEFAULT = 60;

export type HorizonKept = PrunedJournal & { readonly taken?: Snapshot };

/**
 * Keeps the journal to so many days (S17). A snapshot is taken every half of them, so that one which stands for what is
 * dropped is at least that old: a replay builds anew what came since, whatever was wrong with the projector meanwhile.
 */
export async function keepHorizon(
  snapshots: SnapshotStore,
  events: Pick<EventStore, 'digestUpTo'>,
  journalDays: number,
  now: Instant,
): Promise<HorizonKept> {
  const taken = (await isDue(snapshots, journalDays, now))
    ? await snapshots.take(now, (position) => events.digestUpTo(position))
    : undefined;
  const pruned = await snapshots.prune(dayBefore(now, journalDays), dayBefore(now, -1));
  return taken === undefined ? pruned : { ...pruned, taken };
}

async function isDue(snapshots: SnapshotStore, journalDays: number, now: Instant): Promise<boolean> {
  const { eldestDay } = await snapshots.horizon();
  if (eldestDay === undefined) return false;
  const half = Math.floor(journalDays / 2);
  // One that was taken while the clock was ahead must not stand for all until then.
  const taken = (await snapshots.list()).filter(({ takenAt }) => takenAt <= now);
  const last = taken.reduce((latest, { takenAt }) => Math.max(latest, takenAt), 0);
  return eldestDay < dayBefore(now, half) && last <= now - half * DAY_MS;
}

function dayBefore(now: Instant, days: number): string {
  return new Date(now - days * DAY_MS).toISOString().slice(0, 10);
}
