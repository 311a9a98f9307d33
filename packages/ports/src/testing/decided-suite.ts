import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ATELIER,
  aNode,
  anUnverifiedLink,
  aPresence,
  decide,
  join,
  know,
  minute,
  type StoresUnderTest,
} from './stores-under-test.ts';
import { aGraph, change, graphChanges, knowGraph, nodesOf } from './subject-graph.ts';

/** What `decided` answers: who need not be folded again when nothing but an act of theirs is new. */
export function describeDecided(current: () => StoresUnderTest): void {
  describe('decided', () => {
    test('names who decided, the rest of the person, and who was seen where something was decided; nobody else', async () => {
      const stores = current();
      const [user, card, guest, neighbour, silent] = [aNode(), aNode('loyalty_card'), aNode(), aNode('email'), aNode()];
      const [device, quiet, early] = [aNode('anonymous_id'), aNode('anonymous_id'), aNode('phone')];
      await know(stores, [user, card, guest, neighbour, silent, device, quiet], async (transaction) => {
        await join(transaction, [user, card]);
        await transaction.putLinks(ATELIER, [anUnverifiedLink(user, neighbour)]);
        const [here, there] = [aPresence(device, guest, minute(0)), aPresence(quiet, silent, minute(0))];
        await transaction.putPresences(ATELIER, [here, there]);
      });
      const asked = [user, card, guest, neighbour, silent, device, quiet, early].map(({ id }) => id);
      const ask = () => stores.projection.project((transaction) => transaction.decided(asked));
      expect(await ask()).toEqual([]);
      for (const node of [card, device, early]) await decide(stores, [node]);
      expect([...(await ask())].sort()).toEqual([user, card, guest, device, early].map(({ id }) => id).sort());
    });

    test('S7: leaves out nobody whose own decisions are folded', async () => {
      const stores = current();
      await fc.assert(
        fc.asyncProperty(graphChanges, async (changes) => {
          const graph = aGraph();
          await knowGraph(stores, graph);
          for (const one of changes) await change(stores, graph, one);
          const ids = nodesOf(graph).map(({ id }) => id);
          const decided = await stores.projection.project((transaction) => transaction.decided(ids));
          const subjects = await stores.reading.subjects(ids);
          const folding = subjects.filter(({ self, own, devices }) =>
            [self, own, ...devices.map(({ facts }) => facts)].some((facts) => facts.length > 0),
          );
          expect(decided).toEqual(expect.arrayContaining(folding.map(({ node }) => node)));
        }),
        { numRuns: 30 },
      );
    });
  });
}
