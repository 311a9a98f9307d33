import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExportRow } from '@filrouge/pipeline';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Where a block lies, and under which nonce. */
type Block = { readonly at: number; readonly bytes: number; readonly nonce: Buffer };

/**
 * Rows that wait to be published, in a file. It is sealed under a key that is in the memory of this process alone: what a
 * crash leaves behind is noise, and nothing personal ever lies on the disk in clear.
 */
export class Spool {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #key = randomBytes(32);
  readonly #blocks: Block[] = [];
  #end = 0;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async create(directory: string, name: string): Promise<Spool> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const path = join(directory, `${name}.spool`);
    return new Spool(path, await open(path, 'wx+', 0o600));
  }

  /** Adds a block of rows, which is read back whole. Errors: those of the file system. */
  async append(rows: readonly ExportRow[]): Promise<void> {
    if (rows.length === 0) return;
    const nonce = Buffer.alloc(NONCE_BYTES);
    nonce.writeUIntBE(this.#blocks.length, NONCE_BYTES - 6, 6);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce);
    const sealed = Buffer.concat([cipher.update(JSON.stringify(rows)), cipher.final(), cipher.getAuthTag()]);
    await this.#file.write(sealed, 0, sealed.length, this.#end);
    this.#blocks.push({ at: this.#end, bytes: sealed.length, nonce });
    this.#end += sealed.length;
  }

  /** The blocks in the order in which they were added. Errors: those of the file system; a changed byte is one too. */
  async *blocks(): AsyncGenerator<readonly ExportRow[]> {
    for (const { at, bytes, nonce } of this.#blocks) {
      const { buffer } = await this.#file.read(Buffer.alloc(bytes), 0, bytes, at);
      const opened = createDecipheriv(ALGORITHM, this.#key, nonce);
      opened.setAuthTag(buffer.subarray(bytes - TAG_BYTES));
      const text = Buffer.concat([opened.update(buffer.subarray(0, bytes - TAG_BYTES)), opened.final()]);
      yield JSON.parse(text.toString('utf8')) as readonly ExportRow[];
    }
  }

  /** Forgets the key first: from then on nothing of it can be read. */
  async remove(): Promise<void> {
    this.#key.fill(0);
    await this.#file.close();
    await rm(this.#path, { force: true });
  }
}
