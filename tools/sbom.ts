// Writes what the product is made of: `npm run sbom -- [folder]` (default: dist/) prints the file's path on stdout.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './check/run-tool.ts';
import { billOfMaterials } from './supply/sbom.ts';

const file = path.resolve(process.argv[2] ?? path.join(root, 'dist'), 'filrouge.cdx.json');
await mkdir(path.dirname(file), { recursive: true });
await writeFile(file, await billOfMaterials(root));
console.log(file);
