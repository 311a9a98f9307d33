import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDeployment, createAdministrator, readEnvironment } from '@filrouge/server';
import { BRANDS, RETAILER_CONFIG, writeRetailer } from '@filrouge/simulator';
import { createApiClient } from '../api/api-client.ts';
import type { CommandContext } from '../command-context.ts';
import type { DemoWorld } from '../demo/demo-directory.ts';
import { demoWords } from '../demo/demo-words.ts';
import { fillDemo } from '../demo/fill-demo.ts';
import { ropoReportOf } from '../report/ropo-report.ts';
import { accessOf, type OpenServer, openServer } from '../serve/open-server.ts';
import type { Recovered } from './recovered.ts';

type TruthFile = {
  /** When the history begins. */
  readonly from: string;
  readonly ropo: {
    readonly onlineToStore: Readonly<
      Record<string, { readonly sales: number; readonly visit: Readonly<Record<string, { readonly share: number }>> }>
    >;
  };
};

/** Days between research and purchase: the question that tills ask. */
const WINDOW = 7;
const SILENT = { tell: async () => undefined, tellEvery: () => () => undefined };

/**
 * One simulated retailer through the public door of a real server of its own, and what the report then says of each
 * brand, beside what the simulator planted. Nothing stays.
 */
export async function measureRetailer(
  context: CommandContext,
  world: Omit<DemoWorld, 'settled'>,
): Promise<readonly Recovered[]> {
  const path = await mkdtemp(join(tmpdir(), 'filrouge-accuracy-'));
  try {
    const environment = readEnvironment({ FILROUGE_PORT: '0', FILROUGE_DATA_DIR: join(path, 'data') }, path);
    const deployment = buildDeployment(RETAILER_CONFIG, 'the simulated retailer');
    const open = await openServer({ ...context, progress: () => undefined }, { environment, deployment });
    try {
      const planted = await plantedIn(world, join(path, 'planted'));
      const reports = await fillAndAsk(context, open, world, planted.from, path);
      return reports.map((report) => ({ ...report, ...shareIn(planted, report.brand), seed: world.seed }));
    } finally {
      await open.server.close();
    }
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

type Told = Omit<Recovered, 'seed' | 'truth' | 'purchases'>;

async function fillAndAsk(
  context: CommandContext,
  { server }: OpenServer,
  world: Omit<DemoWorld, 'settled'>,
  from: string,
  path: string,
): Promise<readonly Told[]> {
  const keys = new Map<string, string>();
  for (const id of server.engines.deployment.sources.keys()) keys.set(id, await server.keys.create(id));
  const { apiToken } = await createAdministrator(accessOf(server));
  const client = createApiClient(server.url, apiToken, context.stop, 'en');
  const directory = { path, found: undefined, note: async () => undefined, leave: async () => undefined };
  await fillDemo({ ...world, settled: false }, directory, {
    url: server.url,
    keys,
    words: demoWords('en'),
    language: 'en',
    say: () => undefined,
    stand: SILENT,
    drain: server.drain,
    signal: context.stop,
  });
  const told: Told[] = [];
  for (const { id } of BRANDS) {
    const query = new URLSearchParams({
      brand: id,
      window: String(WINDOW),
      from,
      to: new Date(world.until).toISOString(),
    });
    const { observed, estimate, bounds } = ropoReportOf(
      await client.call('GET', `/api/reports/ropo?${query.toString()}`),
      'en',
    );
    told.push({
      brand: id,
      observed,
      estimate: estimate?.firm === true ? { ...estimate, basis: estimate.asked ? 'asked' : 'observed' } : undefined,
      bounds,
    });
  }
  return told;
}

async function plantedIn(world: Omit<DemoWorld, 'settled'>, to: string): Promise<TruthFile> {
  await writeRetailer({ ...world, to, parts: ['truth'] });
  return JSON.parse(await readFile(join(to, 'truth.json'), 'utf8')) as TruthFile;
}

function shareIn({ ropo }: TruthFile, brand: string): { readonly truth: number; readonly purchases: number } {
  const group = ropo.onlineToStore[`brand:${brand}`];
  return { truth: group?.visit[String(WINDOW)]?.share ?? 0, purchases: group?.sales ?? 0 };
}
