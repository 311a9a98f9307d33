import { randomBytes } from 'node:crypto';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const PIECE_BYTES = 1024 * 1024;

/** Name of the ballast in the data directory; a copy of the directory may leave it out. */
export const BALLAST_FILE = 'ballast';

/** A file that takes space to give it back: when a neighbour fills the disk, a no can still be written. */
export class Ballast {
  readonly #path: string;
  readonly #bytes: number;

  constructor(dataDir: string, bytes: number) {
    this.#path = join(dataDir, BALLAST_FILE);
    this.#bytes = bytes;
  }

  /** True when it was not there, whole, before. Errors: those of the file system; then nothing of it stays. */
  async lay(): Promise<boolean> {
    const { size } = await stat(this.#path).catch(() => ({ size: -1 }));
    if (size === this.#bytes) return false;
    try {
      await this.#write();
    } catch (fault) {
      await rm(this.#path, { force: true });
      throw fault;
    }
    return true;
  }

  /** True when it was there. */
  async release(): Promise<boolean> {
    const { size } = await stat(this.#path).catch(() => ({ size: -1 }));
    if (size < 0) return false;
    await rm(this.#path, { force: true });
    return true;
  }

  async #write(): Promise<void> {
    // Noise: a file system that compresses would keep zeros in no space at all.
    const piece = randomBytes(PIECE_BYTES);
    const file = await open(this.#path, 'w', 0o600);
    try {
      for (let at = 0; at < this.#bytes; at += PIECE_BYTES) {
        const { bytesWritten } = await file.write(piece, 0, Math.min(PIECE_BYTES, this.#bytes - at), at);
        if (bytesWritten === 0) throw new Error('nothing was written');
      }
      await file.sync();
    } finally {
      await file.close();
    }
  }
}
