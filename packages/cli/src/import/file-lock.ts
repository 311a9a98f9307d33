import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';

/** Locks of this process: in a container a process that died may have had the same number. */
const own = new Set<string>();

/**
 * Takes a lock, a file with the number of the process that holds it; answers how to give it back. Undefined while another
 * that lives has it. Errors: those of the file system.
 */
export async function claimLock(lock: string): Promise<(() => Promise<void>) | undefined> {
  for (const _again of [1, 2]) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx', mode: 0o600 });
      own.add(lock);
      return async () => {
        own.delete(lock);
        await rm(lock, { force: true });
      };
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw fault;
      if (await isHeld(lock)) return undefined;
      // Whoever held it has died.
      await rm(lock, { force: true });
    }
  }
  return undefined;
}

async function isHeld(lock: string): Promise<boolean> {
  const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
  // A lock without a number is one that is being written.
  if (!Number.isInteger(holder) || holder <= 0) return existsSync(lock);
  if (holder === process.pid) return own.has(lock);
  try {
    process.kill(holder, 0);
    return true;
  } catch (fault) {
    return (fault as NodeJS.ErrnoException).code === 'EPERM';
  }
}
