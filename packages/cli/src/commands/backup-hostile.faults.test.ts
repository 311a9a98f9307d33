import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tellFault } from '../../../../tools/faults/table.ts';
import { filrouge, type Said, startFilrouge, temporaryDirectory } from '../testing/run-filrouge.ts';
import { unpackOldHouse } from '../testing/upgrade/old-house.ts';

// What an operator, or a disk, may do to a backup: each is refused with its reason, and nothing half done is left.

const system = promisify(execFile);
const MASTER = { FILROUGE_MASTER_KEY_FILE: '.filrouge/master.key' };
const ELSEWHERE = { FILROUGE_DATA_DIR: 'elsewhere', ...MASTER };
const MB = 1024 * 1024;

let place: Awaited<ReturnType<typeof temporaryDirectory>>;
let bytes: number;
const tried = { refused: 0, leftBehind: 0 };

beforeAll(async () => {
  place = await temporaryDirectory();
  await unpackOldHouse('before-faults', place.path);
  const made = await run(['backup', 'whole', '--keys', 'key-copy', '--json']);
  if (made.exitCode !== 0) throw new Error(made.stderr);
  ({ bytes } = JSON.parse(made.stdout) as { readonly bytes: number });
});
afterAll(() => place.remove());

const at = (...names: readonly string[]): string => join(place.path, ...names);

function run(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Said> {
  return filrouge(argv, { directory: place.path, environment });
}

/** What a command that must fail says; what it left in the directory, but for what was there, is counted. */
async function refused(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const before = new Set(await readdir(place.path));
  const { exitCode, stdout, stderr } = await run(argv, environment);
  expect([1, 2], stderr + stdout).toContain(exitCode);
  expect(stderr, 'a sentence and the way out, not a fault of the program').toMatch(
    /(^|\n)filrouge: [^\n]+\. [^\n]+\.\n$/,
  );
  expect(stderr).not.toContain('fault of filrouge itself');
  tried.refused += 1;
  tried.leftBehind += (await readdir(place.path)).filter((name) => !before.has(name)).length;
  return stderr;
}

/** Changes a byte in the middle of a file while `during` works, and puts it back. */
async function withOtherByte(path: string, during: () => Promise<void>): Promise<void> {
  const whole = await readFile(path);
  const middle = Math.floor(whole.length / 2);
  await writeFile(path, whole.with(middle, (whole[middle] ?? 0) ^ 1));
  await during();
  await writeFile(path, whole);
}

test('G19: one bit in any kind of file of a backup, of its keys or its manifest is seen before anything is changed', async () => {
  const files = (await readdir(at('whole'), { recursive: true })).sort();
  const kinds = [
    /\/PG_VERSION$/,
    /pg_control$/,
    /pg_wal\/[0-9A-F]{24}$/,
    /backup_label$/,
    /credentials\.json$/,
    /base\/\d+\/\d+$/,
    /pg_xact\/\d+$/,
  ];
  for (const kind of kinds) {
    const found = files.find((file) => kind.test(file));
    if (found === undefined) throw new Error(`the backup has no file ${kind}`);
    // `filrouge backup verify` looks the same way.
    await withOtherByte(at('whole', found), async () => {
      expect(await refused(['restore', 'whole', '--keys', 'key-copy'], ELSEWHERE)).toContain(
        `${found} (other-content)`,
      );
    });
  }
  const hash = await readFile(at('whole/manifest.json.sha256'));
  // Behind the hash stands the name of the file alone.
  await writeFile(at('whole/manifest.json.sha256'), hash.with(20, (hash[20] ?? 0) ^ 1));
  await expectTouched();
  await writeFile(at('whole/manifest.json.sha256'), hash);
  await withOtherByte(at('whole/manifest.json'), expectTouched);
  for (const file of await readdir(at('key-copy'))) {
    await withOtherByte(at('key-copy', file), async () => {
      expect(await refused(['restore', 'whole', '--keys', 'key-copy'], ELSEWHERE)).toContain(file);
    });
  }
  expect(await run(['backup', 'verify', 'whole'])).toMatchObject({ exitCode: 0 });
});

async function expectTouched(): Promise<void> {
  const said = await run(['backup', 'verify', 'whole']);
  expect([said.exitCode, said.stderr]).toEqual([1, expect.stringContaining('is not what it was')]);
  expect(await refused(['restore', 'whole', '--keys', 'key-copy'], ELSEWHERE)).toContain('is damaged');
}

test('G19: keys that are missing, older, or another’s; a backup of a later version; places that cannot be', async () => {
  const restore = ['restore', 'whole', '--keys', 'key-copy'];
  await cp(at('key-copy'), at('older-keys'), { recursive: true });
  const [bucket = ''] = (await readdir(at('older-keys')))
    .filter((name) => name.startsWith('bucket'))
    .sort()
    .reverse();
  await rm(at('older-keys', bucket));
  await mkdir(at('no-keys'));
  await writeFile(at('other.key'), Buffer.alloc((await stat(at('.filrouge/master.key'))).size, 0x61));
  await mkdir(at('empty-consents'));
  await writeFile(at('a-file'), 'x');
  await cp(at('whole'), at('later'), { recursive: true });
  const manifest = JSON.parse(await readFile(at('later/manifest.json'), 'utf8')) as object;

  const cases: readonly (readonly [
    argv: readonly string[],
    environment: Readonly<Record<string, string>>,
    why: RegExp,
  ])[] = [
    [['restore', 'whole', '--keys', 'older-keys'], ELSEWHERE, /are older than the backup: bucket|there are no keys/],
    [['restore', 'whole', '--keys', 'no-keys'], ELSEWHERE, /there are no keys in/],
    [['restore', 'whole', '--keys', 'not-there'], ELSEWHERE, /there are no keys in/],
    [restore, { ...ELSEWHERE, FILROUGE_MASTER_KEY_FILE: 'not-there.key' }, /there is no master key/],
    [restore, { ...ELSEWHERE, FILROUGE_MASTER_KEY_FILE: 'other.key' }, /master key/],
    [
      restore,
      { ...ELSEWHERE, FILROUGE_CONSENTS_DIR: 'empty-consents' },
      /which holds no consents.+leave the variable out/,
    ],
    [restore, { ...ELSEWHERE, FILROUGE_CONSENTS_DIR: 'a-file' }, /cannot be read \(ENOTDIR\)/],
    [restore, { ...MASTER, FILROUGE_DATA_DIR: 'whole' }, /lie in one another/],
    [[...restore, '--force'], { ...MASTER, FILROUGE_DATA_DIR: '.' }, /lie in one another/],
    [restore, { ...MASTER, FILROUGE_DATA_DIR: 'whole/inside' }, /lie in one another/],
    [restore, { ...MASTER, FILROUGE_DATA_DIR: 'a-file' }, /a-file/],
    [restore, { ...MASTER, FILROUGE_DATA_DIR: 'a-file/below' }, /a-file/],
    [restore, {}, /is not empty.+--force/],
    [['backup', 'a-file'], {}, /a-file/],
    [['backup', 'a-file/below'], {}, /a-file/],
    [['backup', 'more', '--keys', 'a-file'], {}, /a-file/],
    [['backup', 'more'], { FILROUGE_DATA_DIR: 'not-there' }, /there are no keys|there is no database/],
  ];
  for (const [argv, environment, why] of cases) expect(await refused(argv, environment), argv.join(' ')).toMatch(why);
  for (const [more, why] of [
    [{ format: 3 }, /later version of filrouge \(format 3\).+that version, or a later one/],
    [{ migrations: 999 }, /has migration 999, this version ends at \d+.+that version, or a later one/],
  ] as const) {
    const text = JSON.stringify({ ...manifest, ...more });
    await writeFile(at('later/manifest.json'), text);
    await writeFile(
      at('later/manifest.json.sha256'),
      `${createHash('sha256').update(text).digest('hex')}  manifest.json\n`,
    );
    expect(await refused(['restore', 'later', '--keys', 'key-copy'], ELSEWHERE)).toMatch(why);
  }
});

test('G19: a backup that is interrupted, or for which the disk is too small, leaves nothing', async () => {
  const { child, ended } = startFilrouge(['backup', 'cut', '--json'], { directory: place.path });
  const ms = 50;
  for (let waited = 0; waited < 60_000 && !(await readdir(place.path)).includes('cut.part'); waited += ms) {
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
  child.kill('SIGINT');
  const said = await ended;
  // One that was quicker is whole.
  const left = (await readdir(place.path)).filter((name) => name.startsWith('cut'));
  const whole = said.exitCode === 0 && (await run(['backup', 'verify', 'cut'])).exitCode === 0;
  expect(left, said.stderr).toEqual(whole ? ['cut'] : []);
  expect([0, 130]).toContain(said.exitCode);

  await mkdir(at('small'));
  // Room for the tables, and none for the log that is written meanwhile.
  await system('mount', ['-t', 'tmpfs', '-o', `size=${Math.ceil(bytes / MB) - 8}m`, 'tmpfs', at('small')]);
  try {
    expect(await refused(['backup', 'small/one'])).toMatch(/disk is full|has room for/);
    expect(await readdir(at('small'))).toEqual([]);
    await system('mount', ['-o', 'remount,size=4m', at('small')]);
    expect(await refused(['backup', 'small/one'])).toContain('has room for');
    const restore = ['restore', 'whole', '--keys', 'key-copy'];
    expect(await refused(restore, { ...MASTER, FILROUGE_DATA_DIR: 'small/data' })).toContain('has room for');
    expect(await readdir(at('small'))).toEqual([]);

    // Room for the copy, and none for what PostgreSQL and ClickHouse need to work.
    await system('mount', ['-o', `remount,size=${Math.ceil(bytes / MB) + 2}m`, at('small')]);
    const data = { ...MASTER, FILROUGE_DATA_DIR: 'small/data' };
    expect(await run([...restore], data)).toMatchObject({ exitCode: 1, stdout: '' });
    expect(await refused(['migrate'], data)).toContain('was not finished: run filrouge restore again');
    await system('mount', ['-o', 'remount,size=2g', at('small')]);
    const restored = await run([...restore, '--json'], data);
    expect(restored, restored.stderr).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(restored.stdout)).toMatchObject({ equal: true, balanced: true });
  } finally {
    await system('umount', ['-l', at('small')]);
  }
  const { refused: refusals, leftBehind } = tried;
  await tellFault({
    goal: 'G19 hostile backups',
    tried: refusals,
    of: 'backups and restores that cannot be',
    lost: 0,
    duplicated: 0,
    leaked: leftBehind,
    measured: `each refused with its reason; ${leftBehind} left anything`,
    met: leftBehind === 0,
  });
  expect(leftBehind).toBe(0);
});
