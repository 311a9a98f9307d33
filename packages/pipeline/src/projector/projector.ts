import type { BrandId } from '@filrouge/domain/deployment';
import type { SeparationFact } from '@filrouge/domain/identity';
import type { JournalHead, ProjectorPosition } from '@filrouge/ports';
import { type ProjectorDeps, RANGE_ITEMS_MAX, RangeSteps } from './range-steps.ts';

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
  const ranges = new RangeSteps(deps);
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };

  const drain = async (): Promise<void> => {
    const goal = await deps.store.head();
    for (;;) {
      const at = await deps.store.position();
      if (hasReached(at, goal)) return;
      if ((await ranges.step()) === undefined) return;
    }
  };

  return {
    get unresolved() {
      return ranges.unresolved;
    },
    step: () =>
      inTurn(async () => {
        const items = await ranges.step();
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
        ranges.forget();
        await deps.store.reset();
        const { generation } = await deps.store.position();
        await deps.events.reset(generation);
        let items = 0;
        for (let done = await ranges.step(); done !== undefined; done = await ranges.step()) {
          items += done;
          onProgress?.({ items, position: (await deps.store.position()).position });
        }
        return items;
      }),
    forget: () => ranges.forget(),
  };
}

/** Whether everything up to the goal is projected. */
export function hasReached(at: ProjectorPosition, goal: JournalHead): boolean {
  return (
    at.position >= goal.journalPosition &&
    at.ledgerPosition >= goal.ledgerPosition &&
    at.separationPosition >= goal.separationPosition
  );
}
