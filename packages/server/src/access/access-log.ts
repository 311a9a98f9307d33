import { GroupCommit } from '@filrouge/pipeline';
import { type AccessEntry, type AccessStore, EngineError } from '@filrouge/ports';

/** Commits under way at a time: a look does not wait for another's line and then for its own. */
const UNDER_WAY_MAX = 4;

/**
 * The log of who looked at whom (S10). Lines that come together, or while enough commits are under way, are written in
 * one commit, in their order; each look waits for its own line. Where the log cannot be written all that were to be in it
 * learn so, and a line that the engine will not take costs the others nothing.
 */
export class AccessLog {
  readonly #lines: GroupCommit<AccessEntry, AccessEntry, undefined>;

  constructor(store: Pick<AccessStore, 'log'>) {
    const underWay = new Set<Promise<void>>();
    this.#lines = new GroupCommit({
      prepare: (entry) => entry,
      commit: async (group, written) => {
        const commit = store.log(group).finally(() => underWay.delete(commit));
        underWay.add(commit);
        if (underWay.size < UNDER_WAY_MAX) written();
        else Promise.race(underWay).then(written, written);
        await commit;
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
