import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Every file below a directory with its bytes, one at a time; sockets and the like are passed over. */
export async function* filesBelow(
  directory: string,
): AsyncGenerator<{ readonly path: string; readonly bytes: Buffer }, void, void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    yield { path: relative(directory, path), bytes: await readFile(path) };
  }
}
