import { expect, test } from 'vitest';
import { closeAll } from './close-all.ts';

test('what cannot be closed is told, and keeps nothing else open', async () => {
  const closed: string[] = [];
  const step =
    (name: string, fails = false) =>
    async () => {
      closed.push(name);
      if (fails) throw new Error(`${name} does not close`);
    };
  const closing = closeAll([step('a'), step('b', true), () => undefined, step('c', true), step('d')]);
  await expect(closing).rejects.toThrow('b does not close');
  expect(closed).toEqual(['a', 'b', 'c', 'd']);
});
