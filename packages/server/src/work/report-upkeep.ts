import type { Projector } from '@filrouge/pipeline';
import type { EventStore } from '@filrouge/ports';
import type { WorkLog } from './work-log.ts';

/** Merging costs by what is kept, not by what is new: while a little comes in all the time, it is done so often. Unit: ms. */
const EVERY_MS = 10 * 60 * 1_000;

type Worked = Awaited<ReturnType<Projector['step']>>;

/** Keeps what reports read merged, beside the projector and never in its way. */
export type ReportUpkeep = {
  /** What the projector's last step did. */
  readonly after: (worked: Worked) => void;
  /** Ends after the merge under way. */
  stop(): Promise<void>;
};

/** Merges at the first rest after much was projected, and every ten minutes where something was. A fault costs speed alone. */
export function keepReportsQuick(events: Pick<EventStore, 'settle'>, now: () => number, log: WorkLog): ReportUpkeep {
  let [changed, much] = [false, false];
  let last = now();
  let settling: Promise<void> | undefined;

  const settle = async (): Promise<void> => {
    try {
      await events.settle();
    } catch (thrown) {
      const fault = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : 'unknown';
      log.warn({ fault }, 'could not merge what reports read; they take longer until it can be done');
    }
    settling = undefined;
  };

  return {
    after(worked) {
      if (worked === 'standby') return;
      if (worked !== 'none') changed = true;
      if (worked === 'full') much = true;
      const due = (worked === 'none' && much) || now() - last >= EVERY_MS;
      if (!changed || !due || settling !== undefined) return;
      [changed, much] = [false, false];
      last = now();
      settling = settle();
    },
    async stop() {
      await settling;
    },
  };
}
