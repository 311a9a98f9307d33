import { lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

type Entry = { readonly path: string; readonly bytes?: number; readonly link?: string };

const LARGE_WINDOW = { [constants.BROTLI_PARAM_LARGE_WINDOW]: 1, [constants.BROTLI_PARAM_LGWIN]: 28 };

/** A directory in one file: a line of JSON that names what is in it, then the contents one after the other, compressed. */
export async function packDirectory(directory: string, file: string): Promise<number> {
  const entries: Entry[] = [];
  const contents: Buffer[] = [];
  const links = new Set<string>();
  for (const path of (await readdir(directory, { recursive: true })).sort()) {
    if ([...links].some((link) => path.startsWith(`${link}/`))) continue;
    const from = join(directory, path);
    const about = await lstat(from);
    if (about.isSymbolicLink()) {
      entries.push({ path, link: await readlink(from) });
      links.add(path);
    }
    if (about.isDirectory()) entries.push({ path });
    else if (about.isFile()) {
      const content = await readFile(from);
      entries.push({ path, bytes: content.length });
      contents.push(content);
    }
  }
  const whole = Buffer.concat([Buffer.from(`${JSON.stringify(entries)}\n`), ...contents]);
  const params = { ...LARGE_WINDOW, [constants.BROTLI_PARAM_SIZE_HINT]: whole.length };
  const packed = brotliCompressSync(whole, { params });
  await writeFile(file, packed);
  return packed.length;
}

/** Everything for its owner alone, as the server makes it. */
export async function unpackDirectory(file: string, directory: string): Promise<void> {
  const whole = brotliDecompressSync(await readFile(file), {
    params: { [constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 1 },
  });
  let at = whole.indexOf('\n') + 1;
  for (const { path, bytes, link } of JSON.parse(whole.toString('utf8', 0, at)) as readonly Entry[]) {
    const to = join(directory, path);
    if (link !== undefined) await symlink(link, to);
    else if (bytes === undefined) await mkdir(to, { recursive: true, mode: 0o700 });
    else {
      await mkdir(dirname(to), { recursive: true, mode: 0o700 });
      await writeFile(to, whole.subarray(at, at + bytes), { mode: 0o600 });
      at += bytes;
    }
  }
}
