import type { Projector } from '@filrouge/pipeline';
import type { Logger } from 'pino';
import { dailyChores, type Forgetting } from './chores.ts';
import { runMaintenance } from './maintenance.ts';
import { type ProjectorLoop, runProjector } from './projector-loop.ts';
import { keepReportsQuick } from './report-upkeep.ts';

/** What a process with the role `work` does besides answering. */
export type Work = {
  readonly loop: ProjectorLoop;
  /** Ends after the steps under way. */
  stop(): Promise<void>;
};

export function startWork(projector: Projector, forgetting: Forgetting, logger: Logger): Work {
  const upkeep = keepReportsQuick(forgetting.events, forgetting.now, logger);
  const step: Projector['step'] = async () => {
    const worked = await projector.step();
    upkeep.after(worked);
    return worked;
  };
  const loop = runProjector({ step, release: () => projector.release() }, logger);
  const maintenance = runMaintenance(dailyChores(forgetting), forgetting.now, logger);
  return {
    loop,
    async stop() {
      await loop.stop();
      await upkeep.stop();
      await maintenance.stop();
    },
  };
}
