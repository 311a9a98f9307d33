import type { ProjectionStore, ProjectorLease } from '@filrouge/ports';

/** The right to project, as far as this process has it, and the turns of those who use it here. */
export class HeldLease {
  readonly #store: Pick<ProjectionStore, 'lease'>;
  #lease: ProjectorLease | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: Pick<ProjectionStore, 'lease'>) {
    this.#store = store;
  }

  /** Takes it, or makes sure of it; false while another process has it. */
  async hold(): Promise<boolean> {
    if (this.#lease !== undefined && (await this.#lease.isHeld())) return true;
    this.#lease = await this.#store.lease();
    return this.#lease !== undefined;
  }

  async release(): Promise<void> {
    const lease = this.#lease;
    this.#lease = undefined;
    await lease?.release();
  }

  /** Runs `work` after all that came before. The lease that it took stays, but after a fault. */
  keeping<T>(work: () => Promise<T>): Promise<T> {
    const guarded = async (): Promise<T> => {
      try {
        return await work();
      } catch (fault) {
        await this.release();
        throw fault;
      }
    };
    const turn = this.#last.then(guarded);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** The same; a lease that was not there before goes back afterwards. */
  borrowing<T>(work: () => Promise<T>): Promise<T> {
    return this.keeping(async () => {
      const isKept = this.#lease !== undefined;
      const answer = await work();
      if (!isKept) await this.release();
      return answer;
    });
  }
}
