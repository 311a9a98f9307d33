import type { BrandId } from '@filrouge/domain/deployment';
import type { ReferenceEntry } from '@filrouge/domain/reference';
import { describe, expect, test } from 'vitest';
import { ImportClosed, type ImportNote } from '../import-store.ts';
import { REFERENCE_VERSIONS_MAX } from '../reference-store.ts';
import { ATELIER, MAISON, minute, NOON, type OpenStores, type StoresUnderTest, TILL } from './stores-under-test.ts';

const SOURCE = { brand: ATELIER, id: TILL };
const noteOf = (id: string): ImportNote => ({ import: id, kind: 'stores', file: `${id}.csv`, content: '' });
const store = (id: string, name: string): ReferenceEntry => ({
  kind: 'stores',
  id,
  content: { id, name, city: 'Lyon' },
});

/** Products, stores and campaigns: what was told last stands, and undoing an import brings back what was told before. */
export function describeReference(open: OpenStores): void {
  describe('reference', () => {
    test('entries are kept by brand, kind and id, page by page; what is told again replaces them', async () => {
      const stores = await open();
      const { reference } = stores;
      const article: ReferenceEntry = {
        kind: 'products',
        id: '017',
        content: { sku: '017', name: 'Pull', category: ['Femme', 'Mailles'], active: true },
      };
      await reference.tell(
        SOURCE,
        [store('017', 'Lyon'), store('2', 'Nice'), store('Z', 'Lille'), article],
        undefined,
        NOON,
      );
      await reference.tell({ ...SOURCE, brand: MAISON as BrandId }, [store('017', 'Metz')], undefined, NOON);
      await reference.tell(SOURCE, [store('2', 'Nice Étoile')], undefined, minute(1));
      const of = { brand: ATELIER, kind: 'stores' } as const;
      const found = await reference.list({ ...of, limit: 9 });
      expect(found).toEqual([
        { ...store('017', 'Lyon'), source: TILL, toldAt: NOON },
        { ...store('2', 'Nice Étoile'), source: TILL, toldAt: minute(1) },
        { ...store('Z', 'Lille'), source: TILL, toldAt: NOON },
      ]);
      expect(await reference.list({ ...of, limit: 1, after: '017' })).toEqual(found.slice(1, 2));
      expect(await reference.list({ ...of, limit: 9, text: 'li' })).toEqual(found.slice(2));
      expect(await reference.list({ ...of, limit: 9, text: '%' })).toEqual([]);
      expect(await reference.list({ ...of, kind: 'products', limit: 9 })).toMatchObject([article]);
      expect(await reference.names(ATELIER, 'stores', ['017', '2', 'x'])).toEqual(
        new Map([
          ['017', 'Lyon'],
          ['2', 'Nice Étoile'],
        ]),
      );
      expect(await reference.names(ATELIER, 'stores', [])).toEqual(new Map());
      await stores.close();
    });

    test('undoing an import brings back what stood before it, and frees its id; a later one stays', async () => {
      const stores = await open();
      const { reference, projection } = stores;
      const told = async (): Promise<readonly string[]> =>
        [...(await reference.names(ATELIER, 'stores', ['1', '2']))].map(([id, name]) => `${id} ${name}`).sort();
      await reference.tell(SOURCE, [store('1', 'old')], undefined, NOON);
      const first = await reference.tell(SOURCE, [store('1', 'first'), store('2', 'first')], noteOf('a'), minute(1));
      const second = await reference.tell(SOURCE, [store('2', 'second')], noteOf('b'), minute(2));
      expect(await reference.tell(SOURCE, [store('1', 'first')], noteOf('a'), minute(3))).toBe(first);
      expect(await told()).toEqual(['1 first', '2 second']);
      expect(await projection.imports.run(first ?? 0)).toMatchObject({ reference: 3, lastAt: minute(3) });
      await undo(stores, first ?? 0);
      expect(await told()).toEqual(['1 old', '2 second']);
      await expect(
        reference.tell(SOURCE, [store('1', 'late')], { ...noteOf('a'), run: first ?? 0 }, NOON),
      ).rejects.toThrow(ImportClosed);
      expect(await reference.tell(SOURCE, [store('1', 'again')], noteOf('a'), NOON)).toBeGreaterThan(second ?? 0);
      expect(await told()).toEqual(['1 again', '2 second']);
      await stores.close();
    });

    test('so many versions of a thing are kept, the last told', async () => {
      const stores = await open();
      const { reference } = stores;
      const runs: number[] = [];
      for (let n = 1; n <= REFERENCE_VERSIONS_MAX + 2; n += 1) {
        runs.push((await reference.tell(SOURCE, [store('1', `v${n}`)], noteOf(`i${n}`), NOON)) ?? 0);
      }
      for (const run of runs.slice(2).reverse()) await undo(stores, run);
      expect(await reference.names(ATELIER, 'stores', ['1'])).toEqual(new Map());
      await stores.close();
    });
  });
}

async function undo({ projection: { imports } }: StoresUnderTest, number: number): Promise<void> {
  await imports.close(number, 'dana', NOON);
  const run = await imports.run(number);
  if (run === undefined) throw new Error('no run');
  await imports.release(run);
  await imports.finish(number, NOON);
}
