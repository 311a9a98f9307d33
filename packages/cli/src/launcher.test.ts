import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const launcher = fileURLToPath(new URL('../bin/filrouge.mjs', import.meta.url));
const pinnedNode = new URL('../bin/pinned-node.mjs', import.meta.url).href;
const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
  optionalDependencies: Record<string, string>;
};

type Ended = { readonly code: number | null; readonly stdout: string };

/** Runs this Node with `args`; `whenUp` is called once the first line came out. */
function node(args: readonly string[], whenUp?: (pid: number) => void): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (stdout === '' && child.pid !== undefined) whenUp?.(child.pid);
      stdout += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout }));
  });
}

/** A parent that runs `program` in its place, as the launcher does, and exits with the code it was told. */
function inPlace(program: string): readonly string[] {
  const parent = `import { runInPlace } from ${JSON.stringify(pinnedNode)};
process.exitCode = await runInPlace(process.execPath, ['-e', ${JSON.stringify(program)}]);`;
  return ['--input-type=module', '-e', parent];
}

test('the launcher runs the program on the pinned Node', async () => {
  const { code, stdout } = await node([launcher, 'version', '--json']);
  expect(code).toBe(0);
  expect(Object.values(manifest.optionalDependencies)).toContain((JSON.parse(stdout) as { node: string }).node);
});

test('the launcher keeps the exit code', async () => {
  expect((await node(inPlace('process.exitCode = 3'))).code).toBe(3);
});

const endless = "console.log('up'); setInterval(() => {}, 1000);";

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s reaches the program, which may stop in its own way',
  async (signal) => {
    const program = `process.on('${signal}', () => { console.log('stopping'); process.exit(7); }); ${endless}`;
    const ended = await node(inPlace(program), (pid) => process.kill(pid, signal));
    expect(ended).toEqual({ code: 7, stdout: 'up\nstopping\n' });
  },
);

test('a program ended by a signal leaves 128 plus its number', async () => {
  const ended = await node(inPlace(endless), (pid) => process.kill(pid, 'SIGTERM'));
  expect(ended).toEqual({ code: 143, stdout: 'up\n' });
});

test('a reader that leaves early is no fault', async () => {
  const child = spawn(process.execPath, [launcher, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect([code, stderr]).toEqual([0, '']);
});
