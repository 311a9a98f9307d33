import { existsSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BALLAST_FILE, Ballast } from './ballast.ts';
import { DiskGuard } from './disk-guard.ts';

const MB = 1024 * 1024;

let dataDir: string;
let free: number | Error;
let looks: string[];
let said: string[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'filrouge-guard-'));
  free = 300 * MB;
  looks = [];
  said = [];
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(dataDir, { recursive: true, force: true });
});

function guardOf(urls: { readonly postgresUrl?: string; readonly clickhouseUrl?: string } = {}): DiskGuard {
  const environment = { dataDir, postgresUrl: urls.postgresUrl, clickhouseUrl: urls.clickhouseUrl };
  const told = (_figures: object, text: string): number => said.push(text);
  return new DiskGuard({
    environment,
    logger: { warn: told, error: told } as never,
    async freeBytes(path) {
      looks.push(path);
      if (free instanceof Error) throw free;
      // An engine's directory is not there before its first start.
      return path === dataDir ? free : undefined;
    },
  });
}

test('G4: a server that starts on a full disk lets the ballast go before any engine recovers', async () => {
  await writeFile(join(dataDir, BALLAST_FILE), 'x');
  free = 0;
  const guard = guardOf();
  await guard.open();
  expect([existsSync(join(dataDir, BALLAST_FILE)), guard.state.mode]).toEqual([false, 'halted']);
  const heard: string[] = [];
  guard.watch((mode) => heard.push(mode));
  await guard.stop();
  expect(heard, 'whoever watches from now on hears it').toEqual(['halted']);
  expect(said).toHaveLength(2);
});

test('G4: it asks every five seconds while idle, every second while it waits, and once for many who ask', async () => {
  vi.useFakeTimers();
  const guard = guardOf({ postgresUrl: 'postgres://x', clickhouseUrl: 'http://x' });
  await guard.open();
  guard.watch(() => undefined);
  looks.length = 0;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(looks).toHaveLength(12);
  free = 0;
  await vi.advanceTimersByTimeAsync(5_000);
  looks.length = 0;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(looks).toHaveLength(10);
  await vi.advanceTimersByTimeAsync(600);
  looks.length = 0;
  await Promise.all(Array.from({ length: 50 }, () => guard.look()));
  expect(looks).toHaveLength(1);
  await guard.stop();
  looks.length = 0;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(looks).toEqual([]);
});

test('which file systems are watched, and from where on: those that an engine fills, or that of the keys alone', async () => {
  const places = async (guard: DiskGuard): Promise<readonly string[]> => {
    looks = [];
    await guard.open();
    return looks;
  };
  const embedded = guardOf();
  expect(await places(embedded)).toEqual([dataDir, join(dataDir, 'postgres'), join(dataDir, 'clickhouse')]);
  expect(embedded.marks).toMatchObject({ closeBelow: 256 * MB, ballastBytes: 64 * MB });
  expect(await places(guardOf({ postgresUrl: 'postgres://x' }))).toEqual([dataDir, join(dataDir, 'clickhouse')]);
  const byUrl = guardOf({ postgresUrl: 'postgres://x', clickhouseUrl: 'http://x' });
  expect(await places(byUrl)).toEqual([dataDir]);
  expect(byUrl.marks).toMatchObject({ closeBelow: 16 * MB, ballastBytes: 0 });
});

test('a disk that cannot be asked changes nothing, and is said once', async () => {
  free = new Error('EIO');
  vi.useFakeTimers();
  const guard = guardOf();
  await guard.open();
  guard.watch(() => undefined);
  await vi.advanceTimersByTimeAsync(30_000);
  await guard.requireRoom();
  expect(said).toEqual(['the free space of the disk is unknown']);
  await guard.stop();
});

test('a ballast is laid once, again where it is not whole, and takes space even where zeros would not', async () => {
  const ballast = new Ballast(dataDir, 3 * MB + 5);
  expect([await ballast.lay(), await ballast.lay()]).toEqual([true, false]);
  await truncate(join(dataDir, BALLAST_FILE), MB);
  expect([await ballast.lay(), await ballast.lay()]).toEqual([true, false]);
  expect([await ballast.release(), await ballast.release()]).toEqual([true, false]);
});
