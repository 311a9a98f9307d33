import { rm } from 'node:fs/promises';
import type { SourceId } from '@filrouge/domain/deployment';
import {
  buildDeployment,
  type FilrougeConfig,
  type RunningServer,
  readEnvironment,
  startServer,
  TOKEN_SCOPES,
} from '@filrouge/server';
import { filrouge, type Said, temporaryDirectory } from './run-filrouge.ts';

/** A whole installation with engines of its own, and the command as its people type it. */
export type SmallInstallation = {
  readonly server: RunningServer;
  /** `filrouge …` in a directory, with this installation’s address, token and the key of a source. */
  readonly run: (directory: string, argv: readonly string[], source?: string) => Promise<Said>;
  /** POSTs with the key of a source. Throws for anything but 200. */
  readonly post: (source: string, path: string, body: unknown) => Promise<void>;
  /** The JSON of a GET with a token that may everything. */
  readonly get: (path: string) => Promise<ReturnType<typeof JSON.parse>>;
  /** A token that may everything. */
  readonly token: string;
  readonly close: () => Promise<void>;
};

export async function openSmallInstallation(config: FilrougeConfig): Promise<SmallInstallation> {
  const data = await temporaryDirectory();
  const server = await startServer({
    environment: readEnvironment({ FILROUGE_DATA_DIR: data.path, FILROUGE_PORT: '0' }, data.path),
    deployment: buildDeployment(config, 'test'),
    onProgress: () => undefined,
    onCrash: (what) => {
      throw new Error(what);
    },
  });
  const keys = new Map<string, string>();
  for (const { id } of config.sources) keys.set(id, await server.keys.create(id as SourceId));
  const token = await server.tokens.create('test', TOKEN_SCOPES);
  return {
    server,
    token,
    run: (directory, argv, source) =>
      filrouge(argv, {
        directory,
        environment: {
          FILROUGE_URL: server.url,
          FILROUGE_TOKEN: token,
          ...(source === undefined ? {} : { FILROUGE_KEY: keys.get(source) ?? '' }),
        },
      }),
    async post(source, path, body) {
      const answer = await fetch(`${server.url}${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Basic ${btoa(`${keys.get(source)}:`)}`,
          'user-agent': BROWSER,
        },
        body: JSON.stringify(body),
      });
      const text = await answer.text();
      if (answer.status !== 200 || text.includes('rejected":[{')) throw new Error(`${path}: ${answer.status} ${text}`);
    },
    async get(path) {
      const answer = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      return answer.json();
    },
    async close() {
      await server.close();
      await rm(data.path, { recursive: true, force: true });
    },
  };
}

/** Without it a visit would be a bot's. */
const BROWSER = 'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
