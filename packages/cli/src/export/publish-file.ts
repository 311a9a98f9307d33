import { randomBytes } from 'node:crypto';
import { access, link, mkdtemp, open, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import { basename, dirname, join } from 'node:path';
import { CommandFailure } from '../command-failure.ts';
import { EXIT } from '../exit-code.ts';

/** Errors: `CommandFailure` where there is such a file and nobody allowed to replace it. */
export async function refuseOverwriting(path: string, named: string, force: boolean): Promise<void> {
  if (force) return;
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (there) throw taken(named);
}

function taken(named: string): CommandFailure {
  return new CommandFailure(`${named} is there already`, 'Name another file, or add --force to replace it', EXIT.usage);
}

/**
 * Writes a file beside its place and then names it: whoever reads the place sees the whole file or none. Nothing is left
 * beside it when the writing fails. Errors: those of the writing and of the file system; `CommandFailure` where somebody
 * else made such a file meanwhile.
 */
export async function publishFile<T>(
  path: string,
  { named, force }: { readonly named: string; readonly force: boolean },
  write: (temporary: string) => Promise<T>,
): Promise<T> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.part`);
  try {
    const written = await write(temporary);
    await syncFile(temporary);
    if (force) await rename(temporary, path);
    else await placeNew(temporary, path, named);
    return written;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** A link is refused where the name is taken, which renaming is not. */
async function placeNew(temporary: string, path: string, named: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw taken(named);
    // Some file systems know no links.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw fault;
    await refuseOverwriting(path, named, false);
    await rename(temporary, path);
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A place among the temporary files for what goes to stdout: it may be published only once it is whole. */
export async function withTemporaryFile<T>(use: (path: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(os.tmpdir(), 'filrouge-export-'));
  try {
    return await use(join(directory, 'rows'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
