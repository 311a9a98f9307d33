import { GroupCommit } from '@filrouge/pipeline';
import { type AccessEntry, type AccessStore, EngineError } from '@filrouge/ports';

/**
 * The log of who looked at whom (S10). Lines that come together, or while others are being written, are written in one
 * commit, in their order; each look waits for its own line. Where the log cannot be written all that were to be in it
 * learn so, and a line that the engine will not take costs the others nothing.
 */
export class AccessLog {
  readonly #lines: GroupCommit<AccessEntry, AccessEntry, undefined>;

  constructor(store: Pick<AccessStore, 'log'>) {
    this.#lines = new GroupCommit({
      prepare: (entry) => entry,
      commit: async (group) => {
        await store.log(group);
        return group.map(() => undefined);
      },
      sizeOf: () => 1,
      isWhole: (fault) => fault instanceof EngineError && fault.failure !== 'other',
    });
  }

  /** Resolves once the line is on disk. Rejects with the engine's fault, or with `Overloaded` when too many wait. */
  async write(entry: AccessEntry): Promise<void> {
    await this.#lines.submit(entry);
  }
}
