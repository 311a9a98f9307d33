import type { JournalEntry, ProjectionStore } from '@filrouge/ports';
import { expect, test } from 'vitest';
import { AM, WEB } from '../testing/example-deployment.ts';
import { at, EngineDown, PipelineWorld } from '../testing/pipeline-world.ts';
import { item } from '../testing/told-items.ts';
import { ReadAhead } from './read-ahead.ts';

const NOW = at('2026-11-20T12:00:00');

async function worldOf(rows: number): Promise<PipelineWorld> {
  const world = new PipelineWorld();
  await world.decide(WEB, ['anonymous_id:a1'], 'given', [AM], { at: NOW });
  for (let n = 0; n < rows; n += 1) await world.send(WEB, NOW, [item('page', ['anonymous_id:a1'], { t: NOW })]);
  return world;
}

test('the next range is read once, and taken by who stands before it in the same life', async () => {
  const world = await worldOf(4);
  const ahead = new ReadAhead({ store: world.projection, vault: world.vault }, 2);
  ahead.begin('life', 1, 4);
  const range = await ahead.take('life', 1);
  expect([range?.after, range?.upTo, range?.rows.length]).toEqual([1, 3, 2]);
  expect(await ahead.take('life', 1)).toBeUndefined();
});

test('what was read ahead in another life, or of another place, is let go', async () => {
  const world = await worldOf(4);
  const ahead = new ReadAhead({ store: world.projection, vault: world.vault }, 2);
  for (const [life, after] of [
    ['another', 1],
    ['life', 2],
  ] as const) {
    ahead.begin('life', 1, 4);
    expect(await ahead.take(life, after)).toBeUndefined();
    expect(await ahead.take('life', 1)).toBeUndefined();
  }
});

test('the end of the journal is not read ahead: it may be growing', async () => {
  const world = await worldOf(3);
  const ahead = new ReadAhead({ store: world.projection, vault: world.vault }, 2);
  ahead.begin('life', 1, 3);
  expect(await ahead.take('life', 1)).toBeUndefined();
});

test('a fault of reading ahead is nobody’s: the range is read again in its turn', async () => {
  const world = await worldOf(4);
  const store: ProjectionStore = {
    ...world.projection,
    journal: (): AsyncIterable<JournalEntry> => {
      throw new EngineDown('gone');
    },
  };
  const ahead = new ReadAhead({ store, vault: world.vault }, 2);
  ahead.begin('life', 1, 4);
  expect(await ahead.take('life', 1)).toBeUndefined();
});
