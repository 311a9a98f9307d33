import type { Instant } from '@filrouge/domain/base';
import type { Purpose } from '@filrouge/domain/consent';
import type { EventStore, ProjectionStore, ProjectorPosition, Vault } from '@filrouge/ports';
import { KnownFacts } from './known-facts.ts';
import { prepareRange } from './prepared-range.ts';
import { projectRange } from './project-range.ts';
import { ReadAhead } from './read-ahead.ts';
import { undoImport } from './undo-import.ts';

/** Items of one range: enough for the event store to take them in one part, few enough to wait for. */
export const RANGE_ITEMS_MAX = 4_000;

export type ProjectorDeps = {
  readonly store: ProjectionStore;
  readonly events: EventStore;
  readonly vault: Vault;
  readonly purposes: readonly Purpose[];
  readonly now: () => Instant;
};

/** Projects one range after the other, and carries from one to the next what memory holds of the store. */
export class RangeSteps {
  readonly #deps: ProjectorDeps;
  readonly #known = new KnownFacts();
  /** The life of the projections that `#known` was seen in, and how often facts were taken back by then. */
  #life: string | undefined;
  #unresolved = 0;
  readonly #ahead: ReadAhead;

  constructor(deps: ProjectorDeps) {
    this.#deps = deps;
    this.#ahead = new ReadAhead(deps, RANGE_ITEMS_MAX);
  }

  /** See `Projector.unresolved`. */
  get unresolved(): number {
    return this.#unresolved;
  }

  /** The number of items that were projected; undefined where nothing waits. */
  async step(): Promise<number | undefined> {
    const { store } = this.#deps;
    const at = await store.position();
    const head = await store.head();
    const planned = at.planned !== undefined && at.planned > at.position ? at.planned : undefined;
    const ahead = await this.#ahead.take(lifeOf(at), at.position);
    const upTo = planned ?? ahead?.upTo ?? (await store.rangeAfter(at.position, RANGE_ITEMS_MAX));
    const facts = head.ledgerPosition !== at.ledgerPosition || head.separationPosition !== at.separationPosition;
    const waits = upTo !== undefined || facts || !at.born;
    // An attempt that was lost is made up for first: what it may have told is told again with the range that it was of.
    const isOpen = planned !== undefined || !at.born || (at.lost && waits);
    if (head.undoing !== undefined && !isOpen) {
      await undoImport(this.#deps, head.undoing, at);
      return 0;
    }
    if (!waits) return undefined;
    const end = upTo ?? at.position;
    const prepared = ahead?.upTo === end ? ahead : await prepareRange(this.#deps, at.position, end);
    // The intent is durable before anything of the range leaves for the event store: a second attempt with another
    // boundary would double rows.
    const attempt = await store.begin(at, upTo);
    try {
      if (!at.born) await this.#bear(at, attempt);
      const deps = {
        ...this.#deps,
        known: this.#knownIn(at),
        tellAll: at.lost,
        onWaiting: () => this.#ahead.begin(lifeOf(at), end, head.journalPosition),
      };
      const done = await store.project((transaction) => projectRange(transaction, deps, { at, prepared, attempt }));
      for (const { written, beyond } of done.changes) {
        this.#known.remember(written);
        this.#unresolved += beyond.length;
      }
      return done.items;
    } catch (fault) {
      this.#known.clear();
      await this.idle();
      throw fault;
    }
  }

  /** Lets go of what was read ahead: this process may not be the next to project. */
  idle(): Promise<void> {
    return this.#ahead.drop();
  }

  /**
   * A life in which nothing is committed begins with an event store that holds what a snapshot stands for and nothing
   * else, whatever a replay that died here had done. Consents follow: the whole ledger is taken in anew.
   */
  async #bear({ generation, position }: ProjectorPosition, attempt: number): Promise<void> {
    const { store, events } = this.#deps;
    await events.reset(generation, position);
    for await (const spans of store.threadSpans()) await events.putThreadSpans(spans, attempt);
  }

  /** Within a life facts are taken back by undoing alone: what another process wrote else makes none of them wrong. */
  #knownIn(at: ProjectorPosition): KnownFacts {
    const life = lifeOf(at);
    if (life !== this.#life) this.#known.clear();
    this.#life = life;
    return this.#known;
  }
}

function lifeOf({ generation, takenBack }: ProjectorPosition): string {
  return `${generation} ${takenBack}`;
}
