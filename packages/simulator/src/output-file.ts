import { closeSync, openSync, writeSync } from 'node:fs';

const HELD_CHARACTERS = 1 << 18;

/** Of the signs that cp1252 has and Latin-1 has not, those that a French retailer writes. */
const BEYOND_LATIN1: Readonly<Record<string, string>> = { '€': '\x80', '’': '\x92', Œ: '\x8c', œ: '\x9c' };

/** A text file written from the start to the end, 256 K characters at a time. */
export class OutputFile {
  readonly #descriptor: number;
  readonly #encoding: 'utf-8' | 'cp1252';
  #held = '';
  /** Line ends that were written. */
  lines = 0;

  constructor(path: string, encoding: 'utf-8' | 'cp1252' = 'utf-8') {
    this.#descriptor = openSync(path, 'w');
    this.#encoding = encoding;
  }

  write(text: string): void {
    this.#held += text;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.lines += 1;
    if (this.#held.length >= HELD_CHARACTERS) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }

  #flush(): void {
    const bytes = this.#encoding === 'utf-8' ? Buffer.from(this.#held, 'utf8') : cp1252(this.#held);
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done);
    this.#held = '';
  }
}

function cp1252(text: string): Buffer {
  return Buffer.from(
    text.replace(/[€’Œœ]/g, (sign) => BEYOND_LATIN1[sign] as string),
    'latin1',
  );
}
