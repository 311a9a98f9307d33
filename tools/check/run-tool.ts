import { spawn } from 'node:child_process';
import path from 'node:path';

/** The checkout's root. */
export const root = path.resolve(import.meta.dirname, '../..');

export type ToolRun = { readonly exitCode: number; readonly output: string };

/**
 * Runs a tool of node_modules on this Node, e.g. `runTool('oxlint/bin/oxlint', [])`, in `cwd` (default: the root).
 * Resolves to its exit code and everything it wrote, stdout first; a signal's end counts as exit code 1.
 */
export function runTool(script: string, args: readonly string[], cwd: string = root): Promise<ToolRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(root, 'node_modules', script), ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    });
    const written: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
    child.stdout.on('data', (chunk: Buffer) => written.stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => written.stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      const output = Buffer.concat([...written.stdout, ...written.stderr]).toString();
      resolve({ exitCode: code ?? 1, output });
    });
  });
}
