import { EngineError } from '@filrouge/ports';
import { describeAccessStore, NOON } from '@filrouge/ports/testing';
import { expect, test } from 'vitest';
import { openPostgresStores } from '../testing/index.ts';

describeAccessStore('access store on PostgreSQL', openPostgresStores);

test('S10: of lines that are written together all are on record or none, whichever of them is not taken', async () => {
  const { access, logged, close } = await openPostgresStores();
  const line = (actor: string) => ({ at: NOON, actor, action: 'profile', outcome: 'ok' });
  for (const at of [0, 1, 2]) {
    const lines = ['a', 'b', 'c'].map((actor, i) => line(i === at ? `${actor}\u0000` : actor));
    await expect(access.log(lines)).rejects.toThrow(EngineError);
    expect(await logged()).toEqual([]);
  }
  await access.log([line('a')]);
  expect(await logged()).toEqual([line('a')]);
  await close();
});
