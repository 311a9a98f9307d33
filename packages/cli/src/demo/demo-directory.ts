import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { join, resolve } from 'node:path';
import { CommandFailure } from '../command-failure.ts';

/** The retailer in a demo's directory, and whether all of its history is in. */
export type DemoWorld = {
  readonly seed: number;
  readonly shoppers: number;
  readonly days: number;
  /** End of the history, ms: with the rest it makes the same calls again, which the door then recognises. */
  readonly until: number;
  readonly settled: boolean;
  /** Somebody of the first brand who could be seen when the history was in. */
  readonly toTry?: string;
};

/** Marks a directory as a demo's: nothing else may be filled with invented people. */
const MARK = 'demo.json';

export type DemoDirectory = {
  readonly path: string;
  /** What an earlier demo left; undefined in a fresh directory. */
  readonly found: DemoWorld | undefined;
  readonly note: (world: DemoWorld) => Promise<void>;
  /** Removes the directory where it is a temporary one. */
  readonly leave: () => Promise<void>;
};

/**
 * The data directory of a demo: the one named, which stays, or a fresh one among the temporary files, removed at the end
 * unless `keep`. Errors: `CommandFailure` for a directory that holds something else than a demo.
 */
export async function openDemoDirectory(
  named: string | undefined,
  directory: string,
  keep: boolean,
): Promise<DemoDirectory> {
  if (named === undefined) {
    const path = await mkdtemp(join(os.tmpdir(), 'filrouge-demo-'));
    const leave = async (): Promise<void> => {
      if (!keep) await rm(path, { recursive: true, force: true, maxRetries: 3 });
    };
    return { path, found: undefined, note: (world) => noteWorld(path, world), leave };
  }
  const path = resolve(directory, named);
  await mkdir(path, { recursive: true, mode: 0o700 });
  const entries = await readdir(path);
  const marked = entries.includes(MARK);
  if (!marked && entries.length > 0) {
    throw new CommandFailure(
      `${path} holds something else than a demo`,
      'Name an empty directory in FILROUGE_DATA_DIR, or unset it for a temporary one',
    );
  }
  const found = marked ? (JSON.parse(await readFile(join(path, MARK), 'utf8')) as DemoWorld) : undefined;
  return { path, found, note: (world) => noteWorld(path, world), leave: async () => undefined };
}

function noteWorld(path: string, world: DemoWorld): Promise<void> {
  return writeFile(join(path, MARK), `${JSON.stringify(world)}\n`);
}
