import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceId } from '@filrouge/domain/deployment';
import { buildDeployment, readEnvironment, startServer } from '@filrouge/server';

/** A whole server in a process of its own; the load is consented to by what its sources serve: a contract needs no banner. */
const deployment = buildDeployment(
  {
    brands: [{ id: 'bench', name: 'Bench' }],
    properties: [{ id: 'site', brand: 'bench', name: 'site', kind: 'site' }],
    sources: [
      {
        id: 'web',
        brand: 'bench',
        property: 'site',
        kind: 'web',
        quotaPerSecond: 1_000_000,
        personQuotaPerSecond: 1_000_000,
        serves: { track: ['audience_measurement', 'store_measurement', 'customer_service'] },
      },
      {
        id: 'server',
        brand: 'bench',
        property: 'site',
        kind: 'server',
        quotaPerSecond: 1_000_000,
        personQuotaPerSecond: 1_000_000,
      },
    ],
    notices: [
      { id: 'banner', version: '1', brand: 'bench', purposes: ['audience_measurement'], text: { en: 'bench' } },
    ],
  },
  'bench',
);
const dataDir = mkdtempSync(join(tmpdir(), 'filrouge-bench-'));
const roles = process.env['BENCH_ROLES'] ?? 'collect,api';
const environment = readEnvironment({ FILROUGE_DATA_DIR: dataDir, FILROUGE_PORT: '0', FILROUGE_ROLES: roles }, dataDir);
const server = await startServer({
  environment,
  deployment,
  onProgress: () => undefined,
  onCrash: (what) => console.error(what),
});
const keys = {
  web: await server.keys.create('web' as SourceId),
  server: await server.keys.create('server' as SourceId),
};
const token = await server.tokens.create('bench', ['profiles:read', 'exports:write']);
process.send?.({ url: server.url, keys, token });

process.on('message', (message: { readonly do: string; readonly run?: number }) => {
  void (async () => {
    const { projections, now } = server.engines;
    if (message.do === 'drain' || message.do === 'undo') {
      const { version } = await projections.position();
      const began = performance.now();
      const usage = process.cpuUsage();
      if (message.do === 'undo') await projections.imports.close(message.run ?? 0, 'bench', now());
      await server.drain();
      const cpu = process.cpuUsage(usage);
      const ms = performance.now() - began;
      const ranges = (await projections.position()).version - version;
      process.send?.({ ms, cpuMs: (cpu.user + cpu.system) / 1_000, ranges });
    } else if (message.do === 'lag') {
      process.send?.({ seconds: await secondsBehind() });
    }
  })();
});
/** Age of the oldest commit that is not projected yet. */
async function secondsBehind(): Promise<number> {
  const { projections, now } = server.engines;
  const { position } = await projections.position();
  for await (const { receivedAt } of projections.journal(position, position + 1)) {
    return Math.max(0, now() - receivedAt) / 1_000;
  }
  return 0;
}

process.on('disconnect', () => {
  void server.close().finally(() => {
    rmSync(dataDir, { recursive: true, force: true });
    process.exit(0);
  });
});
