import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import { TOKEN_SCOPES, type TokenScope } from '@filrouge/ports';
import { pino } from 'pino';
import { buildDeployment } from '../../config/build-deployment.ts';
import { readEnvironment } from '../../config/environment.ts';
import { type RunningServer, startServer } from '../../start-server.ts';
import { API_ROUTES } from '../api-routes.ts';

/** Two brands with a site each; the first has shops too. */
const CONFIG = {
  brands: [
    { id: 'atelier', name: 'Atelier' },
    { id: 'voisin', name: 'Voisin' },
  ],
  properties: [
    { id: 'site', brand: 'atelier', name: 'Site', kind: 'site' },
    { id: 'shops', brand: 'atelier', name: 'Shops', kind: 'shop' },
    { id: 'other-site', brand: 'voisin', name: 'Site', kind: 'site' },
  ],
  stores: [{ id: 'lyon', brand: 'atelier', name: 'Lyon Bellecour' }],
  sources: [
    { id: 'web', brand: 'atelier', property: 'site', kind: 'web' },
    { id: 'server', brand: 'atelier', property: 'site', kind: 'server' },
    { id: 'till', brand: 'atelier', property: 'shops', kind: 'store' },
    { id: 'other-web', brand: 'voisin', property: 'other-site', kind: 'web' },
  ],
  notices: [
    {
      id: 'banner',
      version: '1',
      brand: 'atelier',
      purposes: ['audience_measurement', 'store_measurement', 'profiling', 'email_marketing'],
      text: { fr: 'Mesure et profil', en: 'Measurement and profile' },
    },
  ],
};

/** Without it a visit would be a bot's. */
const BROWSER = 'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined where it is no JSON. Its schema is checked; tests look into it field by field. */
  readonly body: ReturnType<typeof JSON.parse>;
};

/** A whole installation behind its HTTP door. */
export type ApiHouse = {
  readonly server: RunningServer;
  readonly token: string;
  /** POSTs with the key of a source. */
  readonly post: (source: string, path: string, body: unknown) => Promise<Answer>;
  /** Asks the API; every 2xx is checked against the schema of its route. */
  readonly ask: (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    options?: { readonly token?: string | null; readonly body?: unknown; readonly headers?: Record<string, string> },
  ) => Promise<Answer>;
  readonly tokenFor: (scopes: readonly TokenScope[], brand?: string) => Promise<string>;
  readonly close: () => Promise<void>;
};

export async function openApiHouse(): Promise<ApiHouse> {
  const directory = await mkdtemp(join(tmpdir(), 'filrouge-api-'));
  const server = await startServer({
    environment: readEnvironment({ FILROUGE_DATA_DIR: directory, FILROUGE_PORT: '0' }, directory),
    deployment: buildDeployment(CONFIG, 'test'),
    onProgress: () => undefined,
    onCrash: (what) => {
      throw new Error(what);
    },
    logger: pino({ level: 'silent' }),
  });
  const keys = new Map<string, string>();
  for (const { id } of CONFIG.sources) keys.set(id, await server.keys.create(id as SourceId));
  const tokenFor = (scopes: readonly TokenScope[], brand?: string): Promise<string> =>
    server.tokens.create('test', scopes, brand as BrandId | undefined);
  const token = await tokenFor(TOKEN_SCOPES);
  return {
    server,
    token,
    tokenFor,
    post: async (source, path, body) =>
      answerOf(
        await fetch(`${server.url}${path}`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            authorization: `Basic ${btoa(`${keys.get(source)}:`)}`,
            'user-agent': BROWSER,
          },
          body: JSON.stringify(body),
        }),
      ),
    async ask(method, path, options = {}) {
      const bearer = options.token === undefined ? token : options.token;
      const response = await fetch(`${server.url}${path}`, {
        method,
        headers: { ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }), ...options.headers },
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      });
      const answer = await answerOf(response);
      checkShape(method, path, answer);
      return answer;
    },
    async close() {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
}

/** What the document promises is what is sent. */
function checkShape(method: string, path: string, { status, body }: Answer): void {
  const [address = ''] = path.split('?');
  const route = API_ROUTES.find(
    (each) => each.method === method && new RegExp(`^${each.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(address),
  );
  if (route === undefined || body === undefined || status >= 400) return;
  route.answer.parse(body);
  if (status !== route.status) throw new Error(`${method} ${path} answered ${status} and promises ${route.status}`);
}
