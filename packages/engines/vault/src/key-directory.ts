import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type KeyId, VaultFault } from '@filrouge/ports';
import { createDurably, createDurablySync, destroyFile, hasCode, UNFINISHED } from './durable-file.ts';
import { isSealedBy, type KeyFileName, openKeyFile, sealKeyFile } from './key-file.ts';
import {
  decodeTree,
  deriveLeaf,
  encodeTree,
  holdsLeaf,
  KEYS_PER_BUCKET,
  type KeyTree,
  punctureTree,
  wholeTree,
} from './key-tree.ts';
import { randomKey, wipe } from './secret-bytes.ts';

/** Bucket numbers are below 2^37, so that key ids stay below 2^53. */
const BUCKET_MAX = 2 ** 37 - 1;
/** Trees held open at once; one not held costs a file read. */
const OPEN_TREES_MAX = 1_024;
/** After this long an unfinished file belongs to no running process. */
const UNFINISHED_MS_MAX = 10 * 60 * 1000;

/**
 * The folder of key files, outside PostgreSQL and outside the backups of the data (S14):
 *
 *   root.<generation>.key               the secret under the look-up hashes
 *   bucket-<number>.<generation>.key    the key tree of 65,536 data keys, number n for the ids n * 65,536 and on
 *
 * A file is never changed: a new generation is made beside it, on disk before the old one is overwritten and removed.
 * Two processes that replace the same generation cannot both succeed: the second finds the name taken, or a newer one
 * beside it where the first has gone on, and starts again from what the first one left. A bucket belongs to the process that made it, so no id is given out twice.
 */
export class KeyDirectory {
  readonly #path: string;
  readonly #master: Buffer;
  readonly #trees = new Map<number, KeyTree>();
  #own = 0;
  #nextLeaf = KEYS_PER_BUCKET;
  #destroying: Promise<void> = Promise.resolve();
  readonly #createDurably: typeof createDurably;

  constructor(path: string, master: Buffer, create = createDurably) {
    this.#path = path;
    this.#master = master;
    this.#createDurably = create;
  }

  /** Whether a folder holds key files, so that a missing master key is a loss and not a first start. */
  static isInUse(path: string): boolean {
    return listKeyFiles(path).length > 0;
  }

  /** Makes the folder if need be, ends what a crash left half done, and checks that every file opens. */
  async prepare(): Promise<void> {
    await mkdir(this.#path, { recursive: true, mode: 0o700 });
    await removeUnfinished(this.#path);
    const files = listKeyFiles(this.#path);
    for (const name of newestOf(files)) {
      const body = this.#read(name);
      if (name.kind === 'bucket') wipe(this.#decode(name, body).seeds);
      wipe(body);
      await this.#removeOlder(name, files);
    }
  }

  /** The secret under the look-up hashes: made once, kept through every change of master key. */
  async lookupRoot(): Promise<Buffer> {
    const found = this.#newest('root', 0);
    if (found !== undefined) return this.#read(found);
    const root = randomKey();
    const created = await this.#create({ kind: 'root', bucket: 0, generation: 1 }, root);
    return created ? root : this.lookupRoot();
  }

  /** The id of a key that nobody had before, durable already. Makes a bucket every 65,536 ids. */
  newKey(): KeyId {
    if (this.#nextLeaf === KEYS_PER_BUCKET) this.#makeBucket();
    const id = this.#own * KEYS_PER_BUCKET + this.#nextLeaf;
    this.#nextLeaf += 1;
    return id as KeyId;
  }

  /** Writes the data key into 32 bytes; false when it was destroyed. Throws `VaultFault` when its bucket is not here. */
  derive(id: KeyId, into: Uint8Array): boolean {
    return deriveLeaf(this.#treeOf(bucketOf(id)), id % KEYS_PER_BUCKET, into);
  }

  /** Whether the key was not destroyed. Throws `VaultFault` when its bucket is not here. */
  holds(id: KeyId): boolean {
    return holdsLeaf(this.#treeOf(bucketOf(id)), id % KEYS_PER_BUCKET);
  }

  /** Destroys keys durably. One call works at a time, so that the buckets of two erasures do not cross. */
  destroy(ids: readonly KeyId[]): Promise<void> {
    const byBucket = Map.groupBy(ids, bucketOf);
    const done = this.#destroying.then(async () => {
      for (const [bucket, members] of byBucket) await this.#puncture(bucket, members);
    });
    this.#destroying = done.catch(() => undefined);
    return done;
  }

  /** Reads the buckets of these keys anew at their next use: another process replaced them. */
  forget(ids: readonly KeyId[]): void {
    for (const bucket of new Set(ids.map(bucketOf))) this.#drop(bucket);
  }

  /** Seals every file by another master key. Can be repeated after a crash: files that it sealed already are left. */
  async reseal(next: Buffer): Promise<void> {
    for (const name of newestOf(listKeyFiles(this.#path))) {
      const path = this.#pathOf(name);
      const file = readFileSync(path);
      if (!isSealedBy(next, file)) {
        const body = openKeyFile(this.#master, name, file, path);
        const replacement = { ...name, generation: name.generation + 1 };
        const bytes = sealKeyFile(next, replacement, body);
        wipe(body);
        if (!(await createDurably(this.#pathOf(replacement), bytes))) {
          throw new VaultFault(`${path} is in use: stop every process before the change of master key`);
        }
        await this.#removeOlder(replacement);
      }
    }
  }

  /** Overwrites what is held in memory. */
  close(): void {
    for (const bucket of this.#trees.keys()) this.#drop(bucket);
    this.#nextLeaf = KEYS_PER_BUCKET;
  }

  #makeBucket(): void {
    const seed = randomKey();
    const tree = wholeTree(seed);
    wipe(seed);
    const body = encodeTree(tree);
    let bucket = 1 + listKeyFiles(this.#path).reduce((highest, name) => Math.max(highest, name.bucket), this.#own);
    while (!this.#createBucketNow(bucket, body)) bucket += 1;
    wipe(body);
    this.#own = bucket;
    this.#nextLeaf = 0;
    this.#hold(bucket, tree);
  }

  async #puncture(bucket: number, members: readonly KeyId[]): Promise<void> {
    for (;;) {
      const name = this.#newest('bucket', bucket);
      if (name === undefined) throw this.#missing(bucket);
      const body = this.#read(name);
      const tree = this.#decode(name, body);
      wipe(body);
      const leaves = members.map((id) => id % KEYS_PER_BUCKET);
      const punctured = punctureTree(tree, leaves);
      if (punctured === undefined) {
        await this.#removeOlder(name);
        this.#hold(bucket, tree);
        return;
      }
      wipe(tree.seeds);
      const replacement = { ...name, generation: name.generation + 1 };
      const bytes = encodeTree(punctured);
      const created = await this.#create(replacement, bytes);
      wipe(bytes);
      // The name may be free because another process made it, went on to the next, and removed it again.
      const newest = created ? (this.#newest('bucket', bucket) ?? replacement) : replacement;
      if (newest.generation > replacement.generation) await destroyFile(this.#pathOf(replacement));
      else if (created) {
        await this.#removeOlder(replacement);
        this.#hold(bucket, punctured);
        return;
      }
      wipe(punctured.seeds);
    }
  }

  #treeOf(bucket: number): KeyTree {
    return this.#trees.get(bucket) ?? this.#load(bucket);
  }

  #load(bucket: number): KeyTree {
    const name = this.#newest('bucket', bucket);
    if (name === undefined) throw this.#missing(bucket);
    const body = this.#read(name);
    const tree = this.#decode(name, body);
    wipe(body);
    this.#hold(bucket, tree);
    return tree;
  }

  #hold(bucket: number, tree: KeyTree): void {
    this.#drop(bucket);
    const [oldest] = this.#trees.keys();
    if (oldest !== undefined && this.#trees.size >= OPEN_TREES_MAX) this.#drop(oldest);
    this.#trees.set(bucket, tree);
  }

  #drop(bucket: number): void {
    const tree = this.#trees.get(bucket);
    if (tree !== undefined) wipe(tree.seeds);
    this.#trees.delete(bucket);
  }

  #newest(kind: KeyFileName['kind'], bucket: number): KeyFileName | undefined {
    const names = listKeyFiles(this.#path).filter((name) => name.kind === kind && name.bucket === bucket);
    return newestOf(names)[0];
  }

  #read(name: KeyFileName): Buffer {
    const path = this.#pathOf(name);
    try {
      return openKeyFile(this.#master, name, readFileSync(path), path);
    } catch (error) {
      // Another process may have replaced it since it was listed: gone, or overwritten and about to go.
      const newest = this.#newest(name.kind, name.bucket);
      if (newest === undefined || newest.generation <= name.generation) throw error;
      return this.#read(newest);
    }
  }

  #decode(name: KeyFileName, body: Buffer): KeyTree {
    const tree = decodeTree(body);
    if (tree === undefined)
      throw new VaultFault(`${this.#pathOf(name)} holds no key tree: it was written by a newer version`);
    return tree;
  }

  #create(name: KeyFileName, body: Buffer): Promise<boolean> {
    return this.#createDurably(this.#pathOf(name), sealKeyFile(this.#master, name, body));
  }

  #createBucketNow(bucket: number, body: Buffer): boolean {
    const name: KeyFileName = { kind: 'bucket', bucket, generation: 1 };
    return createDurablySync(this.#pathOf(name), sealKeyFile(this.#master, name, body));
  }

  async #removeOlder(name: KeyFileName, files = listKeyFiles(this.#path)): Promise<void> {
    for (const other of files) {
      const older = other.kind === name.kind && other.bucket === name.bucket && other.generation < name.generation;
      if (older) await destroyFile(this.#pathOf(other));
    }
  }

  #pathOf(name: KeyFileName): string {
    return join(this.#path, fileOf(name));
  }

  #missing(bucket: number): VaultFault {
    return new VaultFault(
      `${this.#path} has no file for key bucket ${bucket}: it is not the key folder of this database, or incomplete; ` +
        `restore it from the copy of the keys`,
    );
  }
}

function bucketOf(id: KeyId): number {
  const bucket = Math.floor(id / KEYS_PER_BUCKET);
  if (Number.isSafeInteger(id) && bucket >= 1 && bucket <= BUCKET_MAX) return bucket;
  throw new VaultFault(`${id} is not the id of a data key`);
}

/** A file of a key folder, by the name it has there. */
export type KeyFileEntry = { readonly file: string; readonly name: KeyFileName };

/** All key files of a folder, older generations too. */
export function keyFilesIn(path: string): readonly KeyFileEntry[] {
  return listKeyFiles(path).map((name) => ({ file: fileOf(name), name }));
}

export function newestKeyFilesIn(path: string): readonly KeyFileEntry[] {
  return newestOf(listKeyFiles(path)).map((name) => ({ file: fileOf(name), name }));
}

function fileOf({ kind, bucket, generation }: KeyFileName): string {
  const stem = kind === 'root' ? 'root' : `bucket-${bucket.toString().padStart(6, '0')}`;
  return `${stem}.${generation}.key`;
}

function listKeyFiles(path: string): readonly KeyFileName[] {
  const names: KeyFileName[] = [];
  for (const file of namesIn(path)) {
    const match = /^(?:(root)|bucket-([0-9]{6,12}))\.([1-9][0-9]{0,9})\.key$/.exec(file);
    if (match === null) continue;
    names.push({
      kind: match[1] === undefined ? 'bucket' : 'root',
      bucket: Number(match[2] ?? 0),
      generation: Number(match[3]),
    });
  }
  return names;
}

function newestOf(names: readonly KeyFileName[]): readonly KeyFileName[] {
  const newest = new Map<string, KeyFileName>();
  for (const name of names) {
    const key = `${name.kind} ${name.bucket}`;
    if (name.generation > (newest.get(key)?.generation ?? 0)) newest.set(key, name);
  }
  return [...newest.values()];
}

async function removeUnfinished(path: string): Promise<void> {
  const eldest = Date.now() - UNFINISHED_MS_MAX;
  for (const file of namesIn(path).filter((name) => name.startsWith(UNFINISHED))) {
    const status = statSync(join(path, file), { throwIfNoEntry: false });
    if (status !== undefined && status.mtimeMs < eldest) await destroyFile(join(path, file));
  }
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
