import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startEmbeddedClickHouse } from './start-embedded-clickhouse.ts';

const PARENT = `
import { startEmbeddedClickHouse } from ${JSON.stringify(new URL('./start-embedded-clickhouse.ts', import.meta.url).href)};
const engine = await startEmbeddedClickHouse({ dataDir: process.argv[1] });
console.log(engine.pid);
`;

/** A process that ended and that nobody has waited for yet (state Z) does not run. */
async function runs(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return status !== undefined && !/\) [ZX] /.test(status);
}

test.runIf(process.platform === 'linux')(
  'a parent killed with -9 leaves no engine behind, and the directory can be used at once',
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'filrouge-orphan-'));
    const parent = spawn(process.execPath, ['--input-type=module', '-e', PARENT, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve) => {
      parent.stdout.once('data', (text: Buffer) => resolve(Number(text.toString())));
    });
    expect(await runs(pid)).toBe(true);
    parent.kill('SIGKILL');
    const engine = await startEmbeddedClickHouse({ dataDir });
    expect(await runs(pid)).toBe(false);
    await engine.stop();
    await rm(dataDir, { recursive: true, force: true });
  },
);
