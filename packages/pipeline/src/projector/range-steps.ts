import type { Purpose } from '@filrouge/domain/consent';
import type { EventStore, JournalEntry, ProjectionStore, ProjectorPosition, Vault } from '@filrouge/ports';
import { KnownFacts } from './known-facts.ts';
import { projectRange } from './project-range.ts';

/** Items of one range: enough for the event store to take them in one part, few enough to wait for. */
export const RANGE_ITEMS_MAX = 4_000;

export type ProjectorDeps = {
  readonly store: ProjectionStore;
  readonly events: EventStore;
  readonly vault: Vault;
  readonly purposes: readonly Purpose[];
};

/** Projects one range after the other, and carries from one to the next what memory holds of the store. */
export class RangeSteps {
  readonly #deps: ProjectorDeps;
  readonly #known = new KnownFacts();
  /** The life of the projections that `#known` was seen in. */
  #generation: string | undefined;
  #unresolved = 0;

  constructor(deps: ProjectorDeps) {
    this.#deps = deps;
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
    const upTo = planned ?? (await store.rangeAfter(at.position, RANGE_ITEMS_MAX));
    const facts = head.ledgerPosition !== at.ledgerPosition || head.separationPosition !== at.separationPosition;
    if (upTo === undefined && !facts && at.born) return undefined;
    const end = upTo ?? at.position;
    // The intent is durable before anything of the range leaves for the event store: a second attempt with another
    // boundary would double rows.
    const attempt = await store.begin(at, upTo);
    try {
      if (!at.born) await this.#bear(at, attempt);
      const entries = await readEntries(store, at.position, end);
      const deps = { ...this.#deps, known: this.#knownIn(at.generation), tellAll: at.lost };
      const done = await store.project((transaction) =>
        projectRange(transaction, deps, { at, upTo: end, entries, attempt }),
      );
      for (const { written, beyond } of done.changes) {
        this.#known.remember(written);
        this.#unresolved += beyond.length;
      }
      return done.items;
    } catch (fault) {
      this.#known.clear();
      throw fault;
    }
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

  /** Facts are never taken back within a life, so that what another process wrote meanwhile makes none of them wrong. */
  #knownIn(generation: string): KnownFacts {
    if (generation !== this.#generation) this.#known.clear();
    this.#generation = generation;
    return this.#known;
  }
}

async function readEntries(store: ProjectionStore, after: number, upTo: number): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = [];
  if (upTo === after) return entries;
  for await (const entry of store.journal(after, upTo)) entries.push({ ...entry, body: Buffer.from(entry.body) });
  return entries;
}
