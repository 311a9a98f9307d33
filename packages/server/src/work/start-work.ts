import type { Projector } from '@filrouge/pipeline';
import type { Logger } from 'pino';
import { type MaintenanceParts, runMaintenance } from './maintenance.ts';
import { type ProjectorLoop, runProjector } from './projector-loop.ts';

/** What a process with the role `work` does besides answering. */
export type Work = {
  readonly loop: ProjectorLoop;
  /** Ends after the steps under way. */
  stop(): Promise<void>;
};

export function startWork(projector: Projector, maintained: MaintenanceParts, logger: Logger): Work {
  const loop = runProjector(projector, logger);
  const maintenance = runMaintenance(maintained, logger);
  return {
    loop,
    async stop() {
      await loop.stop();
      await maintenance.stop();
    },
  };
}
