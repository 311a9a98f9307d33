import type { Deployment } from '@filrouge/domain/deployment';
import type { AppendStore, Head, Vault } from '@filrouge/ports';
import type { SubjectBook } from './subject-book.ts';

/** What the door works with. */
export type DoorDeps = {
  readonly store: AppendStore;
  readonly vault: Vault;
  readonly deployment: Deployment;
  readonly newId: () => string;
  /** True for a fault of the engine itself, after which no member of the group is to blame. */
  readonly isEngineFault: (fault: unknown) => boolean;
};

/** What the door carries from one commit to the next. */
export type DoorMemory = {
  readonly book: SubjectBook;
  known: Head;
  /** Resolves when the group that had the lock last is settled, and the rest of this says what it wrote. */
  settled: Promise<void>;
};
