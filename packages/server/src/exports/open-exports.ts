import { join } from 'node:path';
import type { Logger } from 'pino';
import { untilProjected } from '../api/reports/until-projected.ts';
import type { Engines } from '../compose.ts';
import type { Environment } from '../config/environment.ts';
import type { DiskGuard } from '../disk/disk-guard.ts';
import { describeFault } from '../http/describe-fault.ts';
import { Exports } from './exports.ts';

/** The exports of a server, on a clean floor. */
export async function openExports(
  engines: Engines,
  {
    environment,
    logger,
    disk,
    wake,
  }: {
    readonly environment: Environment;
    readonly logger: Logger;
    readonly disk: Pick<DiskGuard, 'requireRoom'>;
    readonly wake: () => void;
  },
): Promise<Exports> {
  const exports = new Exports({
    ...engines,
    directory: join(environment.dataDir, 'exports'),
    requireRoom: () => disk.requireRoom(),
    projected: () => untilProjected({ projections: engines.projections, wake }),
    onFault: (fault) => logger.error({ fault: describeFault(fault) }, 'an export failed'),
  });
  await exports.sweep();
  return exports;
}
