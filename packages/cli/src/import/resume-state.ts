import { createHash } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { type ImportKind, REPAIR_NOTES, ROW_NOTES } from '@filrouge/wire/import';
import { z } from 'zod';
import { CommandFailure } from '../command-failure.ts';
import { EXIT } from '../exit-code.ts';
import { claimLock } from './file-lock.ts';

/** Grows when the same file would be cut into other batches. */
const FORM = 3;

const figure = z.int().min(0);

const stateSchema = z.object({
  key: z.string(),
  /** Batches of the file, from its first line, that are through. */
  batches: figure,
  /** The run of the import that took them. */
  run: figure.optional(),
  errors: z.object({ bytes: figure, lines: figure, sha256: z.string() }),
  summary: z.object({
    rows: figure,
    refused: figure,
    items: figure,
    accepted: figure,
    outcome: z
      .object({ new: figure, duplicates: figure, withheld: figure, quarantined: figure })
      .nullable()
      .default(null),
    rejected: figure,
    datedAhead: figure.default(0),
    repairs: z.partialRecord(z.enum(REPAIR_NOTES), figure),
    notes: z.partialRecord(z.enum(ROW_NOTES), z.object({ times: figure, line: figure })).default({}),
    reasons: z.array(z.object({ code: z.string(), column: z.string(), lines: figure, line: figure })).readonly(),
  }),
});

/** How far an import came. */
export type ResumeState = z.infer<typeof stateSchema>;

/** What must be the same for an import to go on where another stopped: content, meaning, whereto. 64 hexadecimal digits. */
export function importKey(parts: Readonly<Record<string, unknown>>): string {
  return createHash('sha256')
    .update(JSON.stringify({ form: FORM, ...parts }))
    .digest('hex');
}

/** The note beside a file that says how far its import came; there is none once all is through. */
export class ResumeFile {
  readonly path: string;
  readonly #key: string;

  constructor(file: string, kind: ImportKind, key: string) {
    this.path = `${file}.${kind}.import.json`;
    this.#key = key;
  }

  /**
   * The state of an interrupted import of the same content in the same way; undefined for any other, and for a note that is
   * damaged.
   */
  async read(): Promise<ResumeState | undefined> {
    const text = await readFile(this.path, 'utf8').catch(unlessAbsent);
    const state = text === undefined ? undefined : stateSchema.safeParse(parsed(text)).data;
    return state?.key === this.#key ? state : undefined;
  }

  /**
   * The right to import the file in this way, alone until it is given back: two at once would write the same note. Errors:
   * `CommandFailure` while another import has it, those of the file system.
   */
  async claim(named: string): Promise<() => Promise<void>> {
    const lock = `${this.path}.lock`;
    const release = await claimLock(lock);
    if (release !== undefined) return release;
    throw new CommandFailure(
      `another import of ${named} is running`,
      `Wait until it is through; where none is, remove ${lock}`,
      EXIT.failed,
      { code: 'import-running' },
    );
  }

  /** Whole or not at all: a crash in between leaves the note before it. */
  async save(state: Omit<ResumeState, 'key'>): Promise<void> {
    await writeFile(`${this.path}.new`, JSON.stringify({ key: this.#key, ...state }), { mode: 0o600 });
    await rename(`${this.path}.new`, this.path);
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unlessAbsent(fault: unknown): undefined {
  if ((fault as NodeJS.ErrnoException).code !== 'ENOENT') throw fault;
  return undefined;
}
