import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BackupSink } from '@filrouge/ports';
import { type BackupFile, type BackupManifest, MANIFEST_FILE, MANIFEST_HASH_FILE, sealManifest } from './manifest.ts';

const CHUNK_BYTES = 1024 * 1024;
/** Files that are brought to the disk at a time. */
const SYNCS_MAX = 16;

/** A backup while it is written: in a directory of another name, which gets its own when everything is on disk. */
export class BackupWriter {
  readonly #part: string;
  readonly #directory: string;
  readonly #folders = new Set<string>();
  readonly #directories = new Set<string>();
  readonly #files = new Map<string, BackupFile>();
  readonly #buffer = Buffer.allocUnsafe(CHUNK_BYTES);

  private constructor(part: string, directory: string) {
    this.#part = part;
    this.#directory = directory;
  }

  /** `part` is made; `directory` must not be there when the backup is finished. */
  static async open(part: string, directory: string): Promise<BackupWriter> {
    await mkdir(part, { mode: 0o700 });
    return new BackupWriter(part, directory);
  }

  /** The part of the backup that belongs to one engine. */
  below(folder: string): BackupSink {
    this.#folders.add(folder);
    return {
      directory: (path) => this.#makeDirectory(`${folder}/${path}`),
      file: (path, from) => this.#copy(`${folder}/${path}`, from),
      bytes: (path, content) => this.#put(`${folder}/${path}`, only(content)).then(() => undefined),
      drop: (path) => this.#drop(`${folder}/${path}`),
    };
  }

  /** Everything on disk, the manifest last, and the directory under its name. */
  async finish(about: Omit<BackupManifest, 'format' | 'directories' | 'files'>): Promise<BackupManifest> {
    const manifest = {
      ...about,
      directories: [...this.#directories].sort(),
      files: [...this.#files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
    };
    const part = this.#part;
    await syncAll([...this.#files.keys()].map((path) => join(part, path)));
    await syncAll([...this.#directories, ...this.#folders].map((path) => join(part, path)));
    const sealed = sealManifest(manifest);
    await writeDurably(join(part, MANIFEST_HASH_FILE), sealed.hash);
    await writeDurably(join(part, MANIFEST_FILE), sealed.manifest);
    await syncAll([part]);
    await rename(part, this.#directory);
    await syncAll([dirname(this.#directory)]);
    return { format: 2, ...manifest };
  }

  async #makeDirectory(path: string): Promise<void> {
    await mkdir(join(this.#part, path), { recursive: true, mode: 0o700 });
    this.#directories.add(path);
  }

  async #copy(path: string, from: string): Promise<number | undefined> {
    const source = await open(from, 'r').catch((fault: NodeJS.ErrnoException) => {
      if (fault.code === 'ENOENT') return undefined;
      throw fault;
    });
    if (source === undefined) return undefined;
    try {
      return await this.#put(path, piecesOf(source, this.#buffer));
    } finally {
      await source.close();
    }
  }

  async #put(path: string, pieces: AsyncIterable<Buffer>): Promise<number> {
    const hash = createHash('sha256');
    const file = await open(join(this.#part, path), 'wx', 0o600);
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
    this.#files.set(path, { path, bytes, sha256: hash.digest('hex') });
    return bytes;
  }

  async #drop(path: string): Promise<void> {
    await rm(join(this.#part, path), { recursive: true, force: true });
    for (const known of [this.#directories, this.#files]) {
      for (const each of known.keys()) if (each === path || each.startsWith(`${path}/`)) known.delete(each);
    }
  }
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
