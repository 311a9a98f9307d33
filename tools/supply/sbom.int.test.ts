import { expect, test } from 'vitest';
import { root } from '../check/run-tool.ts';
import { broughtBy, nameOf, readLockfile } from './lockfile.ts';
import { billOfMaterials } from './sbom.ts';

type Component = { readonly name: string; readonly version: string; readonly purl: string; readonly hashes?: unknown };

test('G20: the bill of materials names all that customers install, and none of the tools', async () => {
  const bill = JSON.parse(await billOfMaterials(root)) as {
    bomFormat: string;
    metadata: { component: { name: string } };
    components: Component[];
  };
  expect([bill.bomFormat, bill.metadata.component.name]).toEqual(['CycloneDX', 'filrouge']);
  const rooms = Object.keys(readLockfile(root).packages).filter((place) => /^packages\/(?!.*node_modules)/.test(place));
  const product = broughtBy(readLockfile(root)).filter(([, { dev }]) => dev !== true);
  const named = bill.components.map(({ name, version }) => `${name}@${version}`);
  const wanted = product.map(([place, { version }]) => `${nameOf(place)}@${version}`);
  expect(wanted.filter((each) => !named.includes(each))).toEqual([]);
  expect(named).toHaveLength(new Set(wanted).size + rooms.length);
  expect(bill.components.find(({ name }) => name === 'zod')).toMatchObject({
    purl: expect.stringMatching(/^pkg:npm\/zod@/),
    hashes: [{ alg: 'SHA-512' }],
  });
});
