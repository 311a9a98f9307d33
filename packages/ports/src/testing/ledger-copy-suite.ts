import { describe, expect, test } from 'vitest';
import type { ImportNote } from '../import-store.ts';
import type { LedgerLine } from '../ledger-copy-store.ts';
import {
  ATELIER,
  aBatch,
  aKey,
  aNode,
  aRecord,
  decide,
  minute,
  NOON,
  type OpenStores,
  type StoresUnderTest,
  subjectOf,
  TILL,
} from './stores-under-test.ts';

const JUNE: ImportNote = { import: 'imp_june', kind: 'consents', file: 'june.csv', content: 'c'.repeat(64) };
const SOURCE = { brand: ATELIER, id: TILL };

/** What the ledger promises to its second place. `open` gives the stores of a fresh, empty database. */
export function describeLedgerCopy(engine: string, open: OpenStores): void {
  describe(engine, () => {
    describeLines(open);
    describeKeysAndRuns(open);
  });
}

async function pair(open: OpenStores): Promise<readonly [from: StoresUnderTest, to: StoresUnderTest]> {
  return [await open(), await open()];
}

/** Everything of the ledger, so many facts at a time. */
async function linesOf({ ledger }: StoresUnderTest, factsMax: number, after = 0): Promise<readonly LedgerLine[]> {
  const lines: LedgerLine[] = [];
  for (let at = after; at < (await ledger.head()); at = lines.at(-1)?.last ?? at) {
    lines.push(...(await ledger.linesAfter(at, factsMax)));
  }
  return lines;
}

/** One record of several decisions. */
function decideTogether(stores: StoresUnderTest, node = aNode()): Promise<void> {
  return stores.append.append(async (one) => {
    const at = one.head.ledgerPosition;
    const records = [1, 2, 3].map((n) => aRecord(at + n, [node], { status: n === 2 ? 'refused' : 'given' }));
    const decisions = records.flatMap((record) => record.decisions);
    await one.record([{ ...(records[0] as (typeof records)[0]), decisions }], NOON);
  });
}

function describeLines(open: OpenStores): void {
  test('G19: lines that are cut anyhow, and told twice, build the same ledger; a gap is refused, and nothing is appended', async () => {
    const [from, to] = await pair(open);
    const [ada, ben] = [aNode(), aNode('email')];
    await decide(from, [ada]);
    await decideTogether(from, ben);
    await decide(from, [ada, { node: ben, standing: 'named' }], { status: 'withdrawn', at: minute(3) });
    expect(await from.ledger.head()).toBe(5);
    for (const factsMax of [1, 2, 3, 100]) {
      const lines = await linesOf(from, factsMax);
      expect(lines.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, n) => first + n))).toEqual(
        [1, 2, 3, 4, 5],
      );
      for (const { first, text } of lines) expect(text).toContain(`"${await from.ledger.recordAt(first)}"`);
    }
    const lines = await linesOf(from, 2);
    expect(await to.ledger.append(lines.slice(0, 1), [])).toBe(lines[0]?.last);
    for (const some of [lines.slice(2), [...lines.slice(1, 2), ...lines.slice(3)]]) {
      await expect(to.ledger.append(some, [])).rejects.toThrow('leaves a gap after ledger position 1');
      expect(await linesOf(to, 100)).toEqual(lines.slice(0, 1));
    }
    const other = await open();
    for (let n = 0; n < 5; n += 1) await decide(other, [aNode()]);
    const otherwise = await linesOf(other, 100);
    for (const some of [otherwise, [...lines, ...otherwise.slice(1)]]) {
      await expect(to.ledger.append(some, [])).rejects.toThrow('otherwise too');
    }
    await other.close();
    expect(await to.ledger.append([...lines, ...lines.slice(1)], [])).toBe(5 - (lines[0]?.last ?? 0));
    expect(await to.ledger.append(lines, [])).toBe(0);
    expect(await to.ledger.append([], [])).toBe(0);
    expect(await linesOf(to, 100)).toEqual(await linesOf(from, 100));
    expect(await to.ledger.recordAt(5)).toBe(await from.ledger.recordAt(5));
    expect(await to.ledger.recordAt(6)).toBeUndefined();
    for (const node of [ada, ben]) {
      expect(await to.reading.ledger([node.id], 9)).toEqual(await from.reading.ledger([node.id], 9));
      expect((await subjectOf(to, node)).self).toEqual((await subjectOf(from, node)).self);
    }
    expect(await decide(to, [ada]), 'it goes on where the copy ends').toBe(6);
    await Promise.all([from.close(), to.close()]);
  });
}

function describeKeysAndRuns(open: OpenStores): void {
  test('S14 S5: a key whose file is not here is not put to its claim again, nor does a yes of an import count that is not here', async () => {
    const [from, to] = await pair(open);
    const claims = [aNode(), aNode()].map(({ id: claim }) => ({ id: aKey(), brand: ATELIER, claim }));
    await from.append.append(async (one) => {
      await one.write(aBatch({ keys: claims }));
      const at = one.head.ledgerPosition;
      const records = claims.map(({ id, claim }, n) => ({
        ...aRecord(at + n + 1, [{ namespace: 'user_id' as const, id: claim }]),
        key: id,
      }));
      await one.record(records, NOON);
    });
    const lines = await linesOf(from, 100);
    const ids = lines.map(({ text }) => (JSON.parse(text) as { readonly key: { readonly id: number } }).key.id);
    expect(ids, 'whoever appends them asks for the files of these').toEqual(claims.map(({ id }) => id));
    expect(await to.ledger.append(lines, [claims[0]?.id ?? 0])).toBe(2);
    expect(await to.append.append((one) => one.keys(claims))).toEqual(claims.slice(1));

    // Of an import that is not here a no counts and a yes does not.
    const [ada, ben] = [aNode(), aNode()];
    await from.append.append(async (one) => {
      const run = await one.importRun(JUNE, SOURCE);
      const refused = aRecord(4, [ben], { status: 'refused' });
      await one.record(
        [{ ...aRecord(3, [ada]), run }, { ...refused, run }, aRecord(5, [ben], { at: minute(-5) })],
        NOON,
      );
    });
    expect(await to.ledger.append(await linesOf(from, 100, 2), [])).toBe(3);
    expect((await subjectOf(to, ada)).self).toEqual([]);
    expect((await subjectOf(to, ben)).self.map(({ position }) => position)).toEqual([4, 5]);
    expect(await to.reading.ledger([ada.id], 9)).toHaveLength(1);
    await Promise.all([from.close(), to.close()]);
  });

  test('S5: yeses of a run that was undone elsewhere count no more, once, and of its namesake they do', async () => {
    const [from, to] = await pair(open);
    const node = aNode();
    for (const stores of [from, to]) {
      await stores.append.append(async (one) => {
        const run = await one.importRun(JUNE, SOURCE);
        const refused = aRecord(2, [node], { status: 'refused', at: minute(-9) });
        await one.record(
          [
            { ...aRecord(1, [node]), run },
            { ...refused, run },
          ],
          NOON,
        );
      });
    }
    expect(await from.ledger.undoneRuns()).toEqual([]);
    await from.projection.imports.close(1, 'dana', minute(1));
    const runs = await from.ledger.undoneRuns();
    expect(runs).toHaveLength(1);
    expect(await to.ledger.voidRuns(['1@1', '7@7'])).toBe(0);
    expect((await subjectOf(to, node)).self).toHaveLength(2);
    expect(await to.ledger.voidRuns(runs)).toBe(1);
    expect(await to.ledger.voidRuns(runs)).toBe(0);
    expect((await subjectOf(to, node)).self.map(({ status }) => status)).toEqual(['refused']);
    await from.projection.imports.finish(1, minute(2));
    expect(await from.ledger.undoneRuns()).toEqual(runs);
    await Promise.all([from.close(), to.close()]);
  });
}
