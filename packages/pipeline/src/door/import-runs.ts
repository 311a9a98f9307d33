import type { AppendTransaction, ImportTally } from '@filrouge/ports';
import type { HashedItem, HashedSubmission } from './hashed-item.ts';
import type { ItemOutcome, Submission } from './submission.ts';

/**
 * The runs that submissions of a group belong to, looked up under the appender's lock, so that nothing comes in of an
 * import that is being undone. Throws `ImportClosed`.
 */
export async function importRuns(
  transaction: Pick<AppendTransaction, 'importRun' | 'requireOpenRun'>,
  group: readonly Submission[],
): Promise<ReadonlyMap<Submission, number>> {
  const runs = new Map<Submission, number>();
  for (const submission of group) {
    const note = submission.import;
    if (note === undefined) continue;
    if ('number' in note) await transaction.requireOpenRun(note.number);
    runs.set(submission, 'number' in note ? note.number : await transaction.importRun(note, submission.source));
  }
  return runs;
}

export function runIn(
  runs: ReadonlyMap<Submission, number>,
  submission: Submission | undefined,
): { readonly run?: number } {
  const run = submission === undefined ? undefined : runs.get(submission);
  return run === undefined ? {} : { run };
}

/** Its items under their run, and with them the ids that they claim. */
export function underRun(hashed: HashedSubmission, run: number | undefined): HashedSubmission {
  if (run === undefined) return hashed;
  return {
    ...hashed,
    items: hashed.items.map((item) => ({ ...item, run, seen: { ...item.seen, run } })),
  };
}

/** What a commit adds to each run. */
export function tallyRuns(
  runs: ReadonlyMap<Submission, number>,
  items: readonly HashedItem[],
  outcomes: readonly ItemOutcome[],
  judged: readonly { readonly kind: string; readonly run?: number }[],
): readonly ImportTally[] {
  const tallies = new Map<number, { -readonly [Part in keyof ImportTally]: ImportTally[Part] }>();
  for (const run of runs.values()) {
    tallies.set(run, { run, accepted: 0, withheld: 0, quarantined: 0, consents: 0, journaled: false });
  }
  for (const [at, item] of items.entries()) {
    const tally = item.run === undefined ? undefined : tallies.get(item.run);
    const outcome = outcomes[at];
    if (tally === undefined || outcome === undefined || outcome.kind === 'duplicate' || outcome.kind === 'refused') {
      continue;
    }
    // What leaves quarantine was counted when it came in.
    if (item.submission.releases === undefined) tally.accepted += 1;
    if (outcome.kind === 'pending') tally.journaled = true;
    else tally[outcome.kind] += 1;
  }
  for (const consent of judged) {
    if (consent.kind !== 'accepted' || consent.run === undefined) continue;
    const tally = tallies.get(consent.run);
    if (tally !== undefined) tally.consents += 1;
  }
  return [...tallies.values()];
}
