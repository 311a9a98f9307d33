import { instant } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import type { NodeId } from '@filrouge/domain/identity';
import { createProjector } from '@filrouge/pipeline';
import {
  createMemoryEventStore,
  createMemoryProjectionStore,
  createMemoryVault,
  MemoryDatabase,
} from '@filrouge/ports';
import { expect, test } from 'vitest';
import { separateElsewhere } from './separate-elsewhere.ts';

test('a process that projects nothing writes the separation down and waits until another has taken it in', async () => {
  const database = new MemoryDatabase();
  const projections = createMemoryProjectionStore(database);
  const events = createMemoryEventStore();
  const elsewhere = createProjector({
    store: projections,
    events,
    vault: createMemoryVault(),
    purposes: [],
    now: () => instant(0),
  });
  const a = { namespace: 'user_id', id: 'a'.repeat(32) as NodeId } as const;
  const b = { namespace: 'email', id: 'b'.repeat(32) as NodeId } as const;
  const id = '00000000-0000-4000-8000-000000000001';
  const fact = { a, b, stands: true, t: instant(1_763_726_400_000), id, by: 'dana', reason: 'two customers' };

  let isDone = false;
  const separated = separateElsewhere({ projections, wake: () => undefined })('atelier' as BrandId, fact).then(() => {
    isDone = true;
  });
  await expect.poll(async () => (await projections.head()).separationPosition).toBe(1);
  expect(isDone).toBe(false);
  await elsewhere.drain();
  await separated;
  expect(await projections.position()).toMatchObject({ separationPosition: 1 });
});
