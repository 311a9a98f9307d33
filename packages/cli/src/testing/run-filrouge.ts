import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../program.ts';

/** What people start as `filrouge`. */
export const mainProgram = fileURLToPath(new URL('../main.ts', import.meta.url));

export type Said = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string };

/** Runs `filrouge <argv>` inside this process, in a directory and an environment of its own. */
export async function filrouge(
  argv: readonly string[],
  place: {
    readonly directory?: string;
    readonly environment?: Readonly<Record<string, string>>;
    readonly stdin?: string;
    /** What is answered at the terminal; without it there is none. */
    readonly answer?: string;
  } = {},
): Promise<Said> {
  const said = { stdout: '', stderr: '' };
  const exitCode = await runProgram(argv, {
    stdout: (text) => {
      said.stdout += text;
    },
    stderr: (text) => {
      said.stderr += text;
    },
    stdin: () => Promise.resolve(place.stdin ?? ''),
    ...(place.answer === undefined ? {} : { ask: askedOf(place.answer, said) }),
    environment: place.environment ?? {},
    directory: place.directory ?? '/',
    stop: new AbortController().signal,
  });
  return { exitCode, ...said };
}

function askedOf(answer: string, said: { stderr: string }): (question: string) => Promise<string> {
  return (question) => {
    said.stderr += question;
    return Promise.resolve(answer);
  };
}

/** `filrouge` as a process of its own, as people run it. */
export type RunningCommand = {
  readonly child: ChildProcess;
  /** Resolves with the line once stdout has one that matches; rejects when the process ends before. */
  readonly line: (pattern: RegExp) => Promise<string>;
  readonly ended: Promise<Said>;
};

export function startFilrouge(argv: readonly string[], place: PlaceOfCommand): RunningCommand {
  return startProgram([mainProgram, ...argv], place);
}

type PlaceOfCommand = { readonly directory: string; readonly environment?: Readonly<Record<string, string>> };

/** The same of any program: another version, another clock. */
export function startProgram(argv: readonly string[], place: PlaceOfCommand): RunningCommand {
  const child = spawn(process.execPath, [...argv], {
    cwd: place.directory,
    env: { PATH: process.env['PATH'] ?? '', ...place.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      for (const look of watchers) look();
    });
  }
  const ended = new Promise<Said>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, ...said }));
  });
  const line = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = said.stdout
          .split('\n')
          .slice(0, -1)
          .find((each) => pattern.test(each));
        if (found === undefined) return;
        watchers.delete(look);
        resolve(found);
      };
      watchers.add(look);
      ended.then(
        ({ exitCode, stderr }) => reject(new Error(`ended with ${exitCode} before ${pattern}:\n${stderr}`)),
        reject,
      );
      look();
    });
  return { child, line, ended };
}

/** A fresh directory among the temporary files, and how to remove it. */
export async function temporaryDirectory(): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const path = await mkdtemp(join(os.tmpdir(), 'filrouge-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** A port that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
