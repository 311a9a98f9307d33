#!/usr/bin/env node
// The launcher: finds the pinned Node and the program, and runs the one on the other. Any Node from 20 on reads it.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { environmentWith, findPinnedNode, runInPlace } from './pinned-node.mjs';

const places = [new URL('../dist/main.js', import.meta.url), new URL('../src/main.ts', import.meta.url)];
// The packed form holds dist/ alone, the checkout src/ alone.
const program = places.map((place) => fileURLToPath(place)).find((file) => existsSync(file));
const node = findPinnedNode(import.meta.url);
// Node keeps what it compiled beside the program, where only its owner writes; where nobody may, it does without.
const compiled = fileURLToPath(new URL('../node_modules/.cache/node-compile-cache', import.meta.url));

if (program === undefined) {
  console.error('filrouge: the program is missing beside its launcher. Install filrouge again.');
  process.exitCode = 1;
} else if (node === undefined) {
  console.error(
    `filrouge: its Node for ${process.platform} ${process.arch} is not installed. Run npm install again without --omit=optional.`,
  );
  process.exitCode = 1;
} else {
  const env = { NODE_COMPILE_CACHE: compiled, ...environmentWith(node) };
  process.exitCode = await runInPlace(node.file, [program, ...process.argv.slice(2)], { env });
}
