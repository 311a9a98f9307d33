import { expect, test } from 'vitest';
import { ReadingTurns } from './reading-turns.ts';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('one body is read in each turn of the event loop, in the order of asking', async () => {
  const turns = new ReadingTurns();
  const read: string[] = [];
  const ask = async (name: string): Promise<void> => {
    await turns.next();
    read.push(name);
  };
  const all = ['a', 'b', 'c'].map(ask);
  expect(read).toEqual([]);
  await tick();
  expect(read).toEqual(['a']);
  await tick();
  expect(read).toEqual(['a', 'b']);
  all.push(ask('d'));
  await tick();
  expect(read).toEqual(['a', 'b', 'c']);
  await Promise.all(all);
  expect(read).toEqual(['a', 'b', 'c', 'd']);
  await turns.next();
});
