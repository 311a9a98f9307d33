import { expect, test } from 'vitest';
import type { QuarantineEntry } from '../append-store.ts';
import { AttemptSuperseded } from '../projection-store.ts';
import { NO_KEY } from '../vault.ts';
import { type Current, describeStores } from './describe-stores.ts';
import { describeIdentityRows } from './identity-rows-suite.ts';
import { describeImports } from './imports-suite.ts';
import { aPurchase, someFacts } from './projected-facts.ts';
import { describeReference } from './reference-suite.ts';
import { describeSnapshots } from './snapshot-suite.ts';
import {
  ATELIER,
  aBatch,
  aKey,
  aNewNode,
  aNode,
  aQuarantineEntry,
  aUuid,
  day,
  decide,
  journal,
  know,
  minute,
  NOON,
  type OpenStores,
  WEB,
} from './stores-under-test.ts';

/** What every store of the projector promises. `open` gives the stores of a fresh, empty database. */
export function describeProjectionStore(engine: string, open: OpenStores): void {
  describeStores(engine, open, (current) => {
    describeIdentityRows(current);
    describeProfileRows(current);
    describeLedgerReading(current);
    describeProgress(open);
    describeReplay(open);
    describeSnapshots(open);
    describeImports(open);
    describeReference(open);
  });
}

function describeProfileRows(current: Current): void {
  test('S14: traits are kept by node and key, and replaced whole', async () => {
    const { projection, reading } = current();
    const [x, y] = [aNode().id, aNode().id];
    const [mine, theirs] = [aKey(), aKey()];
    const row = (node: typeof x, key: typeof mine, text: string) => ({
      node,
      brand: ATELIER,
      key,
      sealed: Buffer.from(text),
    });
    const [first, second] = [row(x, mine, 'first'), row(x, mine, 'second')];
    const others = [row(x, theirs, 'of another at the terminal'), row(y, mine, 'other')];
    await projection.project((transaction) => transaction.putTraits([first, ...others]));
    await projection.project((transaction) => transaction.putTraits([second]));
    const found = await projection.project((transaction) => transaction.traits([x, y, aNode().id, x]));
    const inOrder = (rows: typeof found) => rows.map((one) => one.sealed.toString()).sort();
    expect(inOrder(found)).toEqual(inOrder([second, ...others]));
    expect(found).toEqual(expect.arrayContaining([second, ...others]));
    expect(inOrder(await reading.traits([x]))).toEqual(inOrder([second, ...others.slice(0, 1)]));
    const asked = [[y], [x, x], [], [aNode().id]].map((nodes) => reading.traits(nodes));
    const together = (await Promise.all(asked)).map(inOrder);
    expect(together).toEqual([inOrder(others.slice(1)), inOrder([second, ...others.slice(0, 1)]), [], []]);
    expect(await projection.project((transaction) => transaction.traits([]))).toEqual([]);
  });

  test('a purchase is written once, whatever a second reading of its event says', async () => {
    const { projection, reading } = current();
    const row = aPurchase();
    const other = aPurchase({ node: row.node, number: 'T-2', kind: 'order', terminal: true, device: aNode().id });
    await projection.project((transaction) => transaction.putPurchases([row, other]));
    await projection.project((transaction) => transaction.putPurchases([{ ...row, amountMinor: 9 }, row]));
    const found = await reading.purchases([row.node]);
    const shown = [row, other].map(({ eventId: _eventId, brand: _brand, ...purchase }) => purchase);
    expect([...found].sort((a, b) => (a.number < b.number ? -1 : 1))).toEqual(shown);
    expect(await reading.purchases([aNode().id])).toEqual([]);
  });

  test('S2: kept items add up by day and source, also when one call names a counter twice', async () => {
    const { projection, reading } = current();
    const source = `source-${aUuid()}` as typeof WEB;
    const one = { brand: ATELIER, source, day: day(0), count: 3, bots: 1 };
    await projection.project((transaction) => transaction.countKept([one, { ...one, count: 2, bots: 0 }]));
    await projection.project((transaction) => transaction.countKept([one, { ...one, day: day(-1) }]));
    const today = await reading.flow({ from: NOON, to: minute(1) });
    expect(today.bySource[source]).toMatchObject({ kept: 8, bots: 2 });
    expect((await reading.flow()).bySource[source]).toMatchObject({ kept: 11, bots: 3 });
  });

  test('S2: what could not be read is put apart once, and a second reading does not open it again', async () => {
    const { projection, reading } = current();
    const poison: QuarantineEntry = aQuarantineEntry({ reason: 'damaged', sealed: Buffer.alloc(0) });
    const entry = { ...poison, receivedAt: minute(3) };
    await projection.project((transaction) => transaction.quarantine([entry, { ...entry, name: 'again' }]));
    expect(await reading.quarantineItem(entry.id)).toEqual({ ...entry, state: 'open' });
    await reading.discard(entry.id, 'staff-1', minute(4));
    await projection.project((transaction) => transaction.quarantine([entry]));
    expect((await reading.quarantineItem(entry.id))?.state).toBe('discarded');
    await projection.project((transaction) => transaction.quarantine([]));
  });

  test('S2: entries whose items can be read again are released, the open ones of them, once; damage is counted', async () => {
    const { projection, reading, append } = current();
    const damaged = async (): Promise<number> => (await reading.flow()).damaged;
    const before = await damaged();
    const entries = (['damaged', 'row-damaged', 'unreadable', 'other-body'] as const).map((reason) => ({
      ...aQuarantineEntry({ reason, sealed: Buffer.from('held'), key: reason === 'row-damaged' ? NO_KEY : aKey() }),
      receivedAt: minute(3),
    }));
    const [first, second, third] = entries.map(({ id }) => id) as [string, string, string];
    await projection.project((transaction) => transaction.quarantine(entries));
    expect(await damaged()).toBe(before + 3);
    await reading.discard(third, 'staff-1', minute(4));
    const mend = () => projection.project((transaction) => transaction.mend([second, first, third, aUuid()]));
    expect([...(await mend())].sort()).toEqual([first, second].sort());
    expect([await mend(), await damaged()]).toEqual([[], before]);
    expect(await reading.quarantineItem(first)).toMatchObject({ state: 'released', sealed: Buffer.alloc(0) });
    expect((await reading.quarantineItem(third))?.state).toBe('discarded');
    const key = { id: aKey(), brand: ATELIER, claim: aNode().id };
    await append.append((transaction) => transaction.write(aBatch({ keys: [key] })));
    const known = projection.project((transaction) => transaction.knownKeys([aKey(), key.id, NO_KEY]));
    expect(await known).toEqual([key.id]);
  });
}

function describeLedgerReading(current: Current): void {
  test('factNodesAfter names each node once, with the head that it read up to', async () => {
    const stores = current();
    const [x, y] = [aNode(), aNode('anonymous_id')];
    const first = await decide(stores, [x, y]);
    await decide(stores, [y]);
    const last = await decide(stores, [y]);
    const after = (position: number, factsMax = 100) =>
      stores.projection.project((transaction) => transaction.factNodesAfter(position, factsMax));
    const all = await after(first - 1);
    expect([[...all.nodes].sort(), all.head]).toEqual([[x.id, y.id].sort(), last]);
    expect(await after(first)).toEqual({ nodes: [y.id], head: last });
    expect(await after(last)).toEqual({ nodes: [], head: last });
    expect(await after(first, 1)).toEqual({ nodes: [y.id], head: first + 1 });
    expect((await after(first - 1, 1)).head).toBe(first);
    expect((await stores.projection.head()).ledgerPosition).toBe(last);
  });
}

function describeProgress(open: OpenStores): void {
  test('a range holds at most the items asked for, but one row at least, and no row beyond the head', async () => {
    const stores = await open();
    const { projection } = stores;
    expect(await projection.rangeAfter(0, 100)).toBeUndefined();
    for (const items of [3, 4, 50, 1, 1]) await journal(stores, items);
    const ranges = [
      [0, 1, 1],
      [0, 3, 1],
      [0, 6, 1],
      [0, 7, 2],
      [0, 56, 2],
      [0, 57, 3],
      [0, 1_000, 5],
      [2, 1, 3],
      [2, 51, 4],
      [3, 2, 5],
      [4, 0, 5],
    ] as const;
    for (const [after, itemsMax, upTo] of ranges) {
      expect(await projection.rangeAfter(after, itemsMax), `${after} ${itemsMax}`).toBe(upTo);
    }
    expect(await projection.rangeAfter(5, 1_000)).toBeUndefined();
    expect(await projection.itemsBetween(0, 5)).toBe(59);
    expect(await projection.itemsBetween(1, 3)).toBe(54);
    expect(await projection.itemsBetween(5, 5)).toBe(0);
    expect((await projection.head()).journalPosition).toBe(5);
    await stores.close();
  });

  test('the position moves with the commit of a range and with nothing else, intent and version with its beginning', async () => {
    const stores = await open();
    const { projection } = stores;
    const start = await projection.position();
    const nothing = { planned: undefined, ledgerPosition: 0, separationPosition: 0, lost: false };
    expect(start).toMatchObject({ ...nothing, position: 0, counted: 0 });
    for (const items of [2, 2, 2]) await journal(stores, items);
    const attempt = await projection.begin(start, 2);
    const begun = { ...start, planned: 2, version: start.version + 1, lost: true };
    expect([await projection.position(), attempt]).toEqual([begun, begun.version]);
    const to = { attempt, position: 2, items: 4, ledgerPosition: 7, separationPosition: 1 };
    await projection.project((transaction) => transaction.commit(to));
    const { items: _items, attempt: _attempt, ...moved } = to;
    const after = { ...begun, ...moved, planned: undefined, born: true, counted: 2, lost: false };
    expect(await projection.position()).toEqual(after);
    const node = aNode();
    const again = await projection.begin(after, 3);
    const failed = projection.project(async (transaction) => {
      await transaction.addNodes([aNewNode(node)]);
      await transaction.announce([node.id]);
      await transaction.commit({ ...to, attempt: again, position: 3 });
      throw new Error('the range is given up');
    });
    await expect(failed).rejects.toThrow('the range is given up');
    expect(await projection.position()).toEqual({ ...after, planned: 3, version: again, lost: true });
    expect(await stores.reading.nodes([node.id])).toEqual([]);
    await projection.project((transaction) => transaction.commit({ ...to, attempt: again, position: 3 }));
    expect(await projection.position()).toMatchObject({ position: 3, planned: undefined, counted: 3, lost: false });
    await stores.close();
  });

  test('of two that begin at one position one goes on, and an attempt commits only while it is the last', async () => {
    const stores = await open();
    const { projection } = stores;
    for (const items of [2, 2]) await journal(stores, items);
    const at = await projection.position();
    const attempts = await Promise.allSettled([projection.begin(at, 1), projection.begin(at, 2)]);
    expect(attempts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [first] = attempts.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const then = await projection.position();
    const second = await projection.begin(then, then.planned);
    const node = aNode();
    const commit = (attempt: number) =>
      projection.project(async (transaction) => {
        await transaction.addNodes([aNewNode(node)]);
        await transaction.countKept([{ brand: ATELIER, source: WEB, day: day(0), count: 2, bots: 0 }]);
        const position = then.planned ?? 0;
        await transaction.commit({ attempt, position, items: 2, ledgerPosition: 0, separationPosition: 0 });
      });
    await expect(commit(first ?? 0)).rejects.toThrow(AttemptSuperseded);
    expect([await stores.reading.nodes([node.id]), (await stores.reading.flow()).kept]).toEqual([[], 0]);
    const late = await projection.position();
    await commit(second);
    await expect(projection.begin(late, 2), 'read before the commit').rejects.toThrow(AttemptSuperseded);
    await expect(commit(second), 'once').rejects.toThrow(AttemptSuperseded);
    expect((await stores.reading.flow()).kept).toBe(2);
    await projection.reset();
    await expect(projection.begin(await projection.position(), 1)).resolves.toBeGreaterThan(second);
    await expect(projection.begin(then, 1), 'of another life').rejects.toThrow(AttemptSuperseded);
    await stores.close();
  });

  test('one has the lease; another gets it once it is released, and nobody releases what is not theirs', async () => {
    const stores = await open();
    const { projection } = stores;
    const first = await projection.lease();
    expect([await first?.isHeld(), await projection.lease()]).toEqual([true, undefined]);
    await first?.release();
    const second = await projection.lease();
    await first?.release();
    expect([await second?.isHeld(), await projection.lease()]).toEqual([true, undefined]);
    await second?.release();
    await stores.close();
  });

  test('ranges are projected one after the other', async () => {
    const stores = await open();
    const steps: string[] = [];
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        stores.projection.project(async (transaction) => {
          steps.push(name);
          await transaction.nodes([aNode().id]);
          steps.push(name);
        }),
      ),
    );
    expect(steps.join('')).toMatch(/^(aa|bb|cc){3}$/);
    await stores.close();
  });
}

function describeReplay(open: OpenStores): void {
  test('a digest says the same of the same facts in any order, and another thing of others', async () => {
    const stores = await open();
    const { projection } = stores;
    const facts = [...someFacts()];
    const nodes = facts.pop() as (typeof facts)[number];
    const digests: Readonly<Record<string, string>>[] = [await projection.digest()];
    for (const order of [facts, [...facts].reverse(), [...facts.filter((_, at) => at % 2 === 1), ...facts, ...facts]]) {
      await projection.reset();
      await projection.project(async (transaction) => {
        await nodes(transaction);
        for (const fact of order) await fact(transaction);
      });
      digests.push(await projection.digest());
    }
    const [empty, first, second, third] = digests;
    expect([second, third]).toEqual([first, first]);
    for (const part of Object.keys(first ?? {}).filter((name) => name !== 'spans')) {
      expect(first?.[part], part).not.toBe(empty?.[part]);
    }
    await projection.project((one) =>
      one.putResolved([{ node: aNode().id, component: undefined, blocked: undefined }]),
    );
    expect(await projection.digest()).toEqual(first);
    for (const fact of [...someFacts()].reverse()) await projection.project(fact);
    const other = await projection.digest();
    expect(Object.keys(other).filter((part) => other[part] === first?.[part])).toEqual(['spans']);
    await stores.close();
  });

  test('S17: a replay empties the projections and begins another life; what is no projection stays', async () => {
    const stores = await open();
    const { projection, reading, append } = stores;
    const [user, email, device] = [aNode(), aNode('email'), aNode('anonymous_id')];
    const entry = aQuarantineEntry();
    const key = { id: aKey(), brand: ATELIER, claim: user.id };
    const separation = { id: aUuid(), a: user, b: email, stands: true, t: NOON, by: 'dpo', reason: 'two sisters' };
    await decide(stores, [user]);
    await journal(stores, 3, { quarantined: [entry], keys: [key] });
    const attempt = await projection.begin(await projection.position(), 1);
    await know(stores, [user, email, device], async (transaction) => {
      for (const fact of someFacts()) await fact(transaction);
      await transaction.putSeparation(ATELIER, separation);
      await transaction.countKept([{ brand: ATELIER, source: WEB, day: day(0), count: 3, bots: 0 }]);
      await transaction.commit({ attempt, position: 1, items: 3, ledgerPosition: 1, separationPosition: 1 });
    });
    const [before, flow] = [await projection.position(), await reading.flow()];
    await projection.reset();
    const after = await projection.position();
    const zero = { position: 0, planned: undefined, ledgerPosition: 0, separationPosition: 0 };
    expect(after).toMatchObject({ ...zero, counted: 1 });
    expect(after.generation).not.toBe(before.generation);
    expect(after.version).toBeGreaterThan(before.version);
    expect(await reading.flow(), 'what was counted is not pending again').toEqual(flow);
    expect(await reading.nodes([user.id, email.id])).toEqual([]);
    expect((await reading.quarantineItem(entry.id))?.state).toBe('open');
    expect(await append.append((transaction) => transaction.keys([key]))).toEqual([key]);
    expect((await reading.subjects([user.id])).flatMap(({ self }) => self)).toHaveLength(1);
    await know(stores, [user, email]);
    const [record] = await projection.project((transaction) => transaction.personRecords([user.id]));
    const { reason: _reason, ...fact } = separation;
    expect([record?.links, record?.separations]).toEqual([[], [fact]]);
    await stores.close();
  });

  test('S17: the door may read while a replay begins', async () => {
    const stores = await open();
    const { projection, append } = stores;
    const node = aNode();
    await know(stores, [node]);
    const works = Array.from({ length: 12 }, (_, at) =>
      at % 3 === 0
        ? projection.reset()
        : append.append(async (transaction) => {
            await transaction.subjects([node.id]);
            await transaction.write(aBatch());
            await transaction.subjects([node.id]);
          }),
    );
    await Promise.all(works);
    expect((await projection.position()).position).toBe(0);
    await stores.close();
  });
}
