import { describe, expect, test } from 'vitest';
import { GROUP_ITEMS_MAX, GroupCommit, Overloaded, SHARED_GROUP_ITEMS_MAX, WAITING_ITEMS_MAX } from './group-commit.ts';

type Work = {
  readonly name: string;
  readonly size?: number;
  readonly lane?: string;
  readonly fails?: 'poison' | 'engine' | 'early';
};

/** A queue whose commits can be held back; it notes the groups it was given. */
function queueOf(held?: Promise<void>) {
  const groups: string[][] = [];
  const queue = new GroupCommit<Work, Work, string>({
    prepare(one) {
      if (one.fails === 'early') throw new Error('early');
      return one;
    },
    async commit(group) {
      groups.push(group.map(({ name }) => name));
      if (groups.length === 1) await held;
      for (const { fails } of group) if (fails !== undefined) throw new Error(fails);
      return group.map(({ name }) => `done ${name}`);
    },
    sizeOf: ({ size }) => size ?? 1,
    laneOf: ({ lane }) => lane ?? '',
    isWhole: (fault) => fault instanceof Error && fault.message === 'engine',
  });
  return { queue, groups };
}

const work = (name: string, said: Partial<Work> = {}): Work => ({ name, ...said });

describe('one writer, many callers', () => {
  test('many callers of one moment are one commit, and each gets its own answer', async () => {
    const { queue, groups } = queueOf();
    const answers = await Promise.all(['a', 'b', 'c'].map((name) => queue.submit(work(name))));
    expect(answers).toEqual(['done a', 'done b', 'done c']);
    expect(groups).toEqual([['a', 'b', 'c']]);
  });

  test('who comes during a commit is in the next, in the order of arrival', async () => {
    const gate = Promise.withResolvers<void>();
    const { queue, groups } = queueOf(gate.promise);
    const first = queue.submit(work('a'));
    await Promise.resolve();
    await Promise.resolve();
    const later = ['b', 'c'].map((name) => queue.submit(work(name)));
    expect(groups).toEqual([['a']]);
    gate.resolve();
    expect(await Promise.all([first, ...later])).toEqual(['done a', 'done b', 'done c']);
    expect(groups).toEqual([['a'], ['b', 'c']]);
  });

  test('G9 one poisonous member is refused alone; the others are committed one by one', async () => {
    const { queue, groups } = queueOf();
    const answers = await Promise.allSettled([
      queue.submit(work('a')),
      queue.submit(work('b', { fails: 'poison' })),
      queue.submit(work('c')),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(groups).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']]);
  });

  test('G9 what cannot even be prepared is refused alone, and nobody else is tried again for it', async () => {
    const { queue, groups } = queueOf();
    const answers = await Promise.allSettled([
      queue.submit(work('a')),
      queue.submit(work('b', { fails: 'early' })),
      queue.submit(work('c')),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(groups).toEqual([['a', 'c']]);
    expect(queue.waiting).toBe(0);
  });

  test('a fault of the engine is told to all at once, and the next group is tried', async () => {
    const { queue, groups } = queueOf();
    const lost = await Promise.allSettled([queue.submit(work('a')), queue.submit(work('b', { fails: 'engine' }))]);
    expect(lost.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(groups).toEqual([['a', 'b']]);
    expect(await queue.submit(work('c'))).toBe('done c');
  });

  test('a full queue answers Overloaded, loses nothing that waits, and takes work again afterwards', async () => {
    const gate = Promise.withResolvers<void>();
    const { queue } = queueOf(gate.promise);
    const first = queue.submit(work('a'));
    await Promise.resolve();
    await Promise.resolve();
    const waiting = queue.submit(work('b', { size: WAITING_ITEMS_MAX }));
    expect(queue.waiting).toBe(WAITING_ITEMS_MAX);
    await expect(queue.submit(work('c'))).rejects.toBeInstanceOf(Overloaded);
    gate.resolve();
    expect(await Promise.all([first, waiting])).toEqual(['done a', 'done b']);
    expect(await queue.submit(work('d'))).toBe('done d');
    expect(queue.waiting).toBe(0);
  });

  test('exactly as much as may wait is taken', async () => {
    const { queue } = queueOf();
    const answers = [
      queue.submit(work('a', { size: WAITING_ITEMS_MAX - 1 })),
      queue.submit(work('b', { size: 1 })),
      queue.submit(work('c', { size: 1 })).catch((fault: unknown) => fault),
    ];
    expect((await Promise.all(answers))[2]).toBeInstanceOf(Overloaded);
    expect(await Promise.all(answers.slice(0, 2))).toEqual(['done a', 'done b']);
  });

  test('one submission above every limit is committed alone, not refused for ever', async () => {
    const { queue, groups } = queueOf();
    const big = queue.submit(work('a', { size: WAITING_ITEMS_MAX + 1 }));
    expect(await big).toBe('done a');
    expect(groups).toEqual([['a']]);
  });

  test('a group takes whole submissions up to its limit, the rest is the next group', async () => {
    const { queue, groups } = queueOf();
    const half = GROUP_ITEMS_MAX / 2;
    await Promise.all(['a', 'b', 'c'].map((name) => queue.submit(work(name, { size: half }))));
    expect(groups).toEqual([['a', 'b'], ['c']]);
  });

  test('G18 while much waits the lanes take turns: who has little is in the next group, whoever came first', async () => {
    const { queue, groups } = queueOf();
    const some = SHARED_GROUP_ITEMS_MAX / 4;
    const flood = Array.from({ length: 6 }, (_, at) => queue.submit(work(`flood ${at}`, { size: some, lane: 'a' })));
    const small = ['small 0', 'small 1'].map((name) => queue.submit(work(name, { lane: 'b' })));
    await Promise.all([...flood, ...small]);
    expect(groups).toEqual([
      ['flood 0', 'flood 1', 'flood 2', 'small 0', 'small 1'],
      ['flood 3', 'flood 4', 'flood 5'],
    ]);
  });

  test('G18 a queue that one lane has filled takes the first of another', async () => {
    const gate = Promise.withResolvers<void>();
    const { queue, groups } = queueOf(gate.promise);
    const first = queue.submit(work('a'));
    await Promise.resolve();
    await Promise.resolve();
    const full = queue.submit(work('flood', { size: WAITING_ITEMS_MAX, lane: 'a' }));
    const other = queue.submit(work('small', { lane: 'b' }));
    await expect(queue.submit(work('more', { lane: 'a' }))).rejects.toBeInstanceOf(Overloaded);
    await expect(queue.submit(work('second', { lane: 'b' }))).rejects.toBeInstanceOf(Overloaded);
    gate.resolve();
    expect(await Promise.all([first, full, other])).toEqual(['done a', 'done flood', 'done small']);
    expect(groups).toEqual([['a'], ['flood'], ['small']]);
  });

  test('the next group begins when the one before it has written, and idle waits for both', async () => {
    const groups: string[][] = [];
    const commits = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const queue = new GroupCommit<string, string, string>({
      prepare: (name) => name,
      async commit(group, written) {
        const commit = commits[groups.length];
        groups.push([...group]);
        await Promise.resolve();
        if (groups.length === 1) written();
        await commit?.promise;
        return group.map((name) => `done ${name}`);
      },
      sizeOf: () => 1,
      isWhole: () => true,
    });
    const first = queue.submit('a');
    await new Promise((resolve) => setImmediate(resolve));
    const second = queue.submit('b');
    await new Promise((resolve) => setImmediate(resolve));
    expect(groups).toEqual([['a'], ['b']]);
    // The second wrote nothing yet: a third waits for its end.
    const third = queue.submit('c');
    await new Promise((resolve) => setImmediate(resolve));
    expect(groups).toEqual([['a'], ['b']]);
    let idle = false;
    const end = queue.idle().then(() => {
      idle = true;
    });
    commits[1]?.resolve();
    expect(await Promise.all([second, third])).toEqual(['done b', 'done c']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(idle).toBe(false);
    commits[0]?.resolve();
    expect(await first).toBe('done a');
    await end;
  });

  test('idle resolves when everything is settled, at once when nothing waits', async () => {
    const gate = Promise.withResolvers<void>();
    const { queue } = queueOf(gate.promise);
    await queue.idle();
    let settled = false;
    const answer = queue.submit(work('a')).then(() => {
      settled = true;
    });
    const idle = queue.idle();
    gate.resolve();
    await idle;
    await answer;
    expect(settled).toBe(true);
    expect(queue.waiting).toBe(0);
  });
});
