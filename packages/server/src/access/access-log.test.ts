import { type Instant, instant } from '@filrouge/domain/base';
import { type AccessEntry, EngineError } from '@filrouge/ports';
import { expect, test } from 'vitest';
import { AccessLog } from './access-log.ts';

const NOW: Instant = instant(1_763_726_400_000);
const line = (subject: string): AccessEntry => ({ at: NOW, actor: 'tok_1', action: 'profile', subject, outcome: 'ok' });

/** An engine that ends its commits as it is told to, and notes what each was to write. */
function slowEngine() {
  const groups: string[][] = [];
  const commits: PromiseWithResolvers<void>[] = [];
  const log = (entries: readonly AccessEntry[]): Promise<void> => {
    groups.push(entries.map(({ subject = '' }) => subject));
    const commit = Promise.withResolvers<void>();
    commits.push(commit);
    return commit.promise;
  };
  return { groups, commits, log };
}

const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('S10: looks that wait at one moment share a commit, in their order, and none goes on before its own line is on disk', async () => {
  const engine = slowEngine();
  const accessLog = new AccessLog(engine);
  const gone: string[] = [];
  const look = (subject: string) => accessLog.write(line(subject)).then(() => gone.push(subject));
  const looks = ['a', 'b'].map(look);
  await turns();
  for (const subject of ['c', 'd', 'e', 'f', 'g', 'h']) {
    looks.push(look(subject));
    await turns();
  }
  expect(engine.groups, 'four commits are under way').toEqual([['a', 'b'], ['c'], ['d'], ['e']]);
  expect(gone).toEqual([]);
  engine.commits[2]?.resolve();
  await turns();
  expect(gone, 'each goes on with its own').toEqual(['d']);
  expect(engine.groups.slice(4)).toEqual([['f', 'g', 'h']]);
  engine.commits[0]?.resolve();
  await turns();
  expect(gone).toEqual(['d', 'a', 'b']);
  for (const at of [1, 3, 4]) engine.commits[at]?.resolve();
  await Promise.all(looks);
  expect(gone.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
});

test('S10: where the log cannot be written all of that commit learn so at once, and only those', async () => {
  for (const failure of ['unavailable', 'outcome-unknown', 'disk-full', 'timeout'] as const) {
    const engine = slowEngine();
    const accessLog = new AccessLog(engine);
    const first = Promise.allSettled([accessLog.write(line('a')), accessLog.write(line('b'))]);
    await turns();
    const later = Promise.allSettled([accessLog.write(line('c')), accessLog.write(line('d'))]);
    engine.commits[0]?.reject(new EngineError(failure, 'not now'));
    expect((await first).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await turns();
    expect(engine.groups, failure).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    engine.commits[1]?.resolve();
    expect((await later).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  }
});

test('S10: a line that the engine does not take is refused alone; the others are written one by one', async () => {
  const written: string[] = [];
  const accessLog = new AccessLog({
    async log(entries) {
      if (entries.some(({ subject }) => subject === 'bad')) throw new EngineError('other', 'not this');
      written.push(...entries.map(({ subject = '' }) => subject));
    },
  });
  const told = await Promise.allSettled(['a', 'bad', 'c'].map((subject) => accessLog.write(line(subject))));
  expect(told.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(written).toEqual(['a', 'c']);
});
