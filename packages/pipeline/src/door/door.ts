import type { Head } from '@filrouge/ports';
import { commitGroup } from './commit-group.ts';
import type { DoorDeps, DoorMemory } from './door-deps.ts';
import { GroupCommit } from './group-commit.ts';
import { type HashedSubmission, hashSubmission } from './hashed-item.ts';
import { SubjectBook } from './subject-book.ts';
import type { Submission, SubmissionOutcome } from './submission.ts';

/** The one way in (decision 1): what nobody permitted is never written, the rest is durable before the answer. */
export type Door = {
  /** Rejects with `Overloaded` when too much waits, and with the engine's fault when nothing could be written. */
  submit(submission: Submission): Promise<SubmissionOutcome>;
  /** Items that wait for a commit. */
  readonly waiting: number;
  idle(): Promise<void>;
};

const NOTHING_KNOWN: Head = { journalPosition: -1, ledgerPosition: -1, identityVersion: -1 };

export function createDoor(deps: DoorDeps): Door {
  const memory: DoorMemory = { book: new SubjectBook(), known: NOTHING_KNOWN, settled: Promise.resolve() };
  const queue = new GroupCommit<Submission, HashedSubmission, SubmissionOutcome>({
    prepare: (submission) => hashSubmission(deps.vault, submission),
    commit: (group, written) => commitGroup(deps, memory, group, written),
    sizeOf: ({ items, consents, overheard = [] }) => items.length + consents.length + overheard.length,
    laneOf: ({ lane = '' }) => lane,
    isWhole: deps.isEngineFault,
  });
  return {
    submit: (submission) => queue.submit(submission),
    get waiting() {
      return queue.waiting;
    },
    idle: () => queue.idle(),
  };
}
