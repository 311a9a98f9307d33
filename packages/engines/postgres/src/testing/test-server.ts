import { spawn } from 'node:child_process';
import { chmod, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { PostgresConnection } from '../connection.ts';
import { whereRuns } from '../embedded/process-identity.ts';

/** What the keeper writes when its server answers. */
export interface TestServerTicket {
  readonly pid: number;
  readonly startedAt: string;
  readonly space: string;
  readonly admin: PostgresConnection;
}

const START_MS_MAX = 60_000;

/** One folder per user: the keeper's server, its log and its ticket. */
export function testServerFolder(): string {
  return join(tmpdir(), `filrouge-test-postgres-${process.getuid?.() ?? 'user'}`);
}

export function ticketPath(folder: string): string {
  return join(folder, 'ticket.json');
}

/**
 * The server that all test processes of this user share: started by the first that asks, in a process of its own (the
 * keeper), which stops it and removes its folder half a minute after the last connection closed.
 */
export async function sharedTestServer(): Promise<PostgresConnection> {
  const folder = testServerFolder();
  const until = performance.now() + START_MS_MAX;
  let failure = '';
  while (performance.now() < until) {
    const ticket = await readTicket(folder);
    if (ticket !== undefined) return ticket.admin;
    failure = await startKeeper(folder);
  }
  throw new Error(`the shared test server did not start: ${failure}`);
}

async function readTicket(folder: string): Promise<TestServerTicket | undefined> {
  try {
    const ticket = JSON.parse(await readFile(ticketPath(folder), 'utf8')) as TestServerTicket;
    return whereRuns(ticket) === 'here' ? ticket : undefined;
  } catch {
    return undefined;
  }
}

/** Starts a keeper and waits for its ticket or its end: of two keepers, the directory lock lets one live. */
async function startKeeper(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid } = await stat(folder);
  if (process.getuid !== undefined && uid !== process.getuid()) throw new Error(`${folder} belongs to another user`);
  await chmod(folder, 0o700);
  const log = await open(join(folder, 'keeper.log'), 'a', 0o600);
  const program = fileURLToPath(new URL('./keep-test-server.ts', import.meta.url));
  const keeper = spawn(process.execPath, [program], { detached: true, stdio: ['ignore', log.fd, log.fd] });
  let ended = false;
  keeper.once('exit', () => {
    ended = true;
  });
  keeper.unref();
  await log.close();
  while (!ended) {
    if ((await readTicket(folder)) !== undefined) return '';
    await sleep(25);
  }
  // Another keeper may be starting: leave it time before trying again.
  await sleep(250);
  return readFile(join(folder, 'keeper.log'), 'utf8').catch(() => '');
}

/** Removes what a keeper leaves; it calls this itself. */
export async function removeTestServerFolder(): Promise<void> {
  await rm(testServerFolder(), { recursive: true, force: true });
}
