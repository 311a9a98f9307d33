import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instant } from '@filrouge/domain/base';
import { buildDeployment, readEnvironment, startServer } from '@filrouge/server';
import { BRANDS, RETAILER_CONFIG } from '@filrouge/simulator';

/** A whole server of the simulated retailer, in a process of its own, as its configuration stands. */
const dataDir = mkdtempSync(join(tmpdir(), 'filrouge-bench-year-'));
const server = await startServer({
  environment: readEnvironment({ FILROUGE_DATA_DIR: dataDir, FILROUGE_PORT: '0' }, dataDir),
  deployment: buildDeployment(RETAILER_CONFIG, 'the simulated retailer'),
  onProgress: () => undefined,
  onCrash: (what) => console.error(what),
});
const { engines } = server;
const keys: Record<string, string> = {};
for (const id of engines.deployment.sources.keys()) keys[id] = await server.keys.create(id);
const token = await server.tokens.create('bench', ['imports:read', 'imports:write']);
process.send?.({ url: server.url, keys, token });

/** What stands when everything is projected: the receipts of each brand, and the digest of all events. */
async function standing(): Promise<{ readonly money: Readonly<Record<string, number>>; readonly events: string }> {
  await server.drain();
  const money: Record<string, number> = {};
  for (const { id } of BRANDS) {
    const span = { from: instant(Date.UTC(2020, 0)), to: instant(Date.UTC(2040, 0)) };
    const totals = await engines.events.totals({ ...span, brand: id as never, kinds: ['ticket'] });
    money[id] = totals.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  }
  return { money, events: (await engines.events.digest()).events };
}

process.on('message', () => {
  void standing().then((told) => process.send?.(told));
});
process.on('disconnect', () => {
  void server.close().finally(() => {
    rmSync(dataDir, { recursive: true, force: true });
    process.exit(0);
  });
});
