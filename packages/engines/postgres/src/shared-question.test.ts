import { EngineError } from '@filrouge/ports';
import { expect, test } from 'vitest';
import { SharedQuestion } from './shared-question.ts';

/** An engine whose statements end when they are told to; it notes what each was asked. */
function slowEngine(sizeOf?: (question: string) => number) {
  const statements: { readonly asked: readonly string[]; readonly end: PromiseWithResolvers<readonly string[]> }[] = [];
  const shared = new SharedQuestion<string, string>({
    askAll(asked) {
      const end = Promise.withResolvers<readonly string[]>();
      statements.push({ asked, end });
      return end.promise;
    },
    ...(sizeOf === undefined ? {} : { sizeOf }),
  });
  const asked = () => statements.map((statement) => statement.asked.join(''));
  const answer = (at: number): void => {
    const statement = statements[at];
    statement?.end.resolve(statement.asked.map((question) => `${question}${at}`));
  };
  const fail = (at: number, fault: Error): void => statements[at]?.end.reject(fault);
  return { shared, asked, answer, fail };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));
const outcomes = (settled: readonly PromiseSettledResult<string>[]): readonly string[] =>
  settled.map((one) => (one.status === 'fulfilled' ? one.value : 'rejected'));

test('who asks at one moment shares a statement, and each gets its own answer', async () => {
  const { shared, asked, answer } = slowEngine();
  const told = Promise.all(['a', 'b', 'c'].map((question) => shared.ask(question)));
  await turn();
  expect(asked()).toEqual(['abc']);
  answer(0);
  expect(await told).toEqual(['a0', 'b0', 'c0']);
});

test('two statements are under way at most; who comes meanwhile shares one that begins afterwards, so that nobody learns what has passed', async () => {
  const { shared, asked, answer } = slowEngine();
  const told: Promise<string>[] = [];
  for (const question of ['a', 'b', 'a', 'c']) {
    told.push(shared.ask(question));
    await turn();
  }
  expect(asked(), 'the second a does not wait for the first').toEqual(['a', 'b']);
  answer(1);
  await turn();
  expect(asked()).toEqual(['a', 'b', 'ac']);
  answer(2);
  answer(0);
  expect(await Promise.all(told)).toEqual(['a0', 'b1', 'a2', 'c2']);
  const last = shared.ask('d');
  await turn();
  answer(3);
  expect(await last).toBe('d3');
});

test('what an engine cannot do at all is told to all who share the statement, and only to those', async () => {
  for (const failure of ['unavailable', 'disk-full'] as const) {
    const { shared, asked, answer, fail } = slowEngine();
    const told = Promise.allSettled(['a', 'b'].map((question) => shared.ask(question)));
    await turn();
    const other = shared.ask('c');
    await turn();
    fail(0, new EngineError(failure, 'not now'));
    answer(1);
    expect(outcomes(await told)).toEqual(['rejected', 'rejected']);
    expect(await other).toBe('c1');
    expect(asked()).toEqual(['ab', 'c']);
  }
});

test('what one question may be at fault for is asked again one by one', async () => {
  for (const fault of [new EngineError('timeout', 'slow'), new EngineError('other', 'odd'), new Error('bug')]) {
    const { shared, asked, answer, fail } = slowEngine();
    const told = Promise.allSettled(['a', 'b', 'c'].map((question) => shared.ask(question)));
    await turn();
    fail(0, fault);
    await turn();
    answer(1);
    await turn();
    fail(2, fault);
    await turn();
    answer(3);
    expect(outcomes(await told)).toEqual(['a1', 'rejected', 'c3']);
    expect(asked()).toEqual(['abc', 'a', 'b', 'c']);
  }
});

test('a statement asks for so much and no more; what is larger is one of its own and holds up nobody', async () => {
  const { shared, asked, answer } = slowEngine((question) => (question === 'X' ? 201 : 80));
  const told = Promise.all(['a', 'X', 'b', 'c', 'd', 'e'].map((question) => shared.ask(question)));
  await turn();
  expect(asked()).toEqual(['X', 'ab', 'cd']);
  answer(1);
  await turn();
  expect(asked()).toEqual(['X', 'ab', 'cd', 'e']);
  for (const at of [0, 2, 3]) answer(at);
  expect(await told).toEqual(['a1', 'X0', 'b1', 'c2', 'd2', 'e3']);
});
