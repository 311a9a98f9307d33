import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { filrouge, freePort, startFilrouge, temporaryDirectory } from '../testing/run-filrouge.ts';

const run = promisify(execFile);

/** Ids of the processes below one, however deep. */
async function descendants(pid: number): Promise<readonly number[]> {
  const { stdout } = await run('ps', ['-e', '-o', 'pid=,ppid=']);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const below = (parent: number): number[] =>
    rows.filter(([, ppid]) => ppid === parent).flatMap(([id]) => [id, ...below(id)]);
  return below(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Temporary demo directories that stand now. */
function demoDirectories(): readonly string[] {
  return readdirSync(os.tmpdir()).filter((name) => name.startsWith('filrouge-demo-'));
}

async function demo(argv: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const { path, remove } = await temporaryDirectory();
  onTestFinished(remove);
  const temporary = join(path, 'tmp');
  await mkdir(temporary);
  const environment = { FILROUGE_PORT: String(await freePort()), TMPDIR: temporary, ...more };
  const running = startFilrouge(['demo', '--shoppers', '200', '--days', '10', ...argv], {
    directory: path,
    environment,
  });
  onTestFinished(() => void running.child.kill('SIGKILL'));
  return { ...running, path, temporary };
}

type Ready = {
  readonly url: string;
  readonly keys: Readonly<Record<'web' | 'app' | 'server' | 'store', string>>;
  readonly apiToken: string;
  readonly admin: { readonly email: string; readonly password: string };
};

describe('filrouge demo', () => {
  test('--json prints one line when ready; its secrets work; the report has its bounds; a signal ends it and leaves nothing', async () => {
    const started = await demo(['--no-traffic', '--json']);
    const ready = JSON.parse(await started.line(/^\{/)) as Ready;
    expect(Object.keys(ready.keys)).toEqual(['web', 'app', 'server', 'store']);
    const environment = { FILROUGE_URL: ready.url, FILROUGE_TOKEN: ready.apiToken };
    const ropo = await filrouge(['report', 'ropo', '--brand', 'maison-aubrac', '--json'], { environment });
    const { bounds, population } = JSON.parse(ropo.stdout) as {
      bounds: { low: number; high: number };
      population: number;
    };
    expect(population).toBeGreaterThan(0);
    expect(bounds.low).toBeLessThanOrEqual(bounds.high);
    const doctor = await filrouge(['doctor', '--json'], { environment });
    expect(JSON.parse(doctor.stdout)).toMatchObject({ balanced: true, pending: 0, quarantined: 0 });
    const told = await fetch(`${ready.url}/v1/track`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-write-key': ready.keys.web },
      body: JSON.stringify({ event: 'Seen', anonymousId: 'somebody-new', messageId: 'm1' }),
    });
    expect(told.status).toBe(200);

    const pid = started.child.pid ?? 0;
    const children = await descendants(pid);
    expect(children.length).toBeGreaterThan(2);
    const begun = performance.now();
    process.kill(pid, 'SIGTERM');
    const ended = await started.ended;
    expect(ended.exitCode).toBe(0);
    expect(performance.now() - begun).toBeLessThan(15_000);
    expect(ended.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(children.filter(isAlive)).toEqual([]);
    expect(readdirSync(started.temporary).filter((name) => name.startsWith('filrouge-demo-'))).toEqual([]);
  });

  test('interrupted while it fills, it stops in seconds, with exit code 130 and nothing left', async () => {
    const started = await demo(['--shoppers', '20000']);
    const pid = started.child.pid ?? 0;
    await new Promise<void>((resolve) =>
      started.child.stderr?.on('data', (text: string) => text.includes('recorded') && resolve()),
    );
    const children = await descendants(pid);
    const begun = performance.now();
    process.kill(pid, 'SIGINT');
    expect(await started.ended).toMatchObject({ exitCode: 130, stdout: '' });
    expect(performance.now() - begun).toBeLessThan(15_000);
    expect(children.filter(isAlive)).toEqual([]);
    expect(readdirSync(started.temporary).filter((name) => name.startsWith('filrouge-demo-'))).toEqual([]);
  });

  test('in a directory of its own it goes on where it was, with live traffic, and speaks French', async () => {
    const { path, remove } = await temporaryDirectory();
    onTestFinished(remove);
    const more = { FILROUGE_DATA_DIR: join(path, 'demo'), LANG: 'fr_FR.UTF-8' };
    const first = await demo(['--no-traffic'], more);
    await first.line(/^ready http/);
    first.child.kill('SIGTERM');
    expect((await first.ended).stderr).toContain('Un commerçant simulé');
    const second = await demo([], more);
    await second.line(/^ready http/);
    second.child.kill('SIGTERM');
    const ended = await second.ended;
    expect(ended).toMatchObject({ exitCode: 0 });
    expect(ended.stderr).toContain('son historique est déjà là');
    expect(ended.stderr).toContain('Le trafic commence');
    expect(existsSync(join(path, 'demo', 'demo.json'))).toBe(true);
  });

  test('it fills no directory that holds something else, and tells a port that is taken', async () => {
    const { path, remove } = await temporaryDirectory();
    onTestFinished(remove);
    await writeFile(join(path, 'important'), '');
    const other = await filrouge(['demo'], { directory: path, environment: { FILROUGE_DATA_DIR: '.' } });
    expect(other).toMatchObject({ exitCode: 1, stdout: '' });
    expect(other.stderr).toContain('holds something else than a demo');
    expect(readdirSync(path)).toEqual(['important']);

    const before = demoDirectories();
    const slip = await filrouge(['demo', '--shoppers', 'many'], { directory: path });
    expect(slip).toMatchObject({ exitCode: 2, stdout: '' });
    expect(demoDirectories()).toEqual(before);
  });
});
