import type { Projector } from '@filrouge/pipeline';
import { dailyChores, type Forgetting } from './chores.ts';
import { runMaintenance } from './maintenance.ts';
import { type ProjectorLoop, runProjector } from './projector-loop.ts';
import { keepReportsQuick } from './report-upkeep.ts';
import type { WorkLog } from './work-log.ts';

/** What a process with the role `work` does besides answering. */
export type Work = {
  readonly loop: ProjectorLoop;
  /** Ends after the steps under way. */
  stop(): Promise<void>;
};

export function startWork(projector: Projector, forgetting: Forgetting, log: WorkLog): Work {
  const upkeep = keepReportsQuick(forgetting.events, forgetting.now, log);
  const step: Projector['step'] = async () => {
    const worked = await projector.step();
    upkeep.after(worked);
    return worked;
  };
  const loop = runProjector({ step, release: () => projector.release() }, log);
  const maintenance = runMaintenance(dailyChores(forgetting), forgetting.now, log);
  return {
    loop,
    async stop() {
      await loop.stop();
      await upkeep.stop();
      await maintenance.stop();
    },
  };
}
