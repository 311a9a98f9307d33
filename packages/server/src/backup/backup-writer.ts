import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BackupSink } from '@filrouge/ports';
import { type BackupFile, type BackupManifest, MANIFEST_FILE, MANIFEST_HASH_FILE, sealManifest } from './manifest.ts';

const CHUNK_BYTES = 1024 * 1024;
/** Files that are brought to the disk at a time. */
const SYNCS_MAX = 16;

/** A backup while it is written: in a directory of another name, which gets its own when everything is on disk. */
export type BackupWriter = {
  /** The part of the backup that belongs to one engine. */
  readonly below: (folder: string) => BackupSink;
  /** Everything on disk, the manifest last, and the directory under its name. */
  readonly finish: (about: Omit<BackupManifest, 'format' | 'directories' | 'files'>) => Promise<BackupManifest>;
};

/** `part` is made; `directory` must not be there when the backup is finished. */
export async function openBackupWriter(part: string, directory: string): Promise<BackupWriter> {
  await mkdir(part, { mode: 0o700 });
  const directories = new Set<string>();
  const files = new Map<string, BackupFile>();
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);

  async function put(path: string, pieces: AsyncIterable<Buffer>): Promise<number> {
    const hash = createHash('sha256');
    const file = await open(join(part, path), 'wx', 0o600);
    let bytes = 0;
    try {
      for await (const piece of pieces) {
        hash.update(piece);
        bytes += piece.length;
        await file.writeFile(piece);
      }
    } finally {
      await file.close();
    }
    files.set(path, { path, bytes, sha256: hash.digest('hex') });
    return bytes;
  }

  const below = (folder: string): BackupSink => ({
    async directory(path) {
      const inside = `${folder}/${path}`;
      await mkdir(join(part, inside), { recursive: true, mode: 0o700 });
      directories.add(inside);
    },
    async file(path, from) {
      const source = await open(from, 'r').catch((fault: NodeJS.ErrnoException) => {
        if (fault.code === 'ENOENT') return undefined;
        throw fault;
      });
      if (source === undefined) return undefined;
      try {
        return await put(`${folder}/${path}`, piecesOf(source, buffer));
      } finally {
        await source.close();
      }
    },
    async bytes(path, content) {
      await put(`${folder}/${path}`, only(content));
    },
    async drop(path) {
      const inside = `${folder}/${path}`;
      await rm(join(part, inside), { recursive: true, force: true });
      for (const known of [directories, files]) {
        for (const each of known.keys()) if (each === inside || each.startsWith(`${inside}/`)) known.delete(each);
      }
    },
  });

  return {
    below,
    async finish(about) {
      const manifest = {
        ...about,
        directories: [...directories].sort(),
        files: [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
      };
      await syncAll([...files.keys()].map((path) => join(part, path)));
      await syncAll([...directories].map((path) => join(part, path)));
      const sealed = sealManifest(manifest);
      await writeDurably(join(part, MANIFEST_HASH_FILE), sealed.hash);
      await writeDurably(join(part, MANIFEST_FILE), sealed.manifest);
      await syncAll([part]);
      await rename(part, directory);
      await syncAll([dirname(directory)]);
      return { format: 1, ...manifest };
    },
  };
}

type Handle = Awaited<ReturnType<typeof open>>;

/** A file from its beginning to the end that it has when that is reached: one that grows is read a little longer. */
async function* piecesOf(file: Handle, buffer: Buffer): AsyncGenerator<Buffer> {
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

async function* only(content: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(content);
}

/** Brings files or directories to the disk. */
export async function syncAll(paths: readonly string[]): Promise<void> {
  const waiting = paths.values();
  const lane = async (): Promise<void> => {
    for (const path of waiting) {
      const handle = await open(path, 'r');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    }
  };
  await Promise.all(Array.from({ length: SYNCS_MAX }, lane));
}

/** Writes a small file and waits for the disk. */
export async function writeDurably(path: string, content: Buffer | string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
