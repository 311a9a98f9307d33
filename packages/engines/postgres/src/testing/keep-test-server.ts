import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../database.ts';
import { startEmbeddedPostgres } from '../embedded/embedded-server.ts';
import { ownIdentity } from '../embedded/process-identity.ts';
import { removeTestServerFolder, type TestServerTicket, testServerFolder, ticketPath } from './test-server.ts';

/** Long enough for the pause between two test files, short enough to be gone when a run is over. */
const IDLE_MS_MAX = 30_000;

// The keeper of the shared test server: see test-server.ts. Its output goes to keeper.log.
const folder = testServerFolder();
const server = await startEmbeddedPostgres({
  dataDir: join(folder, 'server'),
  onProgress: (line) => console.log(line),
  onCrash: () => process.exit(1),
});
const database = await openDatabase({ server: server.admin, role: 'test keeper', connectionsMax: 1 });
const ticket: TestServerTicket = { ...ownIdentity(), admin: server.admin };
await writeFile(`${ticketPath(folder)}.new`, JSON.stringify(ticket), { mode: 0o600 });
await rename(`${ticketPath(folder)}.new`, ticketPath(folder));

let leaving = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    leaving = true;
  });
}
let idleSince = performance.now();
while (!leaving && performance.now() - idleSince < IDLE_MS_MAX) {
  await sleep(500);
  const [clients] = await database.query<{ others: number }>(
    "SELECT count(*)::int AS others FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
  );
  if (clients?.others !== 0) idleSince = performance.now();
}
// The ticket first: from here on a newcomer starts a server of its own, once ours has let go of the directory.
await rm(ticketPath(folder), { force: true });
await database.close();
await server.stop();
await removeTestServerFolder();
