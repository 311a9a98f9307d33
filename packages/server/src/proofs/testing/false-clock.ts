import { readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A time of day for processes that are started with its environment; what they measure with goes on as ever. */
export type FalseClock = {
  readonly environment: Readonly<Record<string, string>>;
  /** What those processes take for now; undefined: the true time. */
  readonly set: (now: number | undefined) => Promise<void>;
};

/** Throws a sentence where there is no libfaketime, without which no clock can be moved but the machine's own. */
export async function openFalseClock(directory: string, zone: string): Promise<FalseClock> {
  const library = await findLibrary();
  const file = join(directory, 'clock');
  const set: FalseClock['set'] = async (now) => {
    const seconds = now === undefined ? 0 : (now - Date.now()) / 1_000;
    await writeFile(`${file}.new`, `${seconds < 0 ? '' : '+'}${seconds.toFixed(3)}\n`);
    await rename(`${file}.new`, file);
  };
  await set(undefined);
  return {
    environment: {
      TZ: zone,
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
    set,
  };
}

async function findLibrary(): Promise<string> {
  for (const name of await readdir('/usr/lib').catch(() => [])) {
    const path = join('/usr/lib', name, 'faketime', 'libfaketimeMT.so.1');
    if ((await stat(path).catch(() => undefined)) !== undefined) return path;
  }
  throw new Error('this test needs libfaketime: apt-get install faketime (Linux)');
}
