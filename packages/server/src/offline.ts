import { createProjector, type Replayed } from '@filrouge/pipeline';
import type { AccessStore, FlowReading, JournalHead } from '@filrouge/ports';
import { Accounts } from './access/accounts.ts';
import { ApiTokens } from './access/api-tokens.ts';
import { SourceKeys } from './access/source-keys.ts';
import { type ComposeOptions, compose } from './compose.ts';
import type { CaughtUp } from './second-place/catch-up.ts';
import { catchUpWith } from './second-place/catch-up-with.ts';

export type OfflineOptions = Pick<ComposeOptions, 'environment' | 'deployment' | 'onProgress' | 'restoring'>;

/** An installation opened by a command, without listening. Its data directory belongs to one process at a time. */
export type Offline = {
  readonly keys: SourceKeys;
  readonly tokens: ApiTokens;
  readonly accounts: Accounts;
  readonly access: AccessStore;
  readonly warnings: readonly string[];
  /** Projects everything that was accepted. */
  drain(): Promise<void>;
  /** One digest for each projection, by `engine.projection`, whatever the order in which it was built. */
  digest(): Promise<Readonly<Record<string, string>>>;
  /**
   * Throws all projections away and builds them again from journal and ledger. What `onProgress` throws ends it.
   * `ProjectedElsewhere`: on engines by URL a server projects at the same time. `SnapshotDamaged`: see `replayBase`.
   */
  replay(onProgress: (done: { readonly items: number }) => void): Promise<Replayed>;
  /** What `replay` would read, and from where; nothing is changed. Errors: `SnapshotDamaged`. */
  replayPlan(): Promise<Replayed>;
  flow(): Promise<FlowReading>;
  /** What people decided after a backup, from the second place of the consents, where there is one. See `catchUp`. */
  catchUp(): Promise<CaughtUp>;
  /** Where journal and ledger end. */
  head(): Promise<JournalHead>;
  close(): Promise<void>;
};

/** Opens the engines, brings their schemas up to date, and nothing else. Errors: those of `compose`. */
export async function openOffline(options: OfflineOptions): Promise<Offline> {
  let crashed: string | undefined;
  const engines = await compose({
    ...options,
    onCrash: (what) => {
      crashed = what;
    },
  });
  const { access, deployment, events, now, projections, reading, vault, warnings } = engines;
  const purposes = [...deployment.purposes.values()];
  const projector = createProjector({ store: projections, events, vault, purposes, now: engines.now });
  const alive = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (fault) {
      throw crashed === undefined ? fault : new Error(crashed, { cause: fault });
    }
  };
  return {
    keys: new SourceKeys(access, deployment, now),
    tokens: new ApiTokens(access, now),
    accounts: new Accounts(access, now),
    access,
    warnings,
    drain: () => alive(projector.drain()),
    digest: () =>
      alive(
        Promise.all([projections.digest(), events.digest()]).then(([rows, facts]) => ({
          ...prefixed('postgres', rows),
          ...prefixed('clickhouse', facts),
        })),
      ),
    replay: (onProgress) => alive(projector.replay(onProgress)),
    replayPlan: () => alive(projector.replayPlan()),
    flow: () => alive(reading.flow()),
    catchUp: () => alive(catchUpWith(engines, options.environment)),
    head: () => alive(projections.head()),
    close: () => engines.close(),
  };
}

function prefixed(engine: string, digests: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(digests).map(([name, digest]) => [`${engine}.${name}`, digest]));
}
