import { DAY_MS, type Instant } from '@filrouge/domain/base';
import type { Purpose, PurposeId } from '@filrouge/domain/consent';
import { expect, test } from 'vitest';
import type { AppendTransaction, Head } from '../append-store.ts';
import { describeClaims } from './claims-suite.ts';
import { type Current, describeStores } from './describe-stores.ts';
import { describeExpiry } from './expiry-suite.ts';
import {
  ATELIER,
  aBatch,
  aKey,
  aNode,
  aQuarantineEntry,
  aRecord,
  aSeenKey,
  aUuid,
  decide,
  journal,
  know,
  MAISON,
  minute,
  NOON,
  type OpenStores,
  rowsOf,
  type StoresUnderTest,
  subjectOf,
  TILL,
  WEB,
} from './stores-under-test.ts';
import { describeSubjects } from './subjects-suite.ts';

/** What every store of the appender promises. `open` gives the stores of a fresh, empty database. */
export function describeAppendStore(engine: string, open: OpenStores): void {
  describeStores(engine, open, (current) => {
    describePositions(current);
    describeClaims(current);
    describeChanges(current);
    describeWriting(current);
    describeQuarantine(current);
    describeSubjects(current);
    describeExpiry(open);
    describeBits(open);
  });
}

class Refusal extends Error {}

function headOf({ append }: StoresUnderTest): Promise<Head> {
  return append.append(async (transaction) => transaction.head);
}

async function failing(stores: StoresUnderTest, work: (transaction: AppendTransaction) => Promise<void>) {
  const failed = stores.append.append(async (transaction) => {
    await work(transaction);
    throw new Refusal('the group is given up');
  });
  await expect(failed).rejects.toThrow(Refusal);
}

function describePositions(current: Current): void {
  test('positions are gapless under twenty appends at once, some of which are given up', async () => {
    const stores = current();
    const before = await headOf(stores);
    const works = Array.from({ length: 20 }, async (_, at) => {
      if (at % 4 === 3) {
        await failing(stores, async (transaction) => {
          const row = { position: transaction.head.journalPosition + 1, items: 1, body: Buffer.from('lost') };
          await transaction.write(aBatch({ journal: row }));
        });
        return undefined;
      }
      return journal(stores, at + 1);
    });
    const given = (await Promise.all(works)).filter((position) => position !== undefined);
    const first = before.journalPosition + 1;
    expect(given.sort((a, b) => a - b)).toEqual(Array.from({ length: 15 }, (_, at) => first + at));
    expect((await headOf(stores)).journalPosition).toBe(before.journalPosition + 15);
    const rows = await rowsOf(stores, before.journalPosition, Number.MAX_SAFE_INTEGER);
    expect(rows.map(({ position }) => position)).toEqual(given);
    expect(rows.map(({ body }) => body.toString())).toEqual(given.map((position) => `body ${position}`));
  });

  test('nothing of an append that throws is to be seen', async () => {
    const stores = current();
    const [node, key] = [aNode(), aSeenKey()];
    const entry = aQuarantineEntry();
    const claim = { id: aKey(), brand: ATELIER, claim: node.id };
    const before = [await headOf(stores), await stores.reading.flow(), (await stores.withheld()).length];
    await failing(stores, async (transaction) => {
      expect(await transaction.claim([key])).toEqual(['new']);
      await transaction.record([aRecord(transaction.head.ledgerPosition + 1, [node])], NOON);
      const header = { brand: ATELIER, source: WEB, name: 'Lost', reason: 'refused' as const, message: aUuid() };
      const counted = { brand: ATELIER, source: WEB, outcome: 'accepted' as const, reason: '', name: '', count: 3 };
      const row = { position: transaction.head.journalPosition + 1, items: 3, body: Buffer.from('lost') };
      await transaction.write(
        aBatch({ journal: row, withheld: [header], quarantined: [entry], keys: [claim], flow: [counted] }),
      );
    });
    expect([await headOf(stores), await stores.reading.flow(), (await stores.withheld()).length]).toEqual(before);
    expect(await stores.reading.quarantineItem(entry.id)).toBeUndefined();
    const left = await stores.append.append(async (transaction) => [
      await transaction.claim([key]),
      await transaction.keys([claim]),
    ]);
    expect(left).toEqual([['new'], []]);
    expect((await subjectOf(stores, node)).self).toEqual([]);
  });

  test('a journal row or a consent record at another place than the next is refused', async () => {
    const stores = current();
    const before = await headOf(stores);
    for (const by of [0, 2]) {
      const row = { position: before.journalPosition + by, items: 1, body: Buffer.from('') };
      await expect(stores.append.append((transaction) => transaction.write(aBatch({ journal: row })))).rejects.toThrow(
        Error,
      );
      const record = aRecord(before.ledgerPosition + by, [aNode()]);
      await expect(stores.append.append((one) => one.record([record], NOON))).rejects.toThrow(Error);
    }
    expect(await headOf(stores)).toEqual(before);
  });

  test('the body of a row comes back byte by byte, with its receipt to the millisecond', async () => {
    const stores = current();
    const body = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7) % 256));
    const receivedAt = (NOON + 1) as Instant;
    const position = await stores.append.append(async (transaction) => {
      await transaction.write(
        aBatch({ receivedAt, journal: { position: transaction.head.journalPosition + 1, items: 7, body } }),
      );
      return transaction.head.journalPosition + 1;
    });
    const [row] = await rowsOf(stores, position - 1, position);
    expect(row).toEqual({ position, receivedAt, items: 7, body });
  });
}

function describeChanges(current: Current): void {
  const since = (known: Head) => current().append.append((transaction) => transaction.changedSince(known));

  test('changedSince tells the nodes of new facts, of announcements and of lifts, and no other', async () => {
    const stores = current();
    const [decided, moved, buried] = [aNode(), aNode(), aNode()];
    await stores.entomb(ATELIER, buried.id, NOON);
    const known = await headOf(stores);
    expect(await since(known)).toEqual([]);
    await decide(stores, [decided]);
    await stores.projection.project((transaction) => transaction.announce([moved.id]));
    await stores.append.append((transaction) =>
      transaction.write(aBatch({ lifted: [{ brand: ATELIER, node: buried.id, liftedAt: minute(1) }] })),
    );
    const after = await headOf(stores);
    expect(after.identityVersion).toBe(known.identityVersion + 2);
    expect(new Set(await since(known))).toEqual(new Set([decided.id, moved.id, buried.id]));
    expect(await since(after)).toEqual([]);
  });

  test('changedSince is everything after a replay, and for a head of another life', async () => {
    const stores = current();
    const known = await headOf(stores);
    await stores.projection.reset();
    expect(await since(known)).toBe('everything');
    await stores.projection.project((transaction) => transaction.announce([aNode().id]));
    expect(await since(known)).toBe('everything');
    const after = await headOf(stores);
    expect(await since(after)).toEqual([]);
    expect(await since({ ...after, identityVersion: after.identityVersion + 1 })).toBe('everything');
    expect(await since({ ...after, ledgerPosition: after.ledgerPosition + 1 })).toBe('everything');
  });

  test('an announcement of nothing moves no version', async () => {
    const stores = current();
    const known = await headOf(stores);
    await stores.projection.project((transaction) => transaction.announce([]));
    expect(await headOf(stores)).toEqual(known);
  });
}

function describeWriting(current: Current): void {
  test('S5: facts are seen after `record`, inside the same append, each where it was recorded', async () => {
    const stores = current();
    const [own, named] = [aNode('anonymous_id'), aNode('email')];
    const seen = await stores.append.append(async (transaction) => {
      const nodes = [own, { node: named, standing: 'named' as const }, own];
      const one = aRecord(transaction.head.ledgerPosition + 1, nodes, { status: 'refused', at: minute(1) });
      const [decision] = one.decisions;
      const sequence = { device: 'browser', number: 4 };
      const two = { ...aRecord(transaction.head.ledgerPosition + 2, [own]), nodes: one.nodes };
      const decisions = [
        { ...decision, position: transaction.head.ledgerPosition + 3, sequence, vendor: 'v1', verified: true },
      ];
      await transaction.record(
        [one, two, { ...one, recordId: aUuid(), decisions: decisions as typeof one.decisions }],
        minute(2),
      );
      await transaction.record([], minute(2));
      return {
        record: one,
        first: transaction.head.ledgerPosition + 1,
        subjects: await transaction.subjects([own.id, named.id]),
      };
    });
    const byNode = new Map(seen.subjects.map((subject) => [subject.node, subject.self]));
    const { decisions, recordId } = seen.record;
    const [fact] = decisions;
    const ofOwn = [...(byNode.get(own.id) ?? [])].sort((a, b) => a.position - b.position);
    expect(ofOwn[0]).toEqual({ ...fact, recordId, standing: 'own' });
    expect(ofOwn.map(({ position }) => position)).toEqual([seen.first, seen.first + 1, seen.first + 2]);
    expect(ofOwn[2]).toMatchObject({ sequence: { device: 'browser', number: 4 }, vendor: 'v1', verified: true });
    expect(byNode.get(named.id)?.map(({ standing }) => standing)).toEqual(['named', 'named', 'named']);
    expect(await stores.reading.ledgerPosition()).toBe(seen.first + 2);
  });

  test('S2: of a withheld item the header is kept, and nothing else', async () => {
    const stores = current();
    const header = { brand: ATELIER, source: TILL, name: 'Vu « été »', reason: 'expired' as const, message: aUuid() };
    const other = { ...header, name: '', message: aUuid() };
    await stores.append.append((transaction) => transaction.write(aBatch({ withheld: [header, other] })));
    const kept = await stores.withheld();
    expect(kept.filter(({ message }) => [header.message, other.message].includes(message))).toEqual([header, other]);
  });

  test('S14: keys are found by brand and claim, and a claim has one', async () => {
    const stores = current();
    const [x, y] = [aNode(), aNode()];
    const rows = [
      { id: aKey(), brand: ATELIER, claim: x.id },
      { id: aKey(), brand: MAISON, claim: x.id },
    ];
    await stores.append.append((transaction) => transaction.write(aBatch({ keys: rows })));
    const asked = [...rows, { brand: ATELIER, claim: y.id }].map(({ brand, claim }) => ({ brand, claim }));
    const found = await stores.append.append((transaction) => transaction.keys(asked));
    expect([...found].sort((a, b) => (a.brand < b.brand ? -1 : 1))).toEqual(rows);
    const second = { id: aKey(), brand: ATELIER, claim: x.id };
    await expect(stores.append.append((transaction) => transaction.write(aBatch({ keys: [second] })))).rejects.toThrow(
      Error,
    );
  });

  test('S14: a renewed key takes the place of its claim’s, whether a row still named that one or not', async () => {
    const stores = current();
    const [x, y] = [aNode(), aNode()];
    const old = { id: aKey(), brand: ATELIER, claim: x.id };
    await stores.append.append((transaction) => transaction.write(aBatch({ keys: [old] })));
    const renewed = [x, y].map(({ id: claim }) => ({ id: aKey(), brand: ATELIER, claim }));
    await stores.append.append((transaction) => transaction.write(aBatch({ renewed })));
    const found = await stores.append.append((transaction) => transaction.keys(renewed));
    expect([...found].sort((a, b) => (a.claim === x.id ? -1 : b.claim === x.id ? 1 : 0))).toEqual(renewed);
  });

  test('S2: counters add up by day, source, outcome, reason and name, from appends and refusals at once', async () => {
    const stores = current();
    const source = `source-${aUuid()}` as typeof WEB;
    const count = { brand: ATELIER, source, reason: '', name: '', count: 2 };
    const flow = [
      { ...count, outcome: 'accepted' as const, count: 5 },
      { ...count, outcome: 'withheld' as const, reason: 'refused', name: 'A', count: 1 },
      { ...count, outcome: 'withheld' as const, reason: 'refused', name: '__proto__', count: 1 },
      { ...count, outcome: 'withheld' as const, reason: 'refused', name: 'A', count: 1 },
      { ...count, outcome: 'duplicate' as const },
    ];
    const refused = { ...count, outcome: 'refused' as const, reason: 'too-large' };
    const yesterday = (NOON - DAY_MS) as Instant;
    await Promise.all([
      ...[1, 2, 3].map(() =>
        stores.append.append((transaction) => transaction.write(aBatch({ flow: [...flow].reverse() }))),
      ),
      ...[1, 2, 3].map(() => stores.append.count([refused, refused], NOON)),
      stores.append.count([{ ...refused, receivedAt: yesterday }], NOON),
    ]);
    const of = async (from: Instant, to: Instant) => (await stores.reading.flow({ from, to })).bySource[source];
    const today = await of(NOON, minute(1));
    expect(today).toMatchObject({ accepted: 15, withheld: 9, duplicates: 6, refused: 12 });
    expect(new Map(Object.entries(today?.withheldBy['refused'] ?? {}))).toEqual(
      new Map([
        ['A', 6],
        ['__proto__', 3],
      ]),
    );
    expect(await of(yesterday, NOON), 'half open: a span up to noon reaches into today').toMatchObject({ refused: 14 });
    const midnight = (Math.floor(NOON / DAY_MS) * DAY_MS) as Instant;
    expect(await of(yesterday, midnight)).toMatchObject({ accepted: 0, refused: 2 });
  });

  test('S14: a tombstone is lifted once', async () => {
    const stores = current();
    const node = aNode();
    await know(stores, [node]);
    await stores.entomb(ATELIER, node.id, minute(1));
    expect((await subjectOf(stores, node)).tombstone).toEqual({ erasedAt: minute(1) });
    for (const at of [minute(2), minute(3)]) {
      const lifted = [{ brand: ATELIER, node: node.id, liftedAt: at }];
      await stores.append.append((transaction) => transaction.write(aBatch({ lifted })));
    }
    expect((await subjectOf(stores, node)).tombstone).toEqual({ erasedAt: minute(1), liftedAt: minute(2) });
  });
}

function describeQuarantine(current: Current): void {
  test('S2: what is quarantined is kept sealed until it is released, and then no more', async () => {
    const stores = current();
    const [released, stays] = [aQuarantineEntry(), aQuarantineEntry()];
    await stores.append.append((transaction) => transaction.write(aBatch({ quarantined: [released, stays] })));
    expect(await stores.reading.quarantineItem(released.id)).toEqual({ ...released, receivedAt: NOON, state: 'open' });
    const open = await stores.append.append(async (transaction) => {
      const before = await transaction.stillOpen([stays.id, released.id, aUuid(), 'not an id']);
      await transaction.write(aBatch({ released: [released.id] }));
      return [before, await transaction.stillOpen([stays.id, released.id])];
    });
    expect(open).toEqual([[released.id, stays.id].sort(), [stays.id]]);
    const gone = await stores.reading.quarantineItem(released.id);
    expect([gone?.state, gone?.sealed.length]).toEqual(['released', 0]);
  });

  test('S2: an entry that is not open any more does not enter again', async () => {
    const stores = current();
    const entry = aQuarantineEntry();
    await stores.append.append((transaction) => transaction.write(aBatch({ quarantined: [entry] })));
    expect(await stores.reading.discard(entry.id, 'staff-1', minute(1))).toBe(true);
    for (const released of [[entry.id], [aUuid() as string]]) {
      await expect(stores.append.append((transaction) => transaction.write(aBatch({ released })))).rejects.toThrow(
        Error,
      );
    }
    const other = aQuarantineEntry();
    await stores.append.append((transaction) => transaction.write(aBatch({ quarantined: [other] })));
    const twice = aBatch({ released: [other.id, other.id] });
    await expect(stores.append.append((transaction) => transaction.write(twice))).rejects.toThrow(Error);
    expect((await stores.reading.quarantineItem(other.id))?.state).toBe('open');
  });
}

function describeBits(open: OpenStores): void {
  test('S10: a purpose keeps its bit whatever the configuration does with it, also for two servers that start at once', async () => {
    const stores = await open();
    const purpose = (id: string, bit: number): Purpose => {
      return { id: id as PurposeId, bit, basis: 'consent', scope: { device: true, person: false } };
    };
    const told = async (...purposes: readonly Purpose[]) =>
      (await stores.append.allot(purposes)).map(({ id, bit }) => `${id} ${bit}`);
    expect(await told(purpose('a', 0), purpose('b', 1))).toEqual(['a 0', 'b 1']);
    expect(await told(purpose('b', 0), purpose('a', 1))).toEqual(['b 1', 'a 0']);
    const [one, other] = await Promise.all([told(purpose('c', 0)), told(purpose('d', 1))]);
    expect([...one, ...other].map((text) => text.slice(2)).sort()).toEqual(['2', '3']);
    expect(await told(purpose('d', 0), purpose('c', 1))).toEqual([...other, ...one]);
    const many = Array.from({ length: 59 }, (_, at) => purpose(`p${at}`, at));
    await stores.append.allot(many);
    await expect(stores.append.allot([purpose('e', 5)])).rejects.toThrow('there is none left for e;');
    await stores.close();
  });
}
