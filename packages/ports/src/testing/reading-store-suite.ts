import { DAY_MS, type Instant } from '@filrouge/domain/base';
import type { Node } from '@filrouge/domain/identity';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FlowReading, QuarantineItem } from '../reading-store.ts';
import { type Current, describeStores } from './describe-stores.ts';
import { describeExportReading } from './export-reading-suite.ts';
import { FlowModel, flowCommands } from './flow-model.ts';
import { describePerson } from './person-suite.ts';
import {
  ATELIER,
  aBatch,
  aNewNode,
  aNode,
  aQuarantineEntry,
  aRecord,
  aUuid,
  day,
  decide,
  inOrder,
  join,
  journal,
  know,
  MAISON,
  minute,
  NOON,
  type OpenStores,
  type StoresUnderTest,
  WEB,
} from './stores-under-test.ts';

/** What every store that answers questions promises. `open` gives the stores of a fresh, empty database. */
export function describeReadingStore(engine: string, open: OpenStores): void {
  describeStores(engine, open, (current) => {
    describeFlow(open);
    describeQuarantineReading(current);
    describePersonReading(current);
    describePerson(current);
    describeLedger(current);
    describeExportReading(current);
  });
}

function isBalanced({ accepted, pending, kept, withheld, quarantined, discarded }: FlowReading): boolean {
  return accepted === pending + kept + withheld + quarantined + discarded;
}

function describeFlow(open: OpenStores): void {
  test('S2: accepted = pending + kept + withheld + quarantined + discarded after every step', async () => {
    const stores = await open();
    await fc.assert(
      fc.asyncProperty(flowCommands, async (commands) => {
        const model = new FlowModel(stores, await stores.reading.flow());
        for (const command of commands) {
          await model.run(command);
          const reading = await stores.reading.flow();
          expect(isBalanced(reading), JSON.stringify(reading)).toBe(true);
          expect(reading).toMatchObject(model.expected());
          for (const brand of [ATELIER, MAISON]) {
            const one = await stores.reading.flow(undefined, brand);
            expect(isBalanced(one) && one.pending >= 0, `${brand} ${JSON.stringify(one)}`).toBe(true);
          }
        }
        await model.settle();
      }),
      { numRuns: 20 },
    );
    const total = await stores.reading.flow();
    const sources = Object.values(total.bySource);
    for (const sum of ['accepted', 'kept', 'withheld', 'duplicates', 'refused', 'bots'] as const) {
      expect(
        sources.reduce((all, source) => all + source[sum], 0),
        sum,
      ).toBe(total[sum]);
    }
    await stores.close();
  });

  test('S2: each day balances by itself, and a span is half open', async () => {
    const stores = await open();
    const accepted = (count: number) => ({
      brand: ATELIER,
      source: WEB,
      outcome: 'accepted' as const,
      reason: '',
      name: '',
      count,
    });
    const tomorrow = (NOON + DAY_MS) as Instant;
    await journal(stores, 2, { flow: [accepted(3)], quarantined: [aQuarantineEntry()] });
    await journal(stores, 4, { flow: [accepted(4)], receivedAt: tomorrow });
    const midnight = (Math.floor(tomorrow / DAY_MS) * DAY_MS) as Instant;
    const first = await stores.reading.flow({ from: NOON, to: midnight });
    expect(first).toMatchObject({ accepted: 3, pending: 2, quarantined: 1 });
    const second = await stores.reading.flow({ from: midnight, to: tomorrow });
    expect(second).toMatchObject({ accepted: 4, pending: 4, quarantined: 0 });
    expect([first, second, await stores.reading.flow()].every(isBalanced)).toBe(true);
    expect(await stores.reading.flow({ from: NOON, to: tomorrow }, MAISON)).toMatchObject({ accepted: 0, pending: 0 });
    await stores.close();
  });

  test('S2: what leaves quarantine is pending on the day on which it came in, so that every span balances', async () => {
    const stores = await open();
    const { append, projection, reading } = stores;
    const tomorrow = (NOON + DAY_MS) as Instant;
    const midnight = (Math.floor(tomorrow / DAY_MS) * DAY_MS) as Instant;
    const spans = [undefined, { from: NOON, to: midnight }, { from: midnight, to: tomorrow }];
    const count = (n: number) => ({
      brand: ATELIER,
      source: WEB,
      outcome: 'accepted' as const,
      reason: '',
      name: '',
      count: n,
    });
    const entry = aQuarantineEntry();
    const flows = () => Promise.all(spans.map((span) => reading.flow(span)));
    const sums = async () => (await flows()).map(({ accepted, pending, kept }) => [accepted, pending, kept]);
    await append.append((transaction) => transaction.write(aBatch({ quarantined: [entry], flow: [count(1)] })));
    await append.append((transaction) =>
      transaction.write(
        aBatch({
          receivedAt: tomorrow,
          journal: { position: 1, items: 3, body: Buffer.from('body'), earlier: { [day(0)]: 1 } },
          flow: [count(2)],
          released: [entry.id],
        }),
      ),
    );
    expect(await sums()).toEqual([
      [3, 3, 0],
      [1, 1, 0],
      [2, 2, 0],
    ]);
    expect((await flows()).every(isBalanced)).toBe(true);
    const attempt = await projection.begin(await projection.position(), 1);
    await projection.project(async (transaction) => {
      const kept = { brand: ATELIER, source: WEB, bots: 0 };
      await transaction.countKept([
        { ...kept, day: day(0), count: 1 },
        { ...kept, day: day(1), count: 2 },
      ]);
      await transaction.commit({ attempt, position: 1, items: 3, ledgerPosition: 0, separationPosition: 0 });
    });
    expect(await sums()).toEqual([
      [3, 0, 3],
      [1, 0, 1],
      [2, 0, 2],
    ]);
    expect((await flows()).every(isBalanced)).toBe(true);
    await stores.close();
  });
}

function describeQuarantineReading(current: Current): void {
  async function pages(stores: StoresUnderTest, brand: typeof ATELIER, limit: number): Promise<readonly string[]> {
    const ids: string[] = [];
    let page: readonly QuarantineItem[];
    do {
      const after = ids.at(-1);
      const from = after === undefined ? {} : { after };
      page = await stores.reading.quarantined({ state: 'open', brand, limit, ...from });
      expect(page.length).toBeLessThanOrEqual(limit);
      ids.push(...page.map(({ id }) => id));
    } while (page.length > 0);
    return ids;
  }

  test('quarantine is read newest first, page by page, each entry once', async () => {
    const stores = current();
    const brand = `brand-${aUuid()}` as typeof ATELIER;
    const put: { readonly id: string; readonly at: number }[] = [];
    for (const at of [3, 1, 2, 2]) {
      const quarantined = [aQuarantineEntry({ brand }), aQuarantineEntry({ brand })];
      await stores.append.append((transaction) => transaction.write(aBatch({ receivedAt: minute(at), quarantined })));
      put.push(...quarantined.map(({ id }) => ({ id, at })));
    }
    const expected = put.sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1)).map(({ id }) => id);
    for (const limit of [1, 3, 8, 100]) expect(await pages(stores, brand, limit)).toEqual(expected);
    const [newest, second] = expected as [string, string];
    expect(await stores.reading.discard(newest, 'staff-1', minute(9))).toBe(true);
    const rest = await stores.reading.quarantined({ state: 'open', brand, limit: 1, after: newest });
    expect(
      rest.map(({ id }) => id),
      'a page goes on where an entry has gone',
    ).toEqual([second]);
    const gone = await stores.reading.quarantined({ state: 'discarded', brand, limit: 9 });
    expect(gone.map(({ id, sealed }) => [id, sealed.length])).toEqual([[newest, 0]]);
    const elsewhere = { state: 'open' as const, limit: 9, after: second };
    expect(await stores.reading.quarantined({ ...elsewhere, brand: MAISON })).toEqual([]);
    expect(await stores.reading.quarantined({ ...elsewhere, brand, after: 'not an id' })).toEqual([]);
    expect(await stores.reading.quarantined({ ...elsewhere, brand, after: aUuid() })).toEqual([]);
  });

  test('an entry is discarded once, by one member of staff', async () => {
    const stores = current();
    const entry = aQuarantineEntry();
    await stores.append.append((transaction) => transaction.write(aBatch({ quarantined: [entry] })));
    const discards = ['staff-1', 'staff-2', 'staff-3'].map((by) => stores.reading.discard(entry.id, by, minute(1)));
    const done = await Promise.all(discards);
    expect(done.filter((each) => each)).toEqual([true]);
    expect(await stores.reading.quarantineItem(entry.id)).toMatchObject({
      state: 'discarded',
      decided: { at: minute(1), by: `staff-${done.indexOf(true) + 1}` },
    });
    for (const id of [aUuid(), 'not an id', '']) {
      expect(await stores.reading.discard(id, 'staff-1', minute(1))).toBe(false);
      expect(await stores.reading.quarantineItem(id)).toBeUndefined();
    }
  });
}

function describePersonReading(current: Current): void {
  test('members come in the order in which they were first seen', async () => {
    const stores = current();
    const nodes = [aNode(), aNode('email'), aNode('phone')];
    const order = [7, 2, 5];
    await stores.projection.project(async (transaction) => {
      await transaction.addNodes(nodes.map((node, at) => aNewNode(node, { firstPosition: order[at] as number })));
      await join(transaction, nodes);
    });
    const members = await stores.reading.members([nodes[0]?.id as (typeof nodes)[number]['id']]);
    expect(members.map(({ firstPosition }) => firstPosition)).toEqual([2, 5, 7]);
    expect(members.map(({ sealed }) => sealed.toString())).toEqual(members.map(({ node }) => `sealed ${node.id}`));
  });

  test('a question about nobody has no answer', async () => {
    const { reading } = current();
    const answers = [
      reading.nodes([]),
      reading.members([]),
      reading.nodesOfThreads([]),
      reading.nodesOfPersons([]),
      reading.devicesOf([]),
      reading.personRecords([]),
      reading.deviceRecords([]),
      reading.subjects([]),
      reading.ledger([], 10),
      reading.traits([]),
      reading.purchases([]),
    ];
    expect((await Promise.all(answers)).every((rows) => rows.length === 0)).toBe(true);
    expect((await reading.spans([])).size).toBe(0);
  });

  test('what is asked for from outside sees what is committed, and nothing of work in progress', async () => {
    const stores = current();
    const node = aNode();
    await stores.projection.project(async (transaction) => {
      await transaction.addNodes([aNewNode(node)]);
      expect(await transaction.nodes([node.id])).toHaveLength(1);
      expect(await stores.reading.nodes([node.id])).toEqual([]);
    });
    expect(await stores.reading.nodes([node.id])).toHaveLength(1);
  });
}

function describeLedger(current: Current): void {
  test('S5: the ledger of some identifiers is read newest first, each decision once', async () => {
    const stores = current();
    const [user, email, other] = [aNode(), aNode('email'), aNode()];
    await know(stores, [user, email, other]);
    const first = await decide(stores, [{ node: user, standing: 'named' }, email], {
      status: 'refused',
      at: minute(4),
    });
    await decide(stores, [other]);
    const marks = ['dated-ahead'] as const;
    const record = await stores.append.append(async (transaction) => {
      const one = aRecord(transaction.head.ledgerPosition + 1, [{ node: user, standing: 'named' }], { at: minute(5) });
      await transaction.record(
        [{ ...one, brands: [MAISON, ATELIER], channel: 'paper', noticeId: 'leaflet', noticeVersion: '9', marks }],
        minute(6),
      );
      return one;
    });
    const second = record.decisions[0]?.position;
    const entries = await stores.reading.ledger([user.id, email.id], 10);
    expect(entries.map(({ position, own }) => [position, own])).toEqual([
      [second, false],
      [first, true],
    ]);
    expect(entries[0]).toEqual({
      position: second,
      recordId: record.recordId,
      purpose: 'profiling',
      vendor: '*',
      status: 'given',
      indicatedAt: minute(5),
      receivedAt: minute(5),
      brands: [MAISON, ATELIER],
      channel: 'paper',
      noticeId: 'leaflet',
      noticeVersion: '9',
      marks,
      own: false,
    });
    expect(entries[1]?.marks).toEqual([]);
    expect((await stores.reading.ledger([user.id, email.id], 1)).map(({ position }) => position)).toEqual([second]);
    expect(await stores.reading.ledgerPosition()).toBe(second);
    expect(await stores.reading.standing([])).toEqual({ ledgerPosition: second, subjects: [] });
    const standing = await stores.reading.standing([user.id, email.id]);
    expect(standing.ledgerPosition).toBe(second);
    const inTurn = (subjects: typeof standing.subjects) =>
      subjects.map(inOrder).sort((a, b) => (a.node < b.node ? -1 : 1));
    expect(inTurn(standing.subjects)).toEqual(inTurn(await stores.reading.subjects([user.id, email.id])));
    expect(standing.subjects.map(({ node }) => node).sort()).toEqual([user.id, email.id].sort());
    const asked = [[email.id], [other.id, user.id, other.id], [], [aNode().id]];
    const together = await Promise.all(asked.map((ids) => stores.reading.standing(ids)));
    for (const [at, ids] of asked.entries()) {
      const { ledgerPosition, subjects } = together[at] as typeof standing;
      expect(ledgerPosition).toBe(second);
      expect(inTurn(subjects)).toEqual(inTurn(await stores.reading.subjects(ids)));
      expect(subjects.map(({ node }) => node).sort()).toEqual([...new Set(ids)].sort());
    }
  });

  test('S7: of an erased identifier the ledger tells what outlived the erasure, and what was decided since', async () => {
    const stores = current();
    const [user, email] = [aNode(), aNode('email')];
    const both = await decide(stores, [user, email], { at: minute(1) });
    await decide(stores, [user], { at: minute(1), receivedAt: minute(10) });
    const objected = await decide(stores, [user], { at: minute(2), status: 'objected' });
    const since = await decide(stores, [user], { at: minute(1), receivedAt: minute(11) });
    await stores.entomb(ATELIER, user.id, minute(10));
    const told = async (...nodes: readonly Node[]) => {
      const ids = nodes.map(({ id }) => id);
      return (await stores.reading.ledger(ids, 10)).map(({ position }) => position);
    };
    expect(await told(user)).toEqual([since, objected]);
    expect(await told(user, email)).toEqual([since, objected, both]);
  });
}
