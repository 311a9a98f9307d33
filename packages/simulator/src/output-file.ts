import { closeSync, openSync, writeSync } from 'node:fs';

const HELD_CHARACTERS = 1 << 18;

/** A text file written from the start to the end, 256 K characters at a time. */
export class OutputFile {
  readonly #descriptor: number;
  #held = '';

  constructor(path: string) {
    this.#descriptor = openSync(path, 'w');
  }

  write(text: string): void {
    this.#held += text;
    if (this.#held.length >= HELD_CHARACTERS) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#held, 'utf8');
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done);
    this.#held = '';
  }
}
