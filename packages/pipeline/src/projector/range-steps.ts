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
  /** The last attempt may have reached the event store and not our own: so it is after a fault, and at the start. */
  #unsure = true;
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
    const { store, events } = this.#deps;
    const at = await store.position();
    const head = await store.head();
    const upTo = at.planned !== undefined && at.planned > at.position ? at.planned : await planNext(store, at.position);
    const facts = head.ledgerPosition !== at.ledgerPosition || head.separationPosition !== at.separationPosition;
    if (upTo === undefined && !facts) return undefined;
    const end = upTo ?? at.position;
    const entries = await readEntries(store, at.position, end);
    // A life in which nothing is committed begins with an empty event store: the replay that began it may have died here.
    if (this.#unsure && isUnborn(at)) await events.reset(at.generation);
    try {
      const deps = { ...this.#deps, known: this.#known, tellAll: this.#unsure };
      const done = await store.project((transaction) =>
        projectRange(transaction, deps, { at, upTo: end, entries, planned: undefined }),
      );
      this.#unsure = false;
      for (const { written, beyond } of done.changes) {
        this.#known.remember(written);
        this.#unresolved += beyond.length;
      }
      return done.items;
    } catch (fault) {
      this.#known.clear();
      this.#unsure = true;
      throw fault;
    }
  }

  /** After somebody else wrote to the store. */
  forget(): void {
    this.#known.clear();
  }
}

function isUnborn({ position, ledgerPosition, separationPosition }: ProjectorPosition): boolean {
  return position === 0 && ledgerPosition === 0 && separationPosition === 0;
}

/** The intent is durable before anything of the range leaves for the event store (another boundary after a crash would double rows). */
async function planNext(store: ProjectionStore, position: number): Promise<number | undefined> {
  const upTo = await store.rangeAfter(position, RANGE_ITEMS_MAX);
  if (upTo !== undefined) await store.plan(upTo);
  return upTo;
}

async function readEntries(store: ProjectionStore, after: number, upTo: number): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = [];
  if (upTo === after) return entries;
  for await (const entry of store.journal(after, upTo)) entries.push({ ...entry, body: Buffer.from(entry.body) });
  return entries;
}
