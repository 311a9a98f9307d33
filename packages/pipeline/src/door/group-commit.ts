/** How much may wait for the next commit before callers are told to come back. Reaching it is an answer, not an accident. */
export const WAITING_ITEMS_MAX = 50_000;
/** Items that one commit takes at most; more wait for the next. */
export const GROUP_ITEMS_MAX = 5_000;
/** The same while several lanes have more than that: whoever has little waits for the group under way and no longer. */
export const SHARED_GROUP_ITEMS_MAX = 1_000;

/** The queue is full: the caller answers 503 with Retry-After, and nothing is lost. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded';
}

type Waiting<Prepared, Outcome> = {
  readonly work: Prepared;
  readonly size: number;
  readonly lane: string;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (fault: unknown) => void;
};

/**
 * One writer, many callers: all work that waits at a moment is committed together, so that one fsync serves it all.
 * What can be done with work as it arrives is done by `prepare`, while the group before it is written. `commit` answers in the order of its input. Where more waits than a group takes, the lanes take turns (G18), and the order within each is kept. A fault of a group is the fault of its members alone when each of them
 * is tried by itself, so that one poisonous submission never costs the others (G9).
 */
export class GroupCommit<Work, Prepared, Outcome> {
  #waiting: Waiting<Prepared, Outcome>[] = [];
  #size = 0;
  #running: Promise<void> | undefined;
  readonly #unsettled = new Set<Promise<void>>();
  readonly #prepare: (work: Work) => Prepared;
  readonly #commit: (group: readonly Prepared[], written: () => void) => Promise<readonly Outcome[]>;
  readonly #sizeOf: (work: Work) => number;
  readonly #laneOf: (work: Work) => string;
  /** Items that wait, by lane; a lane without any is not there. */
  readonly #lanes = new Map<string, number>();
  readonly #isWhole: (fault: unknown) => boolean;

  constructor(options: {
    /** Its faults are the caller's own. */
    readonly prepare: (work: Work) => Prepared;
    /** May call `written` when it only waits for the engine: then the next group begins, and two are under way. */
    readonly commit: (group: readonly Prepared[], written: () => void) => Promise<readonly Outcome[]>;
    readonly sizeOf: (work: Work) => number;
    /** Whose turn it takes; default: all take the same. */
    readonly laneOf?: (work: Work) => string;
    /** True for a fault of the engine that no other division of the work would avoid. */
    readonly isWhole: (fault: unknown) => boolean;
  }) {
    this.#prepare = options.prepare;
    this.#commit = options.commit;
    this.#sizeOf = options.sizeOf;
    this.#laneOf = options.laneOf ?? (() => '');
    this.#isWhole = options.isWhole;
  }

  /** Items that wait. */
  get waiting(): number {
    return this.#size;
  }

  submit(work: Work): Promise<Outcome> {
    const size = this.#sizeOf(work);
    const lane = this.#laneOf(work);
    if (!this.#hasRoom(size, lane)) {
      return Promise.reject(new Overloaded('too much is waiting to be written; come back in a second'));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work: this.#prepare(work), size, lane, resolve, reject });
      this.#count(lane, size);
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#running !== undefined || this.#unsettled.size > 0) {
      await this.#running;
      await Promise.all(this.#unsettled);
    }
  }

  async #run(): Promise<void> {
    // One turn of the event loop lets the requests that arrived together be committed together.
    await new Promise<void>((resolve) => queueMicrotask(resolve));
    while (this.#waiting.length > 0) await this.#begin(this.#take());
    this.#running = undefined;
  }

  /** Resolves when the next group may begin. */
  #begin(group: readonly Waiting<Prepared, Outcome>[]): Promise<void> {
    return new Promise((resolve) => {
      const settled = this.#settle(group, resolve).then(() => {
        this.#unsettled.delete(settled);
        resolve();
      });
      this.#unsettled.add(settled);
    });
  }

  /** A queue that others have filled takes one more of a lane that has nothing in it: it is not theirs alone. */
  #hasRoom(size: number, lane: string): boolean {
    if (this.#size === 0 || this.#size + size <= WAITING_ITEMS_MAX) return true;
    return !this.#lanes.has(lane) && this.#size + size <= 2 * WAITING_ITEMS_MAX;
  }

  #count(lane: string, size: number): void {
    this.#size += size;
    const left = (this.#lanes.get(lane) ?? 0) + size;
    if (left > 0) this.#lanes.set(lane, left);
    else this.#lanes.delete(lane);
  }

  #take(): readonly Waiting<Prepared, Outcome>[] {
    const group = this.#lanes.size > 1 && this.#size > SHARED_GROUP_ITEMS_MAX ? this.#takeTurns() : this.#takeFirst();
    for (const { lane, size } of group) this.#count(lane, -size);
    return group;
  }

  #takeFirst(): readonly Waiting<Prepared, Outcome>[] {
    let size = 0;
    let count = 0;
    for (const { size: next } of this.#waiting) {
      if (count > 0 && size + next > GROUP_ITEMS_MAX) break;
      size += next;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  /** One of each lane, and again, until the next would be too much; in the order in which they came. */
  #takeTurns(): readonly Waiting<Prepared, Outcome>[] {
    const lanes = Map.groupBy(this.#waiting, ({ lane }) => lane);
    const taken = new Set<Waiting<Prepared, Outcome>>();
    let size = 0;
    for (let turn = 0; lanes.size > 0; turn += 1) {
      for (const [lane, queue] of lanes) {
        const next = queue[turn];
        if (next === undefined || (taken.size > 0 && size + next.size > SHARED_GROUP_ITEMS_MAX)) lanes.delete(lane);
        else {
          taken.add(next);
          size += next.size;
        }
      }
    }
    const group = this.#waiting.filter((one) => taken.has(one));
    this.#waiting = this.#waiting.filter((one) => !taken.has(one));
    return group;
  }

  async #settle(group: readonly Waiting<Prepared, Outcome>[], written: () => void): Promise<void> {
    try {
      const works = group.map((waiting) => waiting.work);
      const outcomes = await this.#commit(works, written);
      for (const [at, waiting] of group.entries()) waiting.resolve(outcomes[at] as Outcome);
    } catch (fault) {
      if (group.length === 1 || this.#isWhole(fault)) {
        for (const waiting of group) waiting.reject(fault);
      } else {
        for (const waiting of group) await this.#settle([waiting], () => undefined);
      }
    }
  }
}
