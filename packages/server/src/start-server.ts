import type { AddressInfo } from 'node:net';
import type { Deployment } from '@filrouge/domain/deployment';
import { createProjector } from '@filrouge/pipeline';
import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import { AccessLog } from './access/access-log.ts';
import { Accounts } from './access/accounts.ts';
import { ApiTokens } from './access/api-tokens.ts';
import { Attempts } from './access/attempts.ts';
import { IdentityTokens } from './access/identity-tokens.ts';
import { KeyQuota } from './access/key-quota.ts';
import { PersonQuota } from './access/person-quota.ts';
import { SourceKeys } from './access/source-keys.ts';
import { API_ROUTES } from './api/api-routes.ts';
import { registerHealthRoutes } from './api/health/health-routes.ts';
import { createMetrics } from './api/health/metrics.ts';
import { projectorLag } from './api/health/projector-lag.ts';
import { createReadiness } from './api/health/readiness.ts';
import { separating } from './api/identity/separate.ts';
import { registerDocumentRoute } from './api/openapi/document-route.ts';
import { registerApiRoutes } from './api/register-api-routes.ts';
import { tellClockJump } from './clock/tell-clock-jump.ts';
import { closeAll } from './close-all.ts';
import { registerCollectRoutes } from './collect/collect-routes.ts';
import { registerConsentRoutes } from './collect/consent-routes.ts';
import { registerImportConsentsRoute } from './collect/import-consents-route.ts';
import { registerImportReferenceRoutes } from './collect/import-reference-routes.ts';
import { registerProbeRoutes } from './collect/probe-routes.ts';
import { registerSettingsRoutes } from './collect/settings-routes.ts';
import { registerSnippetRoutes } from './collect/snippet-routes.ts';
import { compose, type Engines } from './compose.ts';
import type { Environment } from './config/environment.ts';
import { registerConfirmationRoutes } from './confirmations/confirmation-routes.ts';
import { DiskGuard, type FreeBytes } from './disk/disk-guard.ts';
import { guardedDoor, guardedReference } from './disk/guarded-ways-in.ts';
import { openExports } from './exports/open-exports.ts';
import { createApp } from './http/create-app.ts';
import { describeFault } from './http/describe-fault.ts';
import { catchUpWith, openConsentCopy } from './second-place/catch-up-with.ts';
import type { WorkState } from './work/thread-messages.ts';
import type { WorkLog } from './work/work-log.ts';
import { startWorkThread, type WorkThread } from './work/work-thread.ts';

export type StartOptions = {
  readonly environment: Environment;
  readonly deployment: Deployment;
  /** One line of progress for the operator. */
  readonly onProgress: (line: string) => void;
  /** An engine died, and another start of it would not help: the process should end. */
  readonly onCrash: (what: string) => void;
  readonly logger?: Logger;
  /** How a file system is asked for its free bytes; default: the system's own answer. */
  readonly freeBytes?: FreeBytes;
};

/** A running installation. */
export type RunningServer = {
  readonly url: string;
  readonly engines: Engines;
  readonly keys: SourceKeys;
  readonly tokens: ApiTokens;
  readonly warnings: readonly string[];
  /** Projects everything that was accepted before the call, without the role `work` too, or waits until another has. */
  readonly drain: () => Promise<void>;
  /** Takes no more requests, finishes those under way, and closes the engines. */
  readonly close: () => Promise<void>;
};

/** How often uses of keys are written down. Unit: ms. */
const KEY_USE_MS = 60_000;

/** Opens the engines and serves the roles of this process. */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const logger = options.logger ?? pino({ level: 'warn' }, pino.destination(2)); // stdout is for data
  const { environment, freeBytes } = options;
  const disk = new DiskGuard({ environment, logger, ...(freeBytes === undefined ? {} : { freeBytes }) });
  await disk.open();
  const engines = await compose({ ...options, onClockJump: (jump) => tellClockJump(logger, jump) });
  let work: WorkThread | undefined;
  try {
    await demandConsents(engines, options);
    if (environment.roles.has('work')) work = await startWorkOf(engines, logger, options.onCrash);
    return await serve({ engines, work, disk }, environment, logger);
  } catch (fault) {
    await closeAll([() => disk.stop(), () => work?.stop(), () => engines.close()]).catch(() => undefined);
    throw fault;
  }
}

/** What people decided after the backup that this state may come from counts before anything is opened. */
async function demandConsents(engines: Engines, { environment, onProgress }: StartOptions): Promise<void> {
  const { facts, voided } = await catchUpWith(engines, environment);
  if (facts + voided === 0) return;
  onProgress(`this data is older than the consents in ${environment.consentsDir}: ${facts} decisions were taken over`);
  const { deployment, events, now, projections: store, vault } = engines;
  const purposes = [...deployment.purposes.values()];
  const projector = createProjector({ store, events, vault, purposes, now });
  if (voided > 0) await projector.replay();
  else await projector.drain();
}

function startWorkOf(
  { places, deployment }: Engines,
  logger: Logger,
  onCrash: StartOptions['onCrash'],
): Promise<WorkThread> {
  const log: WorkLog = {
    info: (figures, said) => logger.info(figures, said),
    warn: (figures, said) => logger.warn(figures, said),
    error: (figures, said) => logger.error(figures, said),
  };
  const { journalDays } = deployment;
  return startWorkThread({
    orders: { places, purposes: [...deployment.purposes.values()], journalDays },
    log,
    onCrash,
  });
}

/** What a server with the role `collect` answers. */
const COLLECT_ROUTES = [
  registerCollectRoutes,
  registerConsentRoutes,
  registerConfirmationRoutes,
  registerImportConsentsRoute,
  registerImportReferenceRoutes,
  registerSettingsRoutes,
  registerSnippetRoutes,
  registerProbeRoutes,
];

type Running = { readonly engines: Engines; readonly work: WorkThread | undefined; readonly disk: DiskGuard };

async function serve(
  { engines, work, disk }: Running,
  environment: Environment,
  logger: Logger,
): Promise<RunningServer> {
  const { access, deployment, now, projections } = engines;
  const keys = new SourceKeys(access, deployment, now);
  const tokens = new ApiTokens(access, now);
  const consents = await openConsentCopy(engines, environment, logger);
  const wake = (): void => {
    work?.wake();
    consents?.wake();
  };
  const app = createApp({ logger, isEngineFault: engines.isEngineFault });
  const exports = await openExports(engines, { environment, logger, disk, wake });
  const service = {
    ...engines,
    exports,
    door: guardedDoor(waking(engines.door, wake), disk),
    reference: guardedReference(engines.reference, disk),
    keys,
    tokens,
    wake,
    separate: separating({ projections, wake }),
    accessLog: new AccessLog(access),
    accounts: new Accounts(access, now),
    attempts: new Attempts(),
    quota: new KeyQuota(),
    persons: new PersonQuota(),
    identityTokens: new IdentityTokens(deployment),
    publicUrl: () => environment.publicUrl,
  };
  const lag = (): ReturnType<typeof projectorLag> => projectorLag(projections, now);
  const stateOfWork = async (): Promise<WorkState | undefined> => work?.state();
  const copied = (): boolean | undefined => consents?.upToDate;
  const told = { work: stateOfWork, disk: () => disk.look(), copied };
  const readiness = createReadiness({ ...engines, lag, ...told });
  registerHealthRoutes(app, { tokens, metrics: createMetrics(app, { ...service, ...told }), readiness });
  if (environment.roles.has('collect')) for (const register of COLLECT_ROUTES) register(app, service);
  if (environment.roles.has('api')) {
    registerApiRoutes(app, service, API_ROUTES);
    registerDocumentRoute(app);
  }
  watchDisk({ engines, work, disk }, logger);
  await app.listen({ host: environment.host, port: environment.port });
  const uses = noteUses(keys, tokens, logger);
  return {
    url: environment.publicUrl === '' ? addressOf(app) : environment.publicUrl,
    engines,
    keys,
    tokens,
    warnings: engines.warnings,
    drain: () => (work === undefined ? drainOnce(() => startWorkOf(engines, logger, () => undefined)) : work.drain()),
    close: () =>
      closeAll([
        () => app.close(),
        () => disk.stop(),
        () => exports.close(),
        () => work?.stop(),
        () => uses.stop(),
        () => consents?.close(),
        () => engines.close(),
      ]),
  };
}

/** Writes down now and then when keys and tokens were used, and what is left of that when it is stopped. */
function noteUses(keys: SourceKeys, tokens: ApiTokens, logger: Logger): { readonly stop: () => Promise<void> } {
  const flush = (): Promise<void> => keys.flush().then(() => tokens.flush());
  const flushing = setInterval(() => void flush().catch(() => undefined), KEY_USE_MS);
  return {
    async stop() {
      clearInterval(flushing);
      await flush().catch((fault: unknown) =>
        logger.warn({ fault: describeFault(fault) }, 'the last uses of keys are lost'),
      );
    },
  };
}

/** Whoever works behind the door and the engines hear how full the disk is. */
function watchDisk({ engines, work, disk }: Running, logger: Logger): void {
  disk.watch((mode) => {
    work?.tellDisk(mode);
    engines
      .spareDisk(mode !== 'open')
      .catch((fault: unknown) =>
        logger.warn({ fault: describeFault(fault) }, 'the engines could not be told of the disk'),
      );
  });
}

async function drainOnce(begin: () => Promise<WorkThread>): Promise<void> {
  const work = await begin();
  try {
    await work.drain();
  } finally {
    await work.stop();
  }
}

/** A commit wakes whoever follows it; so does a fault, for what was written may be there all the same. */
function waking(door: Engines['door'], wake: () => void): Engines['door'] {
  return {
    submit: (submission) => door.submit(submission).finally(wake),
    get waiting() {
      return door.waiting;
    },
    idle: () => door.idle(),
  };
}

function addressOf(app: FastifyInstance): string {
  const { address, family, port } = app.server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
