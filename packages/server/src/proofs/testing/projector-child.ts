import { createProjector } from '@filrouge/pipeline';
import type { EventStore, ProjectionStore } from '@filrouge/ports';
import { compose } from '../../compose.ts';
import { buildDeployment } from '../../config/build-deployment.ts';
import { readEnvironment } from '../../config/environment.ts';

/** Where in the projection of a range the process dies. */
export type CrashPoint =
  | 'before the events are written'
  | 'after the events are written'
  | 'after the map is written'
  | 'after the consent states are written'
  | 'before the commit'
  | 'after the commit';

// The body of the child: projects the journal of an installation and dies at its point, as if the power had gone.
const { config, directory, dieAt } = JSON.parse(process.env['PROOF_CHILD'] ?? '{}') as {
  readonly config: unknown;
  readonly directory: string;
  readonly dieAt: CrashPoint;
};

function at(point: CrashPoint): void {
  if (point === dieAt) process.kill(process.pid, 'SIGKILL');
}

function dyingEvents(events: EventStore): EventStore {
  return {
    ...events,
    async insertRange(range, rows) {
      at('before the events are written');
      await events.insertRange(range, rows);
      at('after the events are written');
    },
    async putThreadSpans(entries, version) {
      await events.putThreadSpans(entries, version);
      at('after the map is written');
    },
    async putConsentStates(entries, version) {
      await events.putConsentStates(entries, version);
      at('after the consent states are written');
    },
  };
}

function dyingStore(store: ProjectionStore): ProjectionStore {
  return {
    ...store,
    async project(work) {
      const done = await store.project(async (transaction) => {
        const result = await work(transaction);
        at('before the commit');
        return result;
      });
      at('after the commit');
      return done;
    },
  };
}

const engines = await compose({
  environment: readEnvironment({ FILROUGE_DATA_DIR: `${directory}/data` }, directory),
  deployment: buildDeployment(config, 'proof'),
  onProgress: () => undefined,
  onCrash: (what) => process.stderr.write(what),
});
const projector = createProjector({
  store: dyingStore(engines.projections),
  events: dyingEvents(engines.events),
  vault: engines.vault,
  purposes: [...engines.deployment.purposes.values()],
  now: engines.now,
});
await projector.drain();
// Reached only where the point does not lie on the way.
process.stdout.write('drained');
await engines.close();
