import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, readlink, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { EngineError } from '@filrouge/ports';
import pg from 'pg';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { PostgresConnection } from '../connection.ts';
import { locateBinaries } from './embedded-binaries.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-server.ts';
import { startTimeOf } from './process-identity.ts';

const asRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

let folder: string;
const running: EmbeddedPostgres[] = [];
const parents: ChildProcess[] = [];

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'filrouge-embedded-')));
  await chmod(folder, 0o755);
  return () => rm(folder, { recursive: true, force: true, maxRetries: 20 });
});

afterEach(async () => {
  for (const parent of parents.splice(0)) parent.kill('SIGKILL');
  for (const server of running.splice(0)) await server.stop();
});

async function start(dataDir: string, options: Partial<Parameters<typeof startEmbeddedPostgres>[0]> = {}) {
  const server = await startEmbeddedPostgres({ dataDir, ...options });
  running.push(server);
  return server;
}

async function ask(connection: PostgresConnection, text: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ ...connection });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const result = await client.query({ text, rowMode: 'array' });
    return [result].flat().flatMap(({ rows }) => rows.flat());
  } finally {
    await client.end();
  }
}

interface Started {
  readonly pid: number;
  readonly connection: PostgresConnection;
}

/** A parent of its own that starts the server, writes one row, and stays until it is killed. */
async function startInAnotherProcess(dataDir: string, before = '', options = '{}'): Promise<[ChildProcess, Started]> {
  const program = `
    import { startEmbeddedPostgres } from ${JSON.stringify(new URL('./embedded-server.ts', import.meta.url).href)};
    import pg from ${JSON.stringify(import.meta.resolve('pg'))};
    ${before}
    const server = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, ...${options} });
    const client = new pg.Client(server.connection);
    await client.connect();
    await client.query('CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES (42)');
    console.log(JSON.stringify({ pid: server.pid, connection: server.connection }));
    setInterval(() => undefined, 1000);
  `;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  parents.push(parent);
  let said = '';
  parent.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  const line = await new Promise<string>((resolve, reject) => {
    parent.stdout?.once('data', (chunk) => resolve(String(chunk)));
    parent.once('exit', () => reject(new Error(`the parent ended: ${said}`)));
  });
  return [parent, JSON.parse(line) as Started];
}

async function killed(process: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => process.once('exit', resolve));
  process.kill('SIGKILL');
  await gone;
}

test('a private home with spaces and a long path: the server starts, keeps its promises, and keeps its data', async () => {
  const home = join(folder, 'private home');
  await mkdir(home, { mode: 0o700 });
  const dataDir = join(home, 'a'.repeat(100), '.filrouge', 'postgres');
  const lines: string[] = [];
  const first = await start(dataDir, { onProgress: (line) => lines.push(line) });
  expect(first.adopted).toBe(false);
  expect(lines).toContain('creating the PostgreSQL database (once, a few seconds)');
  await ask(first.connection, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)');
  await first.stop();
  expect(startTimeOf(first.pid)).toBeUndefined();
  await expect(stat(join(dataDir, 'cluster', 'postmaster.pid'))).rejects.toThrow('ENOENT');

  const second = await start(dataDir);
  expect(await ask(second.connection, 'SELECT n FROM kept')).toEqual([7]);
  const setting = async (name: string) => (await ask(second.admin, `SHOW ${name}`))[0];
  expect(await setting('data_checksums')).toBe('on');
  expect(await setting('fsync')).toBe('on');
  expect(await setting('synchronous_commit')).toBe('on');
  expect(await setting('server_encoding')).toBe('UTF8');
  expect(await setting('lc_collate').catch(() => 'C')).toBe('C');
  expect(await setting('listen_addresses')).toBe('');
  expect(await setting('wal_compression')).toBe('pglz');
  expect(await ask(second.connection, 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).toEqual([false]);
  expect((await stat(second.connection.host)).mode & 0o777).toBe(0o700);
  expect((await stat(join(dataDir, 'credentials.json'))).mode & 0o777).toBe(0o600);
  expect((await stat(join(dataDir, 'cluster', 'PG_VERSION'))).uid).toBe(asRoot ? NOBODY : process.getuid?.());
});

test('nobody enters without the password, and no line of pg_hba.conf trusts', async () => {
  const dataDir = join(folder, 'password');
  const server = await start(dataDir);
  const wrong = { ...server.connection, password: 'wrong' };
  await expect(ask(wrong, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  const rules = (await readFile(join(dataDir, 'cluster', 'pg_hba.conf'), 'utf8')).split('\n');
  const methods = rules.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(/\s+/).at(-1));
  expect(new Set(methods)).toEqual(new Set(['scram-sha-256']));
  expect(await ask(server.admin, "SELECT count(*)::int FROM pg_authid WHERE rolpassword LIKE 'SCRAM%'")).toEqual([2]);
});

test('without a socket it listens on the loopback address only', async () => {
  const server = await start(join(folder, 'loopback'), { listen: 'loopback' });
  expect(server.connection.host).toBe('127.0.0.1');
  expect(await ask(server.admin, 'SHOW listen_addresses')).toEqual(['127.0.0.1']);
  expect(await ask(server.admin, 'SHOW unix_socket_directories')).toEqual(['']);
  expect(await ask(server.connection, 'SELECT inet_server_addr()::text')).toEqual(['127.0.0.1/32']);
});

test('after kill -9 of its parent the server is adopted, with the data', async () => {
  const dataDir = join(folder, 'adopted');
  const [parent, left] = await startInAnotherProcess(dataDir);
  await killed(parent);
  expect(startTimeOf(left.pid)).toBeDefined();
  const server = await start(dataDir);
  expect(server).toMatchObject({ adopted: true, pid: left.pid });
  expect(await ask(server.connection, 'SELECT n FROM kept')).toEqual([42]);
  await server.stop();
  expect(startTimeOf(left.pid)).toBeUndefined();
});

test('a parent that exits without stop() takes its server along', async () => {
  const dataDir = join(folder, 'exit');
  const [parent, left] = await startInAnotherProcess(dataDir, "process.on('SIGTERM', () => process.exit(0));");
  parent.kill('SIGTERM');
  await expect.poll(() => startTimeOf(left.pid), { timeout: 10_000 }).toBeUndefined();
  const server = await start(dataDir);
  expect(server.adopted).toBe(false);
  expect(await ask(server.connection, 'SELECT n FROM kept')).toEqual([42]);
});

test('a server left with other settings is stopped and started again, with the data', async () => {
  const dataDir = join(folder, 'other-settings');
  const [parent, left] = await startInAnotherProcess(dataDir, '', '{ settings: { work_mem: "5MB" } }');
  await killed(parent);
  const server = await start(dataDir);
  expect(server.adopted).toBe(false);
  expect(startTimeOf(left.pid)).toBeUndefined();
  expect(await ask(server.connection, 'SELECT n FROM kept')).toEqual([42]);
});

/** Starts one that says what it does when it ends. */
async function startWatched(dataDir: string) {
  const lines: string[] = [];
  const server = await start(dataDir, {
    onProgress: (line) => lines.push(line),
    onCrash: ({ why }) => lines.push(`given up: ${why}`),
  });
  const runsAgain = (times: number): Promise<void> =>
    expect.poll(() => lines.filter((line) => line === 'PostgreSQL runs again').length, { timeout: 30_000 }).toBe(times);
  return { server, lines, runsAgain };
}

test('an adopted server that ends is started again at the same place', async () => {
  const dataDir = join(folder, 'adopted-crash');
  const [parent, left] = await startInAnotherProcess(dataDir);
  await killed(parent);
  const { server, runsAgain } = await startWatched(dataDir);
  expect(server.adopted).toBe(true);
  process.kill(left.pid, 'SIGKILL');
  await runsAgain(1);
  expect(server.pid).not.toBe(left.pid);
  expect(await ask(server.connection, 'SELECT 1')).toEqual([1]);
});

test('kill -9 of the postmaster or of a backend, an immediate shutdown: it runs again and has what was committed', async () => {
  const { server, lines, runsAgain } = await startWatched(join(folder, 'crash'));
  await ask(server.connection, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (9)');
  process.kill(server.pid, 'SIGKILL');
  await runsAgain(1);
  const [backend] = await ask(server.admin, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'");
  process.kill(Number(backend), 'SIGKILL');
  await runsAgain(2);
  process.kill(server.pid, 'SIGQUIT');
  await runsAgain(3);
  expect(await ask(server.connection, 'SELECT n FROM kept')).toEqual([9]);
  expect(lines.filter((line) => line.includes('ended'))).toEqual([
    expect.stringContaining('signal SIGKILL'),
    expect.stringContaining('signal 9 ended a process of its'),
    expect.stringContaining('somebody else asked it to (immediate)'),
  ]);
});

test('a second Filrouge on the same directory is refused, in this process and in another', async () => {
  const dataDir = join(folder, 'busy');
  const [parent] = await startInAnotherProcess(dataDir);
  await expect(start(dataDir)).rejects.toThrow(`${dataDir} is in use by process ${parent.pid} on `);
  await killed(parent);
  await start(dataDir);
  await expect(start(dataDir)).rejects.toThrow(`${dataDir} is in use by process ${process.pid} on `);
});

test('an interrupted initdb leaves nothing that the next start stumbles over', async () => {
  const dataDir = join(folder, 'half');
  const interrupted = startInAnotherProcess(dataDir).catch((error: unknown) => String(error));
  const parent = parents.at(-1);
  await expect.poll(() => exists(join(dataDir, 'credentials.json')), { interval: 5, timeout: 20_000 }).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 150));
  parent?.kill('SIGKILL');
  expect(await interrupted).toContain('the parent ended');
  expect(await exists(join(dataDir, 'cluster'))).toBe(false);
  const server = await start(dataDir);
  expect(await ask(server.connection, 'SELECT 1')).toEqual([1]);
});

test('files that are no database, another major version and lost passwords are refused with what to do', async () => {
  const strange = join(folder, 'strange');
  await mkdir(join(strange, 'cluster'), { recursive: true });
  await writeFile(join(strange, 'cluster', 'letter.txt'), 'not a database');
  await expect(start(strange)).rejects.toThrow('passwords (credentials.json) are gone');
  await writeFile(join(strange, 'credentials.json'), '{"superuser":"a","application":"b"}');
  await expect(start(strange)).rejects.toThrow('holds files but no database');
  await writeFile(join(strange, 'cluster', 'PG_VERSION'), '12\n');
  await expect(start(strange)).rejects.toThrow('was written by PostgreSQL 12');
  await writeFile(join(strange, 'credentials.json'), '{');
  await expect(start(strange)).rejects.toThrow('is damaged');
});

test('a server that cannot start says why, from its log', async () => {
  const failure = start(join(folder, 'bad-settings'), { settings: { wal_compression: 'lz9' } });
  await expect(failure).rejects.toBeInstanceOf(EngineError);
  await expect(failure).rejects.toThrow('invalid value for parameter "wal_compression"');
});

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The programs of the npm package, copied to where any account can run them. */
async function programsFor(name: string): Promise<string> {
  const { postgres } = await locateBinaries({ account: undefined, onProgress: () => undefined });
  const copy = join(folder, name);
  await cp(join(dirname(postgres), '..'), copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

// Whoever runs the tests is covered above; when that is root, what only root can try follows.
const rootOnly = asRoot ? ['as root'] : [];

test.each(rootOnly)('%s: a normal user starts it too, and root may continue with the files of that user', async () => {
  const home = join(folder, 'normal');
  await mkdir(home, { mode: 0o700 });
  await chown(home, NOBODY, NOBODY);
  const dataDir = join(home, 'postgres');
  const programs = await programsFor('normal-programs');
  const options = JSON.stringify({ programs });
  const become = `process.setgroups([]); process.setgid(${NOBODY}); process.setuid(${NOBODY});`;
  const [parent, left] = await startInAnotherProcess(dataDir, become, options);
  expect(left.connection.host).toBe(join(dataDir, 'socket'));
  // Run where they are: nothing was copied.
  expect(await readlink(`/proc/${left.pid}/exe`)).toBe(join(programs, 'bin', 'postgres'));
  expect((await stat(`/proc/${parent.pid}`)).uid).toBe(NOBODY);
  await killed(parent);
  const server = await start(dataDir);
  expect(await ask(server.connection, 'SELECT n FROM kept')).toEqual([42]);
  expect((await stat(join(dataDir, 'cluster', 'PG_VERSION'))).uid).toBe(NOBODY);
});

test.each(rootOnly)('%s: a normal user is told that a database is not theirs', async () => {
  const home = join(folder, 'foreign');
  await mkdir(join(home, 'cluster'), { recursive: true });
  await chown(home, NOBODY, NOBODY);
  const become = `process.setgroups([]); process.setgid(${NOBODY}); process.setuid(${NOBODY});`;
  await expect(startInAnotherProcess(home, become)).rejects.toThrow('belongs to uid 0');
});

test.each(rootOnly)(
  '%s: programs inside a private home are copied to where the database account can run them',
  async () => {
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const programs = await programsFor('closed/native');
    const cache = join(folder, 'cache');
    await mkdir(cache, { mode: 0o755 });
    const lines: string[] = [];
    const account = { uid: NOBODY, gid: NOBODY };
    const options = { account, programs, cacheHomes: [cache], onProgress: (line: string) => lines.push(line) };
    const found = await locateBinaries(options);
    expect(found.postgres.startsWith(cache)).toBe(true);
    expect(found.version).toMatch(/^18\./);
    expect(await locateBinaries(options)).toEqual(found);
    expect(lines).toHaveLength(1);
  },
);

test('links between the libraries that a skipped install script left out are made', async () => {
  const programs = join(await programsFor('unlinked/native'));
  const list = createRequire(import.meta.url)(join(programs, 'pg-symlinks.json')) as { target: string }[];
  for (const { target } of list) await rm(join(programs, '..', target), { force: true });
  const found = await locateBinaries({ account: undefined, programs, onProgress: () => undefined });
  expect(found).toMatchObject({ postgres: join(programs, 'bin', 'postgres') });
  for (const { target } of list) expect(await exists(join(programs, '..', target))).toBe(true);
});
