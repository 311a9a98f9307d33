import type { LedgerCopyStore } from '@filrouge/ports';
import { BackupRefused } from '../backup/backup-refused.ts';
import { firstMissing, type HeldCopy, readCopy } from './read-copy.ts';

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
  /** By which keys this installation writes. */
  readonly fingerprint: string;
  /** Of these data keys the ones whose files are not here; makes sure that their ids are never given out again. */
  readonly keysGone: (ids: readonly number[]) => Promise<readonly number[]>;
};

/**
 * Brings a ledger to where the second place stands: what people decided after the backup that this state comes from
 * counts again, at the positions it had. Throws `BackupRefused`, and changes nothing, where that cannot be done: then
 * nobody's no may be known, and nothing may be opened.
 */
export async function catchUp({ ledger, directory, fingerprint, keysGone }: CatchUpOptions): Promise<CaughtUp> {
  const head = await ledger.head();
  const held = await readHeld(directory, head);
  await demandOwn(held, { ledger, directory, fingerprint });
  demandWhole(held, head, directory);
  if (held.last > head) {
    const ids = new Set(held.facts.flatMap(({ text }) => keyOf(text)));
    const facts = await ledger.append(held.facts, await keysGone([...ids]));
    return { facts, voided: await voidUndone() };
  }
  return { facts: 0, voided: await voidUndone() };

  async function voidUndone(): Promise<number> {
    return held.undone.length === 0 ? 0 : ledger.voidRuns(held.undone);
  }
}

/** What the second place holds. Throws `BackupRefused` where it cannot be read: its directory may be of a lost disk. */
export async function readHeld(directory: string, after: number): Promise<HeldCopy> {
  try {
    return await readCopy(directory, after);
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    if (code === undefined) throw fault;
    throw new BackupRefused(
      'failed',
      `the consents in ${directory} cannot be read (${code})`,
      'FILROUGE_CONSENTS_DIR names a directory that this user may read and write: until then nothing that people refused since is known',
    );
  }
}

type Whose = Pick<CatchUpOptions, 'ledger' | 'directory' | 'fingerprint'>;

async function demandOwn(held: HeldCopy, { ledger, directory, fingerprint }: Whose): Promise<void> {
  const { at, fingerprints } = held;
  const record = at === undefined ? undefined : await ledger.recordAt(at.last);
  const isOwn = at === undefined || record === undefined || at.text.includes(`"${record}"`);
  if (isOwn && fingerprints.every((each) => each === fingerprint)) return;
  throw new BackupRefused(
    'failed',
    `the consents in ${directory} are those of another installation, or of another life of this one`,
    'Set FILROUGE_CONSENTS_DIR to a directory of its own',
  );
}

function demandWhole({ facts, last, unread }: HeldCopy, head: number, directory: string): void {
  const missing = firstMissing(facts, head, last);
  if (missing !== undefined) {
    throw new BackupRefused(
      'failed',
      `the ledger ends at position ${head}, and of the consents up to ${last} those from ${missing} on cannot be read in ${directory}`,
      'Restore a later backup, or bring the files of that directory back: until then nothing that people refused since is known',
    );
  }
  const known = Math.max(head, last);
  const damaged = unread.find(({ position }) => position > known);
  if (damaged === undefined) return;
  throw new BackupRefused(
    'failed',
    `the ledger ends at position ${head}, and line ${damaged.line} of ${damaged.path} cannot be read: it told what is known nowhere else`,
    'Restore a later backup, or bring that file back; where neither can be done, take the line away: the decisions in it are lost then, and people must be asked again',
  );
}

function keyOf(text: string): readonly number[] {
  const { key } = JSON.parse(text) as { readonly key?: { readonly id?: unknown } | null };
  return typeof key?.id === 'number' ? [key.id] : [];
}
