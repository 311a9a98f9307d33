import { DAY_MS, HOUR_MS, type Instant, instant } from '@filrouge/domain/base';
import { expect, test } from 'vitest';
import { dailyChores, type Forgetting } from './chores.ts';

const NOON = instant(Date.UTC(2026, 10, 22, 12));
const YEAR_2038 = instant(Date.UTC(2038, 0, 19, 3, 14, 8));

/** What was forgotten by a server whose journal holds receipts of these days before noon. */
async function forgotten(
  receivedDaysAgo: readonly number[],
  now: Instant,
  stoodMs: number,
): Promise<readonly string[]> {
  const done: string[] = [];
  const days = receivedDaysAgo.map((ago) => new Date(NOON - ago * DAY_MS).toISOString().slice(0, 10));
  const forgetting = {
    expire: async () => {
      done.push('ids');
      return { days: [], ids: 0 };
    },
    projections: {
      snapshots: {
        daysReceived: async (from: string, to: string) => days.filter((day) => from <= day && day <= to).length,
        horizon: async () => ({ prunedUpTo: 0, eldestDay: undefined }),
        prune: async () => {
          done.push('journal');
          return { days: [], snapshots: 0 };
        },
      },
    },
    events: {},
    journalDays: 60,
    now: () => now,
    stoodForMs: () => stoodMs,
  } as unknown as Forgetting;
  for (const { work } of dailyChores(forgetting)) await work();
  return done;
}

test('a server forgets by days on which something came in, from its start on', async () => {
  expect(await forgotten([0, 5, 34], NOON, 0)).toEqual(['ids', 'journal']);
});

test('where less came in it forgets once its clock has gone on for a day', async () => {
  expect(await forgotten([0, 5, 36], NOON, HOUR_MS)).toEqual([]);
  expect(await forgotten([], NOON, DAY_MS)).toEqual(['ids', 'journal']);
});

test('a clock that is in 2038 for some hours forgets nothing, though events come in meanwhile', async () => {
  const lived = Array.from({ length: 60 }, (_, ago) => ago);
  const meanwhile = (NOON - YEAR_2038) / DAY_MS;
  expect(await forgotten([...lived, meanwhile], YEAR_2038, HOUR_MS)).toEqual([]);
});
