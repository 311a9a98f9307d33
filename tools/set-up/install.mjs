import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { findPinnedNode } from '../../packages/cli/bin/pinned-node.mjs';
import { root, Stop, say } from './words.mjs';

const stamp = path.join(root, 'node_modules/.filrouge-installed');

/** Makes node_modules match package-lock.json, at no cost when it does, and returns the pinned Node. */
export async function ensureInstalled() {
  const wanted = fingerprint();
  if (readOr(stamp, '') !== wanted || findPinnedNode(pathToFileURL(stamp)) === undefined) {
    const begun = findPinnedNode(pathToFileURL(stamp)) !== undefined;
    say(
      begun
        ? 'bringing the dependencies up to date'
        : 'installing dependencies (about 1.2 GB the first time; one to three minutes)',
    );
    const startedAt = Date.now();
    // `npm install` keeps to the lockfile, and to what is installed already; `npm ci` would begin by deleting that
    // (docs/decisions/0002-set-up-by-npm-install.md).
    await npm(['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
    writeFileSync(stamp, fingerprint());
    say(`dependencies installed in ${Math.round((Date.now() - startedAt) / 1000)} s`);
  }
  const node = findPinnedNode(pathToFileURL(stamp));
  if (node === undefined) {
    throw new Stop(`no pinned Node for ${process.platform} ${process.arch}. Run npm install without --omit=optional.`);
  }
  return node;
}

function fingerprint() {
  const parts = ['package-lock.json', 'package.json'].map((file) => readOr(path.join(root, file), ''));
  return createHash('sha256')
    .update([process.platform, process.arch, ...parts].join('\n'))
    .digest('hex');
}

function readOr(file, otherwise) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return otherwise;
    throw error;
  }
}

/** npm's own output is progress: all of it goes to stderr. */
function npm(args) {
  return new Promise((resolve, reject) => {
    const command = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', process.stderr, 'inherit'],
      shell: process.platform === 'win32',
    });
    child.on('error', () => reject(new Stop('npm was not found. Install Node 20 or later together with npm.')));
    child.on('exit', (code) => {
      if (code === 0) resolve(undefined);
      else reject(new Stop('npm install failed. Its message is above; mend it and run the command again.'));
    });
  });
}
