import type { Purpose } from '@filrouge/domain/consent';
import type { BrandId } from '@filrouge/domain/deployment';
import type { SeparationFact } from '@filrouge/domain/identity';
import type { EventStore, JournalEntry, JournalHead, ProjectionStore, ProjectorPosition, Vault } from '@filrouge/ports';
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

export type Projector = {
  /**
   * How often, since the start, new facts met a part of the identity graph that is too large to be resolved. Above zero
   * some persons may stand as they stood: a value that many share is not blocked yet, or somebody floods it.
   */
  readonly unresolved: number;
  /** Projects one range. `full`: more is likely to wait; `none`: there was nothing to do. */
  step(): Promise<'full' | 'some' | 'none'>;
  /** Projects until journal, ledger and separations are drained up to where they stand now. */
  drain(): Promise<void>;
  /**
   * Writes down that two identifiers are not one person, or may be again (S13), and projects until it holds. Once
   * written it is taken in like any other fact: a fault on the way is tried again by the next step.
   */
  separate(brand: BrandId, separation: SeparationFact & { readonly reason: string }): Promise<void>;
  /** Throws all projections away, builds them again from the journal, and answers how many items that were. */
  replay(onProgress?: (done: { readonly items: number; readonly position: number }) => void): Promise<number>;
  /** Forgets what memory holds of the store, after somebody else wrote to it. */
  forget(): void;
};

/** The one reader that turns journal and ledger into everything else. Steps follow each other; two never overlap. */
export function createProjector(deps: ProjectorDeps): Projector {
  const known = new KnownFacts();
  // Whether the last attempt may have reached the event store and not our own: so it is after a fault, and at the start.
  let unsure = true;
  let unresolved = 0;
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };

  const step = async (): Promise<number | undefined> => {
    const { store } = deps;
    const at = await store.position();
    const head = await store.head();
    const upTo = at.planned !== undefined && at.planned > at.position ? at.planned : await planNext(store, at.position);
    const facts = head.ledgerPosition !== at.ledgerPosition || head.separationPosition !== at.separationPosition;
    if (upTo === undefined && !facts) return undefined;
    const end = upTo ?? at.position;
    const entries = await readEntries(store, at.position, end);
    // A life in which nothing is committed begins with an empty event store: the replay that began it may have died here.
    if (unsure && isUnborn(at)) await deps.events.reset(at.generation);
    try {
      const done = await store.project((transaction) =>
        projectRange(transaction, { ...deps, known, tellAll: unsure }, { at, upTo: end, entries, planned: undefined }),
      );
      unsure = false;
      for (const { written, beyond } of done.changes) {
        known.remember(written);
        unresolved += beyond.length;
      }
      return done.items;
    } catch (fault) {
      known.clear();
      unsure = true;
      throw fault;
    }
  };

  const drain = async (): Promise<void> => {
    const goal = await deps.store.head();
    for (;;) {
      const at = await deps.store.position();
      if (hasReached(at, goal)) return;
      if ((await step()) === undefined) return;
    }
  };

  return {
    get unresolved() {
      return unresolved;
    },
    step: () =>
      inTurn(async () => {
        const items = await step();
        if (items === undefined) return 'none';
        return items >= RANGE_ITEMS_MAX / 2 ? 'full' : 'some';
      }),
    drain: () => inTurn(drain),
    separate: (brand, separation) =>
      inTurn(async () => {
        await deps.store.project((transaction) => transaction.putSeparation(brand, separation));
        await drain();
      }),
    replay: (onProgress) =>
      inTurn(async () => {
        known.clear();
        await deps.store.reset();
        const { generation } = await deps.store.position();
        await deps.events.reset(generation);
        let items = 0;
        for (let done = await step(); done !== undefined; done = await step()) {
          items += done;
          onProgress?.({ items, position: (await deps.store.position()).position });
        }
        return items;
      }),
    forget: () => known.clear(),
  };
}

function isUnborn({ position, ledgerPosition, separationPosition }: ProjectorPosition): boolean {
  return position === 0 && ledgerPosition === 0 && separationPosition === 0;
}

/** Whether everything up to the goal is projected. */
export function hasReached(at: ProjectorPosition, goal: JournalHead): boolean {
  return (
    at.position >= goal.journalPosition &&
    at.ledgerPosition >= goal.ledgerPosition &&
    at.separationPosition >= goal.separationPosition
  );
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
