import { DAY_MS, type Instant } from '@filrouge/domain/base';
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
  /** See `SteadyClock`. */
  readonly stoodForMs: () => number;
};

/** What is forgotten does not come back, so it takes more than a clock that says so. */
const LIVED_DAYS = 35;
const LIVED_DAYS_MIN = 3;
const STOOD_MS_MIN = DAY_MS;

/**
 * Whether these are the days that the clock says: something was received on three of the last 35, or the clock has gone on
 * for a day without a jump. One that is in another year for some hours has neither.
 */
async function isLived({ projections, now, stoodForMs }: Forgetting): Promise<boolean> {
  if (stoodForMs() >= STOOD_MS_MIN) return true;
  const dayBefore = (days: number): string => new Date(now() - days * DAY_MS).toISOString().slice(0, 10);
  return (await projections.snapshots.daysReceived(dayBefore(LIVED_DAYS - 1), dayBefore(0))) >= LIVED_DAYS_MIN;
}

export function dailyChores(forgetting: Forgetting): readonly Chore[] {
  const { expire, projections, events, journalDays = JOURNAL_DAYS_DEFAULT, now } = forgetting;
  return [
    {
      what: 'forget ids of messages too old to come back (S16)',
      async work() {
        if (!(await isLived(forgetting))) return undefined;
        const { days, ids } = await expire();
        if (days.length === 0 && ids === 0) return undefined;
        return { said: 'ids of messages too old to come back were forgotten', figures: { days, ids } };
      },
    },
    {
      what: 'keep the journal to its days (S17)',
      async work() {
        if (!(await isLived(forgetting))) return undefined;
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
