import { setTimeout as pause } from 'node:timers/promises';
import type { JournalHead, ProjectorPosition, Snapshot } from '@filrouge/ports';
import { HeldLease } from './held-lease.ts';
import { type ProjectorDeps, RANGE_ITEMS_MAX, RangeSteps } from './range-steps.ts';
import { replayBase } from './replay-base.ts';

export type Projector = {
  /**
   * How often, since the start, new facts met a part of the identity graph that is too large to be resolved. Above zero
   * some persons may stand as they stood: a value that many share is not blocked yet, or somebody floods it.
   */
  readonly unresolved: number;
  /**
   * Projects one range. `full`: more is likely to wait; `none`: there was nothing to do; `standby`: another process
   * has the right to project. This one keeps it from then on, until `release` or a fault.
   */
  step(): Promise<'full' | 'some' | 'none' | 'standby'>;
  /** Returns when journal, ledger and separations are projected up to where they stand now, by whichever process. */
  drain(): Promise<void>;
  /**
   * Throws all projections away and builds them again: from the journal's beginning, or where that is not kept any more
   * from the eldest snapshot that is whole and the journal after it. Throws `ProjectedElsewhere` while another process
   * has the right to project, `SnapshotDamaged` where there is none to begin from; nothing is thrown away then.
   */
  replay(onProgress?: (done: { readonly items: number; readonly position: number }) => void): Promise<Replayed>;
  /** What `replay` would read, and from where; nothing is changed. Throws `SnapshotDamaged` where it would. */
  replayPlan(): Promise<Replayed>;
  /** Lets another process project. */
  release(): Promise<void>;
};

/** How many items were read from the journal, and the snapshot that stands for what is before them. */
export type Replayed = { readonly items: number; readonly from?: Snapshot };

/** Its message is a sentence for the operator. */
export class ProjectedElsewhere extends Error {
  override readonly name = 'ProjectedElsewhere';
}

/** How often one that stands by looks whether the other has got there. Unit: ms. */
const LOOK_MS = 50;

/**
 * The one reader that turns journal and ledger into everything else. Steps follow each other; two never overlap, in
 * this process by turns, among several by a lease. After a fault the lease goes: another process may fare better.
 */
export function createProjector(deps: ProjectorDeps): Projector {
  const { store, events } = deps;
  const ranges = new RangeSteps(deps);
  const lease = new HeldLease(store);

  const drain = async (): Promise<void> => {
    const goal = await store.head();
    for (;;) {
      if (hasReached(await store.position(), goal) && (await store.head()).undoing === undefined) return;
      if (!(await lease.hold())) await pause(LOOK_MS);
      else if ((await ranges.step()) === undefined) return;
    }
  };

  const replay = async (onProgress: Parameters<Projector['replay']>[0]): Promise<Replayed> => {
    if (!(await lease.hold())) {
      throw new ProjectedElsewhere('another process projects this installation');
    }
    const from = await replayBase(store.snapshots, events);
    await store.reset(from);
    let items = 0;
    for (let done = await ranges.step(); done !== undefined; done = await ranges.step()) {
      items += done;
      onProgress?.({ items, position: (await store.position()).position });
    }
    return { items, ...(from === undefined ? {} : { from }) };
  };

  const replayPlan = async (): Promise<Replayed> => {
    const from = await replayBase(store.snapshots, events);
    const { journalPosition } = await store.head();
    const items = await store.itemsBetween(from?.position ?? 0, journalPosition);
    return { items, ...(from === undefined ? {} : { from }) };
  };

  return {
    get unresolved() {
      return ranges.unresolved;
    },
    step: () =>
      lease.keeping(async () => {
        if (!(await lease.hold())) {
          await ranges.idle();
          return 'standby';
        }
        const items = await ranges.step();
        if (items === undefined) return 'none';
        return items >= RANGE_ITEMS_MAX / 2 ? 'full' : 'some';
      }),
    drain: () => lease.borrowing(drain),
    replay: (onProgress) => lease.borrowing(() => replay(onProgress)),
    replayPlan,
    release: () =>
      lease.keeping(async () => {
        await ranges.idle();
        await lease.release();
      }),
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
