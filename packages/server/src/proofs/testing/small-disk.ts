import { execFile } from 'node:child_process';
import { mkdtemp, open, rm, rmdir, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MB = 1024 * 1024;

/** A file system of its own in memory, so small that a test can fill it. */
export type SmallDisk = {
  readonly directory: string;
  readonly freeBytes: () => Promise<number>;
  /** Something else on the same disk takes what is free now but so much, or until nothing more can be written. */
  readonly fill: (leaveBytes: number) => Promise<void>;
  /** What `fill` took is free again. */
  readonly empty: () => Promise<void>;
  readonly remove: () => Promise<void>;
};

/** Errors: a sentence, where this process may not mount file systems. */
export async function mountSmallDisk(megabytes: number): Promise<SmallDisk> {
  const directory = await mkdtemp(join(tmpdir(), 'filrouge-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'tmpfs', directory]);
  } catch (fault) {
    await rmdir(directory);
    throw new Error(`a small disk needs Linux and root: mount said ${(fault as Error).message}`);
  }
  const neighbour = join(directory, 'neighbour');
  const freeBytes = async (): Promise<number> => {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  };
  return {
    directory,
    freeBytes,
    async fill(leave) {
      const file = await open(neighbour, 'a');
      try {
        // What comes free meanwhile is not its to take.
        for (let left = (await freeBytes()) - leave; left > 0; left -= MB) {
          await file.write(Buffer.alloc(Math.min(MB, left), 1));
        }
      } catch (fault) {
        if ((fault as NodeJS.ErrnoException).code !== 'ENOSPC') throw fault;
      } finally {
        await file.close();
      }
    },
    empty: () => rm(neighbour, { force: true }),
    async remove() {
      await run('umount', ['-l', directory]);
      await rmdir(directory);
    },
  };
}
