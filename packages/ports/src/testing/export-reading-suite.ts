import type { NodeId } from '@filrouge/domain/identity';
import { expect, test } from 'vitest';
import type { Current } from './describe-stores.ts';
import {
  ATELIER,
  aNode,
  anUnverifiedLink,
  aRecord,
  decide,
  join,
  know,
  MAISON,
  minute,
  NOON,
} from './stores-under-test.ts';

const sorted = (nodes: readonly NodeId[]): readonly NodeId[] => [...nodes].sort();

/** What an export asks: all of a brand, and what moved since it began. */
export function describeExportReading(current: Current): void {
  test('S10: what moved since a head: who decided, and whose consent looks at who did', async () => {
    const stores = current();
    const [ada, mail, bob, friend, other] = [aNode(), aNode('email'), aNode(), aNode(), aNode()];
    await know(stores, [ada, mail, bob, friend, other], async (transaction) => {
      await join(transaction, [ada, mail]);
      for (const alone of [bob, friend, other]) await join(transaction, [alone]);
      await transaction.putLinks(ATELIER, [anUnverifiedLink(bob, friend)]);
    });
    const before = await stores.reading.head();
    expect(await stores.reading.consentMovedSince(before)).toEqual([]);
    await decide(stores, [ada]);
    await decide(stores, [bob]);
    const moved = await stores.reading.consentMovedSince(before);
    expect(moved).not.toBe('everything');
    expect(sorted(moved as readonly NodeId[])).toEqual(sorted([ada, mail, bob, friend].map(({ id }) => id)));
    expect(await stores.reading.consentMovedSince(await stores.reading.head())).toEqual([]);
  });

  test('a link that moved is told, and a head that is not of this life means everything', async () => {
    const stores = current();
    const [ada, other] = [aNode(), aNode()];
    await know(stores, [ada, other], async (transaction) => {
      for (const alone of [ada, other]) await join(transaction, [alone]);
    });
    const before = await stores.reading.head();
    await stores.projection.project((transaction) => transaction.announce([ada.id]));
    expect(await stores.reading.consentMovedSince(before)).toEqual([ada.id]);
    const ahead = { ...before, identityVersion: before.identityVersion + 1_000 };
    expect(await stores.reading.consentMovedSince(ahead)).toBe('everything');
  });

  test('persons of a brand come each once, in pages; nobody’s values and terminals are none', async () => {
    const stores = current();
    const [ada, mail, bob, shared, device] = [aNode(), aNode('email'), aNode(), aNode('email'), aNode('anonymous_id')];
    await know(stores, [ada, mail, bob, shared, device], async (transaction) => {
      await join(transaction, [ada, mail]);
      await join(transaction, [bob]);
      await transaction.putResolved([{ node: shared.id, component: shared.id, blocked: 'secret-keys' }]);
    });
    const found: NodeId[] = [];
    for (;;) {
      const page = await stores.reading.componentsAfter(ATELIER, found.at(-1), 2);
      found.push(...page);
      if (page.length < 2) break;
    }
    expect(found).toEqual(sorted(found));
    expect(new Set(found).size).toBe(found.length);
    const mine = [ada, mail, bob, shared, device].map(({ id }) => id);
    expect(sorted(found.filter((id) => mine.includes(id)))).toEqual(sorted([ada.id, bob.id]));
    expect(await stores.reading.componentsAfter(MAISON, undefined, 10)).not.toContain(ada.id);
  });

  test('S5, S7: the ledger of a brand is read in its order, without whom was erased since', async () => {
    const stores = current();
    const [user, gone] = [aNode(), aNode('email')];
    const { ledgerPosition: before } = await stores.reading.head();
    const sequence = { device: 'tablet', number: 4 };
    const sealed = Buffer.from('who and what they saw');
    const record = await stores.append.append(async (transaction) => {
      const one = aRecord(transaction.head.ledgerPosition + 1, [{ node: user, standing: 'named' }, gone]);
      const decisions = one.decisions.map((decision) => ({ ...decision, sequence, basis: 'consent', verified: true }));
      await transaction.record([{ ...one, sealed, decisions, channel: 'paper' }], NOON);
      return one;
    });
    await decide(stores, [gone], { status: 'objected', clock: 'untrusted', signal: true });
    await stores.entomb(ATELIER, gone.id, minute(5));
    const facts = await stores.reading.ledgerAfter(ATELIER, before, 10);
    expect(facts).toEqual([
      {
        position: before + 1,
        recordId: record.recordId,
        purpose: 'profiling',
        vendor: '*',
        status: 'given',
        indicatedAt: NOON,
        receivedAt: NOON,
        clock: 'trusted',
        verified: true,
        sequence,
        basis: 'consent',
        source: 'web',
        channel: 'paper',
        noticeId: 'banner',
        noticeVersion: '3',
        indicatedBy: 'subject',
        sealed,
        nodes: [{ node: user.id, own: false }],
      },
      expect.objectContaining({
        status: 'objected',
        clock: 'untrusted',
        signal: true,
        nodes: [{ node: gone.id, own: true }],
      }),
    ]);
    expect(await stores.reading.ledgerAfter(ATELIER, before, 1)).toEqual(facts.slice(0, 1));
    expect(await stores.reading.ledgerAfter(ATELIER, before + 2, 10)).toEqual([]);
    expect(await stores.reading.ledgerAfter(MAISON, before, 10)).toEqual([]);
  });
}
