import { describe, expect, test } from 'vitest';
import { type Pause, withPatience } from './patience.ts';
import type { Answer } from './poster.ts';

type Outcome = Answer | Error;

async function attempt(outcomes: readonly Outcome[], heard = true, signal = new AbortController().signal) {
  const pauses: number[] = [];
  let tries = 0;
  const answer = await withPatience(
    async () => {
      const outcome = outcomes[Math.min(tries++, outcomes.length - 1)] as Outcome;
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
    { signal, heard: () => heard, chance: () => 0.5, pause: async (ms) => void pauses.push(ms) },
  ).catch((fault: unknown) => fault);
  return { answer, pauses, tries };
}

const good: Answer = { status: 200, body: '' };
const down = new Error('ECONNREFUSED');

describe('a request is repeated', () => {
  test.each([
    ['after 429', [{ status: 429, body: '' }, good], [250]],
    ['after 503, as long as the server asked', [{ status: 503, body: '', retryAfterSeconds: 3 }, good], [3_150]],
    ['after an asked hour, a minute', [{ status: 429, body: '', retryAfterSeconds: 3_600 }, good], [63_000]],
    [
      'after 500 and 502, with growing pauses',
      [{ status: 500, body: '' }, { status: 502, body: '' }, good],
      [250, 500],
    ],
    ['when the network failed', [down, down, good], [250, 500]],
  ])('%s', async (_, outcomes, pauses) => {
    expect(await attempt(outcomes)).toEqual({ answer: good, pauses, tries: outcomes.length });
  });

  test.each([400, 401, 403, 404, 413])('%i is an answer and not repeated', async (status) => {
    expect(await attempt([{ status, body: '' }])).toEqual({ answer: { status, body: '' }, pauses: [], tries: 1 });
  });

  test('not for ever: the ninth answer stands', async () => {
    const { answer, tries } = await attempt([{ status: 503, body: 'still' }]);
    expect(answer).toEqual({ status: 503, body: 'still' });
    expect(tries).toBe(9);
  });

  test('a server that nobody heard of is given up after three', async () => {
    expect(await attempt([down], false)).toMatchObject({ answer: down, tries: 3 });
  });

  test('each pause is told before it: how often still, and until when', async () => {
    const pauses: Pause[] = [];
    await withPatience(() => Promise.reject(down), {
      signal: new AbortController().signal,
      heard: () => true,
      chance: () => 0.5,
      pause: async () => undefined,
      onPause: (pause) => pauses.push(pause),
    }).catch(() => undefined);
    expect(pauses.map(({ tries, triesMax, ms, msLeft }) => [tries, triesMax, ms, msLeft])).toEqual([
      [1, 9, 250, 60_750],
      [2, 9, 500, 60_500],
      [3, 9, 1_000, 60_000],
      [4, 9, 2_000, 59_000],
      [5, 9, 4_000, 57_000],
      [6, 9, 8_000, 53_000],
      [7, 9, 15_000, 45_000],
      [8, 9, 30_000, 30_000],
    ]);
  });

  test('not after the stop signal', async () => {
    const stop = new AbortController();
    stop.abort();
    expect(await attempt([{ status: 503, body: '' }], true, stop.signal)).toMatchObject({
      tries: 1,
      answer: { name: 'AbortError' },
    });
  });
});
