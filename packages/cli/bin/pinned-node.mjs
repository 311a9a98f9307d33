// Plain JavaScript that any Node from 20 on understands: it runs before the pinned Node does.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

/** The npm packages that carry a Node binary for this machine, the usual one first. */
function binaryPackages() {
  const names = [`node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`];
  if (process.platform === 'darwin') names.push(`node-bin-darwin-${process.arch}`);
  return names;
}

/**
 * The pinned Node as `{ file, version }`, looked up from the place of `fromUrl` (a file URL); undefined when its npm
 * package is not installed there.
 */
export function findPinnedNode(fromUrl) {
  const require = createRequire(fromUrl);
  for (const name of binaryPackages()) {
    try {
      const manifest = require.resolve(`${name}/package.json`);
      const file = path.join(path.dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
      if (existsSync(file)) return { file, version: JSON.parse(readFileSync(manifest, 'utf8')).version };
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  return undefined;
}

/**
 * Runs `file` with `args` in this process's place: same streams, SIGINT, SIGTERM and SIGHUP handed on.
 * Resolves to the exit code; 128 + the signal's number when a signal ended it, as a shell says it.
 */
export function runInPlace(file, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'inherit', ...options });
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const forward = (signal) => {
      // A terminal's Ctrl-C reaches the whole foreground group, the child included: once is enough.
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    };
    for (const signal of signals) process.on(signal, forward);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const each of signals) process.off(each, forward);
      resolve(code ?? 128 + os.constants.signals[signal]);
    });
  });
}

/** The environment in which a bare `node` means the pinned one. */
export function environmentWith(node) {
  return { ...process.env, PATH: `${path.dirname(node.file)}${path.delimiter}${process.env.PATH ?? ''}` };
}
