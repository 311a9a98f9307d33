import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceId } from '@filrouge/domain/deployment';
import { type Logger, pino } from 'pino';
import { buildDeployment } from '../../config/build-deployment.ts';
import { readEnvironment } from '../../config/environment.ts';
import { type RunningServer, type StartOptions, startServer } from '../../start-server.ts';

export type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

/** A whole installation with real engines in a directory of its own, reached over HTTP. */
export type Installation = {
  readonly server: RunningServer;
  /** Everything that the installation writes is below it. */
  readonly directory: string;
  readonly dataDir: string;
  readonly keyOf: (source: string) => string;
  /** POSTs a body as it is with the key of a source. */
  readonly post: (
    source: string,
    path: string,
    body: string,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
  readonly get: (source: string, path: string) => Promise<Answer>;
  /** Stops the server; the files stay. */
  readonly stop: () => Promise<void>;
  /** Stops the server and removes the files. */
  readonly remove: () => Promise<void>;
};

export type InstallationOptions = {
  readonly config: unknown;
  /** An earlier installation's directory, to start on its files again. */
  readonly directory?: string;
  /** Another installation whose keys this one gets: what is told apart by keyed hashes is then the same in both. */
  readonly keysOf?: Installation;
  readonly logger?: Logger;
  /** What this process does; all by default. */
  readonly roles?: string;
  readonly onProgress?: (line: string) => void;
  readonly freeBytes?: StartOptions['freeBytes'];
};

export async function openInstallation(options: InstallationOptions): Promise<Installation> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'filrouge-proof-')));
  const dataDir = join(directory, 'data');
  if (options.keysOf !== undefined) await copyKeys(options.keysOf.dataDir, dataDir);
  const deployment = buildDeployment(options.config, 'proof');
  const server = await startServer({
    environment: readEnvironment(
      { FILROUGE_DATA_DIR: dataDir, FILROUGE_PORT: '0', FILROUGE_ROLES: options.roles },
      directory,
    ),
    deployment,
    onProgress: options.onProgress ?? (() => undefined),
    onCrash: (what) => {
      throw new Error(what);
    },
    logger: options.logger ?? pino({ level: 'silent' }),
    ...(options.freeBytes === undefined ? {} : { freeBytes: options.freeBytes }),
  });
  const keys = new Map<string, string>();
  for (const id of deployment.sources.keys()) keys.set(id, await server.keys.create(id as SourceId));
  const keyOf = (source: string): string => {
    const key = keys.get(source);
    if (key === undefined) throw new Error(`there is no source ${source}`);
    return key;
  };
  const authorization = (source: string): string => `Basic ${btoa(`${keyOf(source)}:`)}`;
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    await server.close();
  };
  return {
    server,
    directory,
    dataDir,
    keyOf,
    post: async (source, path, body, headers = {}) =>
      answerOf(
        await fetch(`${server.url}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: authorization(source), ...headers },
          body,
        }),
      ),
    get: async (source, path) =>
      answerOf(await fetch(`${server.url}${path}`, { headers: { authorization: authorization(source) } })),
    stop,
    remove: async () => {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function copyKeys(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of ['master.key', 'keys']) await cp(join(from, name), join(to, name), { recursive: true });
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const json = (response.headers.get('content-type') ?? '').includes('json');
  return { status: response.status, body: json ? (JSON.parse(text) as Answer['body']) : { text } };
}
