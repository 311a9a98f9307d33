import { instant } from '@filrouge/domain/base';
import { createMemoryEventStore, createMemoryVault, EngineError, type EngineFailure } from '@filrouge/ports';
import { expect, test } from 'vitest';
import { createReadiness, type ReadinessParts } from './readiness.ts';

const working = (): ReadinessParts => ({
  canary: async () => undefined,
  events: createMemoryEventStore(),
  vault: createMemoryVault(),
  lag: async () => ({ commits: 0, seconds: 0 }),
  work: async () => ({ fault: undefined, standsBy: false }),
  disk: async () => ({ mode: 'open', freeBytes: 1e9 }),
  copied: () => undefined,
  now: () => instant(1_763_726_400_000),
});

test('ready while every part works', async () => {
  expect(await createReadiness(working())()).toEqual({
    ready: true,
    parts: { postgres: 'ok', clickhouse: 'ok', vault: 'ok', disk: 'ok', projector: 'ok' },
  });
});

test('a process whose projector stands by says so, and is ready to take over and to answer', async () => {
  const standing: ReadinessParts = { ...working(), work: async () => ({ fault: undefined, standsBy: true }) };
  const { ready, parts: found } = await createReadiness(standing)();
  expect([ready, found['projector']]).toEqual([true, 'stands by']);
  const behind = await createReadiness({ ...standing, lag: async () => ({ commits: 3, seconds: 61 }) })();
  expect([behind.ready, behind.parts['projector']], 'nobody projects').toEqual([false, '61 s behind']);
});

test('G4: a full disk is told and leaves the server ready: refusals must still find it', async () => {
  const full = (mode: 'closed' | 'halted') => async () => ({ mode, freeBytes: 0 });
  const late = { lag: async () => ({ commits: 3, seconds: 61 }) };
  const told = async (more: Partial<ReadinessParts>) => {
    const { ready, parts: found } = await createReadiness({ ...working(), ...more })();
    return [ready, found['disk'], found['projector']];
  };
  const closed = 'nearly full: no events, files or exports are taken';
  expect(await told({ disk: full('closed') })).toEqual([true, closed, 'ok']);
  expect(await told({ disk: full('closed'), ...late })).toEqual([false, closed, '61 s behind']);
  const halted = 'full: nothing but refusals is taken, projecting waits';
  expect(await told({ disk: full('halted'), ...late })).toEqual([true, halted, 'waits for space on the disk']);
});

test('G19: a second place of the consents that cannot be written is told and leaves the server ready', async () => {
  for (const [copied, says] of [[true, 'ok'] as const, [false, 'behind: the log says why'] as const]) {
    const { ready, parts: found } = await createReadiness({ ...working(), copied: () => copied })();
    expect([ready, found['consents']]).toEqual([true, says]);
  }
});

const rejects = (failure: EngineFailure) => () =>
  Promise.reject(new EngineError(failure, 'at 10.0.0.1: select secret'));
const parts: readonly (readonly [part: string, broken: Partial<ReadinessParts>, says: string])[] = [
  ['postgres', { canary: rejects('unavailable') }, 'away: it cannot be reached'],
  ['postgres', { canary: rejects('outcome-unknown') }, 'away: it cannot be reached'],
  ['postgres', { canary: rejects('other') }, 'other'],
  [
    'projector',
    { work: async () => ({ fault: 'EngineError: at 10.0.0.1', standsBy: false }) },
    'its last step failed; the log says why',
  ],
  ['projector', { lag: async () => ({ commits: 3, seconds: 61 }) }, '61 s behind'],
];

test.each(parts)('%s alone is named, and nothing of its inside', async (part, broken, says) => {
  const { ready, parts: found } = await createReadiness({ ...working(), ...broken })();
  expect(ready).toBe(false);
  expect(Object.entries(found).filter(([, outcome]) => outcome !== 'ok')).toEqual([[part, says]]);
});

test('anybody may ask, so that many who ask at once cost one check', async () => {
  let writes = 0;
  const readiness = createReadiness({
    ...working(),
    canary: async () => {
      writes += 1;
    },
  });
  await Promise.all(Array.from({ length: 20 }, () => readiness()));
  expect(writes).toBe(1);
});
