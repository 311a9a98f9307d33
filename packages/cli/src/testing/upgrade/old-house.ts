import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  freePort,
  mainProgram,
  type RunningCommand,
  type Said,
  startProgram,
  temporaryDirectory,
} from '../run-filrouge.ts';
import { type House, houseAt } from './house.ts';
import { CONFIG_OF_THEN } from './life-of-then.ts';
import { unpackDirectory } from './packed-directory.ts';

const FIXTURES = fileURLToPath(new URL('fixtures/', import.meta.url));
const CLOCK = fileURLToPath(new URL('another-time.ts', import.meta.url));
const MINUTE_MS = 60_000;

/** What an earlier version told of the installation that it left. */
export type Recorded = {
  readonly writtenAt: string;
  readonly token: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly told: { readonly flow: Readonly<Record<string, number>> };
};

/** A data directory that an earlier version wrote, and today's version running on it, at the time of then. */
export type OldHouse = {
  readonly recorded: Recorded;
  readonly house: House;
  /** `filrouge … --json` in it, at the time of then. */
  readonly run: (...argv: readonly string[]) => Promise<Said>;
  /** Ends the server; answers what it said. */
  readonly stop: () => Promise<Said>;
  readonly remove: () => Promise<void>;
};

/** Those that were put away by `write-installation.ts`. */
export async function oldHouses(): Promise<readonly string[]> {
  return (await readdir(FIXTURES)).filter((name) => name.endsWith('.br')).map((name) => name.slice(0, -3));
}

/** Its data directory and its configuration, in a directory of today's. */
export async function unpackOldHouse(name: string, directory: string): Promise<void> {
  await unpackDirectory(join(FIXTURES, `${name}.br`), join(directory, '.filrouge'));
  await writeFile(join(directory, 'filrouge.config.ts'), `export default ${JSON.stringify(CONFIG_OF_THEN)};\n`);
}

export async function openOldHouse(name: string): Promise<OldHouse> {
  const place = await temporaryDirectory();
  await unpackOldHouse(name, place.path);
  const recorded = JSON.parse(await readFile(join(FIXTURES, `${name}.json`), 'utf8')) as Recorded;
  const start = (argv: readonly string[], port = 0): RunningCommand => {
    const now = String(Date.parse(recorded.writtenAt) + MINUTE_MS);
    const environment = { FILROUGE_TEST_NOW: now, FILROUGE_PORT: String(port) };
    return startProgram(['--import', CLOCK, mainProgram, ...argv, '--json'], { directory: place.path, environment });
  };
  const server = start(['start'], await freePort());
  const stop = (): Promise<Said> => {
    server.child.kill('SIGTERM');
    return server.ended;
  };
  const { url } = JSON.parse(await server.line(/^\{"url"/)) as { readonly url: string };
  const { token, keys, writtenAt } = recorded;
  const command = [process.execPath, mainProgram] as const;
  return {
    recorded,
    house: houseAt({ url, token, keys, command, directory: place.path, now: Date.parse(writtenAt) }),
    run: (...argv) => start(argv).ended,
    stop,
    async remove() {
      await stop();
      await place.remove();
    },
  };
}
