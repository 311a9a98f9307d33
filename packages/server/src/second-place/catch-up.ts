import type { LedgerCopyStore } from '@filrouge/ports';
import { BackupRefused } from '../backup/backup-refused.ts';
import { readCopy } from './read-copy.ts';

export type CaughtUp = {
  /** Facts that the ledger did not have. */
  readonly facts: number;
  /** Yeses of imports that were undone since. */
  readonly voided: number;
};

/** Facts that are appended in one transaction, all of them: a ledger that stands half way would look whole. */
export type CatchUpOptions = {
  readonly ledger: LedgerCopyStore;
  readonly directory: string;
  /** Of these data keys the ones whose files are not here; makes sure that their ids are never given out again. */
  readonly keysGone: (ids: readonly number[]) => Promise<readonly number[]>;
};

/**
 * Brings a ledger to where the second place stands: what people decided after the backup that this state comes from
 * counts again, at the positions it had. Throws `BackupRefused`, and changes nothing, where that cannot be done: then
 * nobody's no may be known, and nothing may be opened.
 */
export async function catchUp({ ledger, directory, keysGone }: CatchUpOptions): Promise<CaughtUp> {
  const head = await ledger.head();
  const held = await readCopy(directory, head);
  const record = await ledger.recordAt(Math.min(head, held.last));
  if (held.at !== undefined && record !== undefined && !held.at.text.includes(`"${record}"`)) {
    throw new BackupRefused(
      'failed',
      `the consents in ${directory} are those of another installation, or of another life of this one`,
      'Set FILROUGE_CONSENTS_DIR to a directory of its own',
    );
  }
  const facts = held.last > head ? await appendAll(held, head) : 0;
  const voided = held.undone.length === 0 ? 0 : await ledger.voidRuns(held.undone);
  return { facts, voided };

  async function appendAll({ facts: lines, last }: typeof held, from: number): Promise<number> {
    let next = from + 1;
    for (const line of lines) if (line.first <= next) next = Math.max(next, line.last + 1);
    if (next <= last) {
      throw new BackupRefused(
        'failed',
        `the ledger ends at position ${from}, and of the consents up to ${last} those from ${next} on cannot be read in ${directory}`,
        'Restore a later backup, or bring the files of that directory back: until then nothing that people refused since is known',
      );
    }
    const ids = new Set(lines.flatMap(({ text }) => keyOf(text)));
    return ledger.append(lines, await keysGone([...ids]));
  }
}

function keyOf(text: string): readonly number[] {
  const { key } = JSON.parse(text) as { readonly key?: { readonly id?: unknown } | null };
  return typeof key?.id === 'number' ? [key.id] : [];
}
