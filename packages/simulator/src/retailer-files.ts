import { join } from 'node:path';
import { OutputFile } from './output-file.ts';

/** The files of one directory, opened when first needed. */
export class RetailerFiles {
  readonly #directory: string;
  readonly #open = new Map<string, OutputFile>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  get names(): readonly string[] {
    return [...this.#open.keys()].sort();
  }

  /** Of all of them together. */
  get lines(): number {
    return [...this.#open.values()].reduce((sum, file) => sum + file.lines, 0);
  }

  of(name: string, encoding: 'utf-8' | 'cp1252' = 'utf-8'): OutputFile {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const file = new OutputFile(join(this.#directory, name), encoding);
    this.#open.set(name, file);
    return file;
  }

  close(): void {
    for (const file of this.#open.values()) file.close();
  }
}
