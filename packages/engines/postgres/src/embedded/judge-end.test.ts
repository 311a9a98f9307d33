import { expect, test } from 'vitest';
import { judgeEnd, judgeStart, type ServerEnd, tellingPart } from './judge-end.ts';

const KILLED = `2026-11-22 21:00:00.000 UTC [7]  LOG:  server process (PID 9) was terminated by signal 9: Killed
2026-11-22 21:00:00.000 UTC [7]  LOG:  terminating any other active server processes
2026-11-22 21:00:00.010 UTC [7]  LOG:  shutting down because "restart_after_crash" is off
`;
const SYNC_FAILED = `2026-11-22 21:00:00.000 UTC [9] filrouge door PANIC:  could not fsync file "000000010000000000000001": Input/output error
2026-11-22 21:00:00.001 UTC [7]  LOG:  server process (PID 9) was terminated by signal 6: Aborted
`;
const WORDS_OF_CALLERS =
  '2026-11-22 21:00:00.002 UTC [8] filrouge reading FATAL:  the database system is shutting down\n';

const rows: readonly (readonly [string, Partial<ServerEnd>, ReturnType<typeof judgeEnd>['kind'], cause: RegExp])[] = [
  ['the postmaster was killed', { signal: 'SIGKILL' }, 'start-again', /signal SIGKILL/],
  ['a backend was killed', { exitCode: 1, said: KILLED }, 'start-again', /signal 9 ended a process of its/],
  [
    'somebody stopped it at once',
    { exitCode: 0, said: 'LOG:  received immediate shutdown request' },
    'start-again',
    /asked it to \(immediate\)/,
  ],
  ['one that was adopted is gone', {}, 'start-again', /gone/],
  ['a sync failed', { exitCode: 1, said: SYNC_FAILED }, 'stay-down', /disk/],
  [
    'a sync failed, and many tried to connect',
    { exitCode: 1, said: SYNC_FAILED + WORDS_OF_CALLERS.repeat(500) },
    'stay-down',
    /disk/,
  ],
  ['a sync failed under an adopted one', { said: SYNC_FAILED }, 'stay-down', /disk/],
  ['the postmaster itself gave up', { signal: 'SIGABRT' }, 'stay-down', /disk/],
  ['its last words are lost', { exitCode: 1, said: '' }, 'stay-down', /does not say why/],
];

test.each(rows)('%s', (_what, end, kind, cause) => {
  const verdict = judgeEnd({ exitCode: undefined, signal: undefined, said: '', ...end });
  expect(verdict.kind).toBe(kind);
  expect(verdict.cause).toMatch(cause);
});

test('a start that failed may be tried again, but not where the disk is full or broken', () => {
  expect(judgeStart('FATAL:  could not create shared memory segment')).toBe('unavailable');
  expect(judgeStart('FATAL:  could not write lock file "postmaster.pid": No space left on device')).toBe('disk-full');
  expect(judgeStart('PANIC:  could not locate a valid checkpoint record')).toBe('other');
  expect(judgeStart('FATAL:  could not read file "pg_wal/1": Input/output error')).toBe('other');
});

test('the operator is told the PANIC, however much was written after it', () => {
  const told = tellingPart(WORDS_OF_CALLERS + SYNC_FAILED + WORDS_OF_CALLERS.repeat(500));
  expect(told).toMatch(/^2026-11-22 21:00:00.000 UTC \[9\] filrouge door PANIC: .*Input\/output error/);
  expect(told.length).toBeLessThanOrEqual(2_000);
  expect(tellingPart(KILLED)).toBe(KILLED.trim());
});
