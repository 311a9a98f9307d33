import { describe, expect, test } from 'vitest';
import { ImportClosed, type ImportNote, type ImportTally } from '../import-store.ts';
import type { ProjectionTransaction } from '../projection-store.ts';
import {
  ATELIER,
  aBatch,
  aKey,
  aLink,
  aNewNode,
  aNode,
  aPresence,
  aQuarantineEntry,
  aRecord,
  aSeenKey,
  aUuid,
  journal,
  know,
  minute,
  NOON,
  type OpenStores,
  type StoresUnderTest,
  subjectOf,
  TILL,
} from './stores-under-test.ts';

const JUNE: ImportNote = { import: 'imp_june', kind: 'tickets', file: 'june.csv', content: 'c'.repeat(64) };
const SOURCE = { brand: ATELIER, id: TILL };

/** Runs of imports, what they claimed, and how what they brought is taken out (S2, S5, S16). */
export function describeImports(open: OpenStores): void {
  describe('imports', () => {
    describeRuns(open);
    describeTakingBack(open);
  });
}

function openRun({ append }: StoresUnderTest, note: ImportNote = JUNE): Promise<number> {
  return append.append((transaction) => transaction.importRun(note, SOURCE));
}

function tally(run: number, said: Partial<ImportTally> = {}): ImportTally {
  return { run, accepted: 0, withheld: 0, quarantined: 0, consents: 0, journaled: false, ...said };
}

function describeRuns(open: OpenStores): void {
  test('an import has one run until it is undone, and another one afterwards', async () => {
    const stores = await open();
    const { imports } = stores.projection;
    const run = await openRun(stores);
    expect(await openRun(stores)).toBe(run);
    expect(await openRun(stores, { ...JUNE, run })).toBe(run);
    const other = await openRun(stores, { ...JUNE, import: 'imp_july' });
    expect(other).toBeGreaterThan(run);
    await journal(stores, 3, { imports: [tally(run, { accepted: 3, withheld: 1, journaled: true })] });
    await journal(stores, 1);
    await journal(stores, 2, { imports: [tally(run, { accepted: 2, quarantined: 1, journaled: true })] });
    await stores.append.append((transaction) => transaction.write(aBatch({ imports: [tally(run, { consents: 4 })] })));
    const known = await imports.run(run);
    expect(known).toMatchObject({ ...JUNE, number: run, brand: ATELIER, source: TILL, state: 'open', begunAt: NOON });
    expect(known).toMatchObject({
      accepted: 5,
      withheld: 1,
      quarantined: 1,
      consents: 4,
      journal: { first: 1, last: 3 },
    });
    expect((await imports.list({ limit: 9 })).map(({ number }) => number)).toEqual([other, run]);
    expect((await imports.list({ limit: 9, before: other })).map(({ number }) => number)).toEqual([run]);
    expect((await imports.list({ limit: 9, import: 'imp_july' })).map(({ number }) => number)).toEqual([other]);
    expect(await imports.list({ limit: 9, content: 'd'.repeat(64) })).toEqual([]);
    expect((await stores.projection.head()).undoing).toBeUndefined();

    expect(await imports.close(run, 'dana', minute(1))).toBe(true);
    expect(await imports.close(run, 'dana', minute(2))).toBe(false);
    expect((await stores.projection.head()).undoing).toBe(run);
    await expect(openRun(stores)).rejects.toThrow(ImportClosed);
    await expect(stores.append.append((one) => one.requireOpenRun(run))).rejects.toThrow(ImportClosed);
    await imports.progress(run, 3, 5);
    expect(await imports.run(run)).toMatchObject({
      state: 'undoing',
      undo: { askedAt: minute(1), askedBy: 'dana', read: 3, total: 5 },
    });
    await imports.reopen(run);
    const reopened = await imports.run(run);
    expect([reopened?.state, reopened?.undo]).toEqual(['open', undefined]);
    expect(await imports.close(run, 'dana', minute(1))).toBe(true);
    await imports.finish(run, minute(3));
    expect(await imports.run(run)).toMatchObject({ state: 'undone', undo: { doneAt: minute(3) } });
    expect(await stores.projection.project((one) => one.undoneRuns())).toEqual(new Set([run]));
    await expect(openRun(stores, { ...JUNE, run })).rejects.toThrow(ImportClosed);
    expect(await openRun(stores)).toBeGreaterThan(other);
    await stores.close();
  });

  test('S16 S2: ids that a run claimed are free once it is released, and what of it waits is given up', async () => {
    const stores = await open();
    const { append, projection, reading } = stores;
    const run = await openRun(stores);
    const keys = [
      aSeenKey({ run }),
      aSeenKey({ run, day: '2019-01-01' }),
      { ...aSeenKey({ run }), day: undefined },
      aSeenKey(),
    ];
    const claim = () => append.append((transaction) => transaction.claim(keys));
    expect(await claim()).toEqual(['new', 'new', 'new', 'new']);
    const [waiting, live] = [aQuarantineEntry({ run }), aQuarantineEntry()];
    await append.append((transaction) => transaction.write(aBatch({ quarantined: [waiting, live] })));
    await projection.imports.close(run, 'dana', minute(1));
    const closed = await projection.imports.run(run);
    if (closed === undefined) throw new Error('no run');
    await projection.imports.release(closed);
    await projection.imports.release(closed);
    expect(await claim()).toEqual(['new', 'new', 'new', 'duplicate']);
    const decided = { at: minute(1), by: 'dana: the import was undone' };
    expect(await reading.quarantineItem(waiting.id)).toMatchObject({ state: 'discarded', decided });
    expect(await reading.quarantineItem(live.id)).toMatchObject({ state: 'open' });
    await stores.close();
  });

  test('S17: nothing of the journal goes while an import is to be undone', async () => {
    const stores = await open();
    await stores.projection.imports.close(await openRun(stores), 'dana', NOON);
    expect(await stores.projection.snapshots.prune('2199-01-01')).toEqual({ days: [], snapshots: 0 });
    await stores.close();
  });
}

function describeTakingBack(open: OpenStores): void {
  test('S5: a yes of a run that is taken back is folded no longer and stays in the ledger; a no stays', async () => {
    const stores = await open();
    const [ada, ben] = [aNode('email'), aNode('email')];
    await know(stores, [ada, ben]);
    const run = await openRun(stores);
    await stores.append.append((transaction) =>
      transaction.record(
        [
          { ...aRecord(1, [ada]), run },
          { ...aRecord(2, [ben], { status: 'refused' }), run },
          aRecord(3, [ben], { at: minute(-5) }),
        ],
        NOON,
      ),
    );
    for (const _again of [1, 2]) {
      expect(await stores.projection.project((transaction) => transaction.voidFacts(run))).toEqual([ada.id]);
    }
    expect((await subjectOf(stores, ada)).self).toEqual([]);
    expect((await subjectOf(stores, ben)).self.map(({ status }) => status).sort()).toEqual(['given', 'refused']);
    expect(await stores.reading.ledger([ada.id], 9)).toHaveLength(1);
    const exported = await stores.reading.ledgerAfter(ATELIER, 0, 99);
    expect(exported.filter(({ nodes }) => nodes.some(({ node }) => node === ada.id))).toEqual([]);
    expect(exported.length).toBeGreaterThan(0);
    await stores.close();
  });

  test('S17: what was projected of some nodes goes, what a snapshot held of them comes back, the rest stays', async () => {
    const stores = await open();
    const { projection } = stores;
    const [user, card, device, other, stranger] = [
      aNode(),
      aNode('loyalty_card'),
      aNode('anonymous_id'),
      aNode(),
      aNode('email'),
    ];
    const old = await factsOf(projection, [user, device, other]);
    const kept = await projection.digest();
    const snapshot = await projection.snapshots.take(NOON, async () => 'events');
    const link = aLink(user, card);
    await projection.project(async (one) => {
      await one.addNodes([card, stranger].map((node) => aNewNode(node)));
      await one.putLinks(ATELIER, [link, aLink(card, stranger)]);
      await one.putPresences(ATELIER, [aPresence(device, card, minute(90)), aPresence(device, user, minute(90))]);
      await one.putTraits([{ node: user.id, brand: ATELIER, key: old.key, sealed: Buffer.from('changed') }]);
    });
    await projection.project((one) => one.forget([user.id, card.id, device.id, stranger.id], snapshot));
    expect(await projection.digest()).toEqual(kept);
    const traits = await projection.project((one) => one.traits([user.id]));
    expect(traits.map(({ sealed }) => sealed.toString())).toEqual(['stated']);

    await projection.project((one) => one.forget([user.id, device.id], undefined));
    const left = await projection.project((one) => one.nodes([user.id, device.id, other.id]));
    expect(left.map(({ node }) => node.id)).toEqual([other.id]);
    expect(await projection.project((one) => one.traits([user.id]))).toEqual([]);
    expect(await stores.reading.purchases([user.id])).toEqual([]);
    expect(await projection.project((one) => one.devicesOf([user.id]))).toEqual([]);
    await stores.close();
  });
}

type Projecting = StoresUnderTest['projection'];

async function factsOf(projection: Projecting, [user, device, other]: readonly ReturnType<typeof aNode>[]) {
  const key = aKey();
  if (user === undefined || device === undefined || other === undefined) throw new Error('three nodes');
  await projection.project(async (one: ProjectionTransaction) => {
    await one.addNodes([user, device, other].map((node) => aNewNode(node)));
    await one.putPresences(ATELIER, [aPresence(device, user, minute(1)), aPresence(device, other, minute(2))]);
    await one.putLogouts(ATELIER, [{ device, t: minute(3), messageId: aUuid() }]);
    await one.putTraits([{ node: user.id, brand: ATELIER, key, sealed: Buffer.from('stated') }]);
    await one.touch(new Map([[user.id, minute(0)]]));
  });
  return { key };
}
