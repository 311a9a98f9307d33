import type { Projector } from '@filrouge/pipeline';
import type { DiskMode } from '../disk/disk-mode.ts';
import { dailyChores, type Forgetting } from './chores.ts';
import { runMaintenance } from './maintenance.ts';
import { type ProjectorLoop, runProjector } from './projector-loop.ts';
import { keepReportsQuick } from './report-upkeep.ts';
import type { WorkLog } from './work-log.ts';

/** What a process with the role `work` does besides answering. */
export type Work = {
  readonly loop: ProjectorLoop;
  /** Large work waits while the disk is nearly full, and all of it while it is full. */
  tellDisk(mode: DiskMode): void;
  /** Ends after the steps under way. */
  stop(): Promise<void>;
};

export function startWork(projector: Projector, forgetting: Forgetting, log: WorkLog): Work {
  const upkeep = keepReportsQuick(forgetting.events, () => performance.now(), log);
  let disk: DiskMode = 'open';
  const step: Projector['step'] = async () => {
    const worked = await projector.step();
    // A merge writes anew what it merges.
    if (disk === 'open') upkeep.after(worked);
    return worked;
  };
  const loop = runProjector({ step, release: () => projector.release() }, log);
  const maintenance = runMaintenance(dailyChores(forgetting), forgetting.now, log);
  return {
    loop,
    tellDisk(mode) {
      disk = mode;
      loop.hold(mode === 'halted');
      maintenance.hold(mode !== 'open');
    },
    async stop() {
      await loop.stop();
      await upkeep.stop();
      await maintenance.stop();
    },
  };
}
