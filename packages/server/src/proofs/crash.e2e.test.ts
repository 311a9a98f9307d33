import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DAY_MS, MINUTE_MS } from '@filrouge/domain/base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildDeployment } from '../config/build-deployment.ts';
import { readEnvironment } from '../config/environment.ts';
import { openOffline } from '../offline.ts';
import { timed, yesOfEverybody } from './testing/arrival-orders.ts';
import { openInstallation } from './testing/installation.ts';
import { openStores } from './testing/opened-stores.ts';
import type { CrashPoint } from './testing/projector-child.ts';
import { deliver, makeRetailer, RETAILER } from './testing/retailer.ts';

const copy = promisify(execFile);

/** In the order in which a range passes them: each leaves the range to be tried again, the last one does not. */
const POINTS: readonly CrashPoint[] = [
  'before the events are written',
  'after the events are written',
  'after the map is written',
  'after the consent states are written',
  'before the commit',
  'after the commit',
];

type Projected = {
  readonly digests: Readonly<Record<string, string>>;
  readonly rows: number;
  readonly events: number;
  readonly kept: number;
};

describe('kill -9 in the middle of projecting (invariant 3)', () => {
  let undisturbed: string;
  let killed: string;
  let expected: Projected;

  beforeAll(async () => {
    const now = Date.now();
    const settings = { seed: 21, shoppers: 60, days: 40, until: now - MINUTE_MS };
    console.info(`crash: ${JSON.stringify(settings)}`);
    const retailer = await makeRetailer(settings, now);
    // No role projects: the journal waits.
    const house = await openInstallation({ config: RETAILER, roles: 'collect' });
    undisturbed = house.directory;
    await deliver(house, yesOfEverybody(retailer, now - 42 * DAY_MS), 8);
    await deliver(house, [...retailer.imports, ...timed(retailer.calls, now), ...retailer.consents], 4);
    await house.stop();
    killed = await mkdtemp(join(tmpdir(), 'filrouge-killed-'));
    // With owners: as root, the database's files belong to an account of their own.
    await copy('cp', ['-a', `${undisturbed}/.`, killed]);
    expected = await project(undisturbed);
  });

  afterAll(async () => {
    for (const directory of [undisturbed, killed]) await rm(directory, { recursive: true, force: true });
  });

  test('at every point, several times on one range: the digests of an undisturbed run, and no event twice', async () => {
    expect(expected.kept).toBeGreaterThan(300);
    for (const point of POINTS) {
      const { signal, printed } = await dieAt(killed, point);
      expect(signal, `${point}: ${printed}`).toBe('SIGKILL');
    }
    const found = await project(killed);
    expect(found).toEqual(expected);
    expect(found.rows).toBe(found.events);
    expect(found.events).toBe(found.kept);
  });
});

async function dieAt(
  directory: string,
  point: CrashPoint,
): Promise<{ readonly signal: string | null; readonly printed: string }> {
  const child = fork(new URL('testing/projector-child.ts', import.meta.url), {
    execArgv: [],
    env: { ...process.env, PROOF_CHILD: JSON.stringify({ config: RETAILER, directory, dieAt: point }) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (piece: Buffer) => (printed += piece.toString()));
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return { signal, printed };
}

/** Projects whatever waits, and says what came of it; rows are counted as they lie, before any merge takes doubles out. */
async function project(directory: string): Promise<Projected> {
  const offline = await openOffline({
    environment: readEnvironment({ FILROUGE_DATA_DIR: join(directory, 'data') }, directory),
    deployment: buildDeployment(RETAILER, 'proof'),
    onProgress: () => undefined,
  });
  let digests: Projected['digests'];
  let kept: number;
  try {
    await offline.drain();
    digests = await offline.digest();
    const flow = await offline.flow();
    expect(flow.pending).toBe(0);
    kept = flow.kept;
  } finally {
    await offline.close();
  }
  const stores = await openStores(join(directory, 'data'));
  try {
    const query = 'select count() as rows, uniqExact(event_id) as events from event';
    const [counts] = await (await stores.events.query({ query, format: 'JSONEachRow' })).json<Record<string, string>>();
    return { digests, kept, rows: Number(counts?.['rows']), events: Number(counts?.['events']) };
  } finally {
    await stores.close();
  }
}
