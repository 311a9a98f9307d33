import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { readLockfile } from './lockfile.ts';

/**
 * What the product is made of, as CycloneDX JSON: npm's own list, from the lockfile. npm would leave out what the tools
 * need too (`--omit=dev` drops a package that any room has as a development dependency, zod among them), so it is
 * shown the checkout without the tools.
 */
export async function billOfMaterials(root: string): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'filrouge-sbom-'));
  // npm names the whole after its folder.
  const product = path.join(folder, 'filrouge');
  try {
    await withoutTools(root, product);
    const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only', '--offline'];
    const { stdout } = await promisify(execFile)('npm', args, { cwd: product, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The manifests and the lockfile of `root` in `folder`, less what is there for development alone. */
async function withoutTools(root: string, folder: string): Promise<void> {
  const lock = readLockfile(root);
  const { version } = lock.packages['packages/cli'] ?? {};
  const write = async (file: string, content: object): Promise<void> => {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), JSON.stringify(content));
  };
  const places = Object.keys(lock.packages).filter((place) => !place.includes('node_modules'));
  for (const place of places) {
    const file = path.posix.join(place, 'package.json');
    const manifest = JSON.parse(await readFile(path.join(root, file), 'utf8')) as object;
    await write(file, { version, ...manifest, devDependencies: undefined });
  }
  const packages = Object.entries(lock.packages)
    .filter(([, entry]) => entry.dev !== true)
    .map(([place, entry]) => [place, { ...(place === '' ? { version } : {}), ...entry, devDependencies: undefined }]);
  await write('package-lock.json', { ...lock, packages: Object.fromEntries(packages) });
}
