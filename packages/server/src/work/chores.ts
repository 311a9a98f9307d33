import type { Instant } from '@filrouge/domain/base';
import { JOURNAL_DAYS_DEFAULT, keepHorizon } from '@filrouge/pipeline';
import type { AppendStore, EventStore, ProjectionStore } from '@filrouge/ports';
import type { Chore } from './maintenance.ts';

/** What is to be forgotten, and where it is. */
export type Forgetting = {
  /** See `AppendStore.expire`. */
  readonly expire: AppendStore['expire'];
  readonly projections: Pick<ProjectionStore, 'snapshots'>;
  readonly events: Pick<EventStore, 'digestUpTo' | 'settle'>;
  /** See `Deployment.journalDays`. */
  readonly journalDays: number | undefined;
  readonly now: () => Instant;
};

export function dailyChores({
  expire,
  projections,
  events,
  journalDays = JOURNAL_DAYS_DEFAULT,
  now,
}: Forgetting): readonly Chore[] {
  return [
    {
      what: 'forget ids of messages too old to come back (S16)',
      async work() {
        const { days, ids } = await expire();
        if (days.length === 0 && ids === 0) return undefined;
        return { said: 'ids of messages too old to come back were forgotten', figures: { days, ids } };
      },
    },
    {
      what: 'keep the journal to its days (S17)',
      async work() {
        const { taken, days, snapshots } = await keepHorizon(projections.snapshots, events, journalDays, now());
        if (taken === undefined && days.length === 0) return undefined;
        const position = taken?.position;
        return {
          said: `the journal holds ${journalDays} days${taken === undefined ? '' : '; a snapshot of the projections was taken'}`,
          figures: { days, snapshots, ...(position === undefined ? {} : { position }) },
        };
      },
    },
  ];
}
