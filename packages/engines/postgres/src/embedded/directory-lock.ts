import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { accept, type Result, refuse } from '@filrouge/domain/base';
import { ownIdentity, type ProcessIdentity, whereRuns } from './process-identity.ts';

/** How often a holder says that it lives, and how old that sign may be when its pid cannot be asked. */
const HEARTBEAT_MS = 5_000;
const SILENT_MS_MAX = 15_000;
/** The time of day says how old a sign is, and may have been changed since: so long nothing new must be heard besides. */
const LISTENED_MS_MIN = HEARTBEAT_MS + 1_500;
const CLAIM_ATTEMPTS_MAX = 8;

/** A held directory. `release` is idempotent. */
export interface DirectoryLock {
  release(): Promise<void>;
}

/** Who holds the directory. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
}

interface Claim extends ProcessIdentity {
  readonly host: string;
  readonly holding: boolean;
}

/**
 * Takes `directory` (which must exist) for this process, so that no second one uses it.
 *
 * Every contender writes a claim file of its own and then reads the others': of two, at least one sees the other and
 * steps back, so no take-over of a dead holder's file can race. A claim is dead when its process is (pid and start
 * time), or, if it was made in another container or boot, when its heartbeat is older than 15 seconds and no other comes
 * meanwhile, or when none came for 15 seconds, whatever its date: so a container restarted on the same volume waits some
 * seconds, and that long at most. Refusal: the live holder.
 */
export async function acquireDirectoryLock(
  directory: string,
  onProgress: (line: string) => void,
): Promise<Result<DirectoryLock, LockHolder>> {
  const claims = join(directory, 'locks');
  await mkdir(claims, { recursive: true, mode: 0o700 });
  const own = join(claims, `${process.pid}-${randomBytes(6).toString('hex')}.json`);
  const heard: Heard = new Map();
  let waitedUntil: number | undefined;
  for (let attempt = 1; ; attempt += 1) {
    await writeClaim(own, false);
    const rivals = await liveClaims(claims, own, heard);
    const rival = rivals.find((claim) => claim.holding) ?? rivals[0];
    if (rival === undefined) {
      await writeClaim(own, true);
      return accept(hold(own));
    }
    await rm(own, { force: true });
    const holder: LockHolder = { pid: rival.pid, host: rival.host };
    if (rival.holding && whereRuns(rival) === 'elsewhere') {
      waitedUntil ??= performance.now() + SILENT_MS_MAX + HEARTBEAT_MS;
      if (performance.now() >= waitedUntil) return refuse(holder);
      onProgress(`waiting for a sign of life of process ${rival.pid} of ${rival.host}, which used this directory`);
      await sleep(1_000);
    } else if (rival.holding || attempt >= CLAIM_ATTEMPTS_MAX) {
      return refuse(holder);
    } else {
      await sleep(20 + Math.random() * 80 * attempt);
    }
  }
}

function hold(own: string): DirectoryLock {
  const heartbeat = setInterval(() => {
    const now = new Date();
    // A missed beat is repaired by the next one; the pid is what rivals on this machine look at.
    utimes(own, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    async release() {
      clearInterval(heartbeat);
      await rm(own, { force: true });
    },
  };
}

async function writeClaim(path: string, holding: boolean): Promise<void> {
  const claim: Claim = { ...ownIdentity(), host: hostname(), holding };
  await writeFile(`${path}.new`, `${JSON.stringify(claim)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** By claim its last heartbeat, and when by `performance.now()` it was first seen here. */
type Heard = Map<string, { readonly mtimeMs: number; readonly at: number }>;

async function liveClaims(directory: string, own: string, heard: Heard): Promise<readonly Claim[]> {
  const live: Claim[] = [];
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    if (path === own || !name.endsWith('.json')) continue;
    const claim = await readClaim(path, heard);
    if (claim === 'gone') continue;
    if (claim === 'dead') await rm(path, { force: true });
    else live.push(claim);
  }
  return live;
}

async function readClaim(path: string, heard: Heard): Promise<Claim | 'dead' | 'gone'> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const claim = parseClaim(text);
    const where = claim === undefined ? 'elsewhere' : whereRuns(claim);
    if (where === 'nowhere' || (where === 'elsewhere' && isSilent(path, mtimeMs, heard))) return 'dead';
    // A file cut short by a power failure names nobody: it counts as a holder until it has been silent long enough.
    return claim ?? { pid: 0, startedAt: '', space: '', host: 'unknown', holding: true };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'gone';
    throw error;
  }
}

function isSilent(path: string, mtimeMs: number, heard: Heard): boolean {
  const now = performance.now();
  const last = heard.get(path);
  if (last?.mtimeMs !== mtimeMs) {
    heard.set(path, { mtimeMs, at: now });
    return false;
  }
  return now - last.at > (Date.now() - mtimeMs > SILENT_MS_MAX ? LISTENED_MS_MIN : SILENT_MS_MAX);
}

function parseClaim(text: string): Claim | undefined {
  try {
    const { pid, startedAt, space, host, holding } = JSON.parse(text) as Record<string, unknown>;
    if (typeof pid !== 'number' || typeof startedAt !== 'string' || typeof space !== 'string') return undefined;
    return { pid, startedAt, space, host: typeof host === 'string' ? host : 'unknown', holding: holding === true };
  } catch {
    return undefined;
  }
}
