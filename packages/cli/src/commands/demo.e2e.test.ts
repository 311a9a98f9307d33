import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { filrouge, freePort, type RunningCommand, startFilrouge, temporaryDirectory } from '../testing/run-filrouge.ts';

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

/** Runs the curl lines that a demo tells, and answers the status of each. */
async function tried({ child, line }: Pick<RunningCommand, 'child' | 'line'>): Promise<readonly number[]> {
  let said = '';
  const told = new Promise<void>((resolve) =>
    child.stderr?.on('data', (text: string) => {
      said += text;
      if (said.includes('Ctrl-C')) resolve();
    }),
  );
  await line(/^ready http/);
  await told;
  const lines = said.matchAll(/^ {2}curl -H 'Authorization: (Bearer \S+)' '(\S+)'$/gm);
  return Promise.all(
    [...lines].map(
      async ([, authorization = '', url = '']) => (await fetch(url, { headers: { authorization } })).status,
    ),
  );
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
    expect(await tried(first)).toEqual([200, 200, 200]);
    first.child.kill('SIGTERM');
    const { stderr } = await first.ended;
    expect(stderr).toContain('Un commerçant simulé');
    expect(stderr).toMatch(/^ +jusqu’ici\u202f: +acceptés +retenus +quarantaine +refusés +personnes +par s$/m);
    const second = await demo([], more);
    expect(await tried(second)).toEqual([200, 200, 200]);
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
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const port = String((taken.address() as AddressInfo).port);
    const told = await filrouge(['demo'], { directory: path, environment: { FILROUGE_PORT: port } });
    expect(told).toMatchObject({ exitCode: 1, stdout: '' });
    expect(told.stderr).toMatch(/^filrouge: port \d+ of 127\.0\.0\.1 is taken\. .+\n$/);
    const slip = await filrouge(['demo', '--shoppers', 'many'], { directory: path });
    expect(slip).toMatchObject({ exitCode: 2, stdout: '' });
    expect(demoDirectories()).toEqual(before);
  });
});
