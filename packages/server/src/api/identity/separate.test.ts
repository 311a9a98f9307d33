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
import { separating } from './separate.ts';

test('a separation is written down, and waits until the projector has taken it in, wherever that works', async () => {
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
  const separated = separating({ projections, wake: () => undefined })('atelier' as BrandId, fact).then(() => {
    isDone = true;
  });
  await expect.poll(async () => (await projections.head()).separationPosition).toBe(1);
  expect(isDone).toBe(false);
  await elsewhere.drain();
  await separated;
  expect(await projections.position()).toMatchObject({ separationPosition: 1 });
});
