import { isDeviceNamespace, type NodeId } from '@filrouge/domain/identity';
import {
  ATELIER,
  aGraph,
  aNode,
  aPresence,
  change,
  decide,
  graphChanges,
  inOrder,
  know,
  knowGraph,
  minute,
  nodesOf,
  openMemoryStores,
  type StoresUnderTest,
} from '@filrouge/ports/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPostgresStores } from '../testing/index.ts';

let postgres: StoresUnderTest;
let memory: StoresUnderTest;

beforeAll(async () => {
  postgres = await openPostgresStores();
  memory = await openMemoryStores();
});
afterAll(() => postgres.close());

async function answers({ projection, reading }: StoresUnderTest, ids: readonly NodeId[]): Promise<unknown> {
  const subjects = (await reading.subjects(ids)).map(inOrder);
  const dependents = await projection.project(async (transaction) => {
    const reached = [];
    for (const id of ids) reached.push((await transaction.dependents([id])).map((node) => node.id).sort());
    return reached;
  });
  // Record ids are drawn, once for each store: the position says which fact it is.
  const text = JSON.stringify(subjects, (key, value) => (key === 'recordId' ? undefined : (value as unknown)));
  return [dependents, (JSON.parse(text) as { node: string }[]).sort((a, b) => (a.node < b.node ? -1 : 1))];
}

test('S8: in SQL the neighbourhood of a node is what it is in memory, after any changes', async () => {
  await fc.assert(
    fc.asyncProperty(graphChanges, async (changes) => {
      const graph = aGraph();
      const ids = nodesOf(graph).map(({ id }) => id);
      for (const stores of [postgres, memory]) await knowGraph(stores, graph);
      for (const one of changes) {
        const touched = [];
        for (const stores of [postgres, memory]) touched.push([...(await change(stores, graph, one))].sort());
        expect(touched[0]).toEqual(touched[1]);
      }
      expect(await answers(postgres, ids)).toEqual(await answers(memory, ids));
      expect(nodesOf(graph).filter(({ namespace }) => isDeviceNamespace(namespace))).toHaveLength(2);
    }),
    { numRuns: 60 },
  );
});

test('G18: of a person met at many terminals the facts are held once', async () => {
  const user = aNode();
  const devices = Array.from({ length: 5 }, () => aNode('anonymous_id'));
  await know(postgres, [user, ...devices], async (transaction) => {
    await transaction.putPresences(
      ATELIER,
      devices.map((device) => aPresence(device, user, minute(0))),
    );
  });
  await decide(postgres, [user]);
  const subjects = await postgres.reading.subjects(devices.map(({ id }) => id));
  const lists = subjects.flatMap(({ neighbours }) => neighbours);
  expect(lists.map((facts) => facts.length)).toEqual([1, 1, 1, 1, 1]);
  expect(new Set(lists).size).toBe(1);
});
