import { type ChildProcess, fork } from 'node:child_process';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlowReading } from '@filrouge/ports';
import type { ChildQuestion } from './server-child.ts';

type Ready = {
  readonly kind: 'ready';
  readonly url: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly token: string;
};

/** An installation in a process of its own: everything it and its engines print is held. */
export type ChildInstallation = {
  readonly url: string;
  readonly pid: number;
  /** Resolves with how the process ended, whoever ended it. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Of an API token that may do everything. */
  readonly token: string;
  readonly directory: string;
  readonly dataDir: string;
  readonly keyOf: (source: string) => string;
  readonly drain: () => Promise<void>;
  readonly flow: () => Promise<FlowReading>;
  /** Collects its garbage, so that what it then takes is what it holds. */
  readonly sweep: () => Promise<void>;
  /** Everything printed until now, by it and by the engines that it started. */
  readonly printed: () => Buffer;
  readonly stop: () => Promise<void>;
};

/** @param environment what the process finds in its environment besides, and reads of its own */
export async function openChildInstallation(
  config: unknown,
  directory?: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<ChildInstallation> {
  const home = directory ?? (await mkdtemp(join(tmpdir(), 'filrouge-proof-')));
  const temporary = join(home, 'tmp');
  await mkdir(temporary, { recursive: true });
  const child = fork(new URL('server-child.ts', import.meta.url), {
    execArgv: [],
    env: {
      ...process.env,
      ...environment,
      PROOF_CHILD: JSON.stringify({ config, directory: home, environment }),
      TMPDIR: temporary,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const pieces: Buffer[] = [];
  child.stdout?.on('data', (piece: Buffer) => pieces.push(piece));
  child.stderr?.on('data', (piece: Buffer) => pieces.push(piece));
  const printed = (): Buffer => Buffer.concat(pieces);
  const ended = new Promise<Awaited<ChildInstallation['ended']>>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const { url, keys, token } = (await answerOf(child, 'ready', printed)) as Ready;
  const ask = async (question: ChildQuestion): Promise<unknown> => {
    const answer = answerOf(child, question, printed);
    child.send(question);
    return answer;
  };
  return {
    url,
    pid: child.pid as number,
    ended,
    token,
    directory: home,
    dataDir: join(home, 'data'),
    keyOf(source) {
      const key = keys[source];
      if (key === undefined) throw new Error(`there is no source ${source}`);
      return key;
    },
    drain: async () => void (await ask('drain')),
    flow: async () => ((await ask('flow')) as { readonly flow: FlowReading }).flow,
    sweep: async () => void (await ask('sweep')),
    printed,
    async stop() {
      if (child.connected) child.send('stop');
      await ended;
    },
  };
}

function answerOf(child: ChildProcess, kind: string, printed: () => Buffer): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const listen = (message: { readonly kind?: string }): void => {
      if (message.kind !== kind) return;
      child.off('message', listen);
      child.off('exit', fail);
      resolve(message);
    };
    const fail = (code: number | null): void => {
      child.off('message', listen);
      reject(new Error(`the server ended with ${code}:\n${printed().toString('utf8').slice(-4_000)}`));
    };
    child.on('message', listen);
    child.once('exit', fail);
  });
}
