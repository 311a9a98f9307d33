import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Headless Chromium names itself, and would be counted as a machine: these visitors are people. Said at the launch,
 * because what is said for one page does not reach the beacons that it sends while it is left.
 */
export const PEOPLES_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const HEADLESS_AGENT = PEOPLES_AGENT.replace('Chrome/', 'HeadlessChrome/');

export type VisitOptions = {
  /** Named as headless Chromium names itself. */
  readonly headless?: true;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
};

/** A shop's site on an origin of its own, and the browser of its visitors. */
export type ChromiumSite = {
  readonly origin: string;
  /** Adds a page. */
  readonly put: (path: string, html: string) => void;
  /** A visitor who was never here before opens a page; `asked` grows with every address that the browser asks. */
  readonly visit: (options?: VisitOptions) => Promise<{ readonly page: Page; readonly asked: readonly string[] }>;
  readonly close: () => Promise<void>;
};

export async function openChromiumSite(): Promise<ChromiumSite> {
  const script = await bundleClients();
  const pages = new Map<string, string>([
    ['/', '<!doctype html><title>Boutique</title><script src="/clients.js"></script>'],
  ]);
  const server = createServer(({ url = '/' }, response) => {
    const path = new URL(url, 'http://site.test').pathname;
    const body = path === '/clients.js' ? script : pages.get(path);
    const type = path.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': `${type}; charset=utf-8` }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser: Browser = await chromium.launch({
    executablePath: process.env['CHROME_PATH'] ?? '/usr/bin/chromium',
    args: [...ARGS, `--user-agent=${PEOPLES_AGENT}`],
  });
  return {
    origin,
    put: (path, html) => pages.set(path, html),
    async visit({ headless, headers = {}, path = '/' } = {}) {
      const context = await browser.newContext({
        ...(headless === true ? { userAgent: HEADLESS_AGENT } : {}),
        extraHTTPHeaders: { ...headers },
      });
      const page = await context.newPage();
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.goto(origin + path);
      return { page, asked };
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bundleClients(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./in-browser.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

/** Waits for something to become true, at most as long as a visitor would. */
export async function until(isTrue: () => boolean | Promise<boolean>, what: string, timeoutMs = 15_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
