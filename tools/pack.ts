// Builds the package `filrouge` that people install: `npm run package -- [folder]` (default: dist/) prints the
// tarball's path on stdout. Node refuses types under node_modules, hence the build; the checkout runs without one.
import { mkdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { root } from './check/run-tool.ts';
import { bundle } from './pack/bundle.ts';
import { npmPack } from './pack/npm-pack.ts';
import { stage } from './pack/stage.ts';

const target = path.resolve(process.argv[2] ?? path.join(root, 'dist'));
const staging = path.join(os.tmpdir(), `filrouge-package-${process.pid}`);
try {
  await mkdir(target, { recursive: true });
  const built = await bundle(root, path.join(staging, 'dist'));
  await stage(root, staging, built);
  console.error(`filrouge: ${built.programs.length} programs from ${built.sources.length} sources`);
  console.log(await npmPack(staging, target));
} finally {
  await rm(staging, { recursive: true, force: true });
}
