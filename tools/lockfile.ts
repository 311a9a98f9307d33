// Completes package-lock.json after `npm install`: `npm run lockfile`. What it adds, and why: complete-lockfile.ts.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './check/run-tool.ts';
import { completeLockfile, isCompleted } from './supply/complete-lockfile.ts';
import { readLockfile } from './supply/lockfile.ts';

const completed = completeLockfile(readLockfile(root));
writeFileSync(path.join(root, 'package-lock.json'), `${JSON.stringify(completed, null, 2)}\n`);
const entries = Object.values(completed.packages);
console.log(`${entries.length} packages, ${entries.filter(isCompleted).length} of them by their version alone`);
