import { fork, spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openRowWriter } from '../packages/cli/src/export/row-writer.ts';
import { printFigure } from './shared/print-figure.ts';

/**
 * `filrouge export` out of a real server: `npm run bench -- export [PEOPLE]`, 20,000 by default, each with two orders.
 * Server and command are processes of their own. Rows a second from the command's start to its file; memory is the most
 * that the server grew to while it exported, against what it had before. The baseline is the last part of the way alone:
 * the same rows from NDJSON to CSV, nothing read, decided or opened.
 */
const PEOPLE = Number(process.argv[2] ?? 20_000);
const BATCH = 500;
const SAMPLED_EVERY_MS = 50;
const cli = fileURLToPath(new URL('../packages/cli/src/main.ts', import.meta.url));
const START = Date.UTC(2026, 0, 1);

type Server = { readonly url: string; readonly keys: { readonly server: string }; readonly token: string };

const child = fork(fileURLToPath(new URL('./ingest/server-child.ts', import.meta.url)), {
  env: { ...process.env, BENCH_ROLES: 'collect,work,api' },
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
});
const answer = <T>(): Promise<T> => new Promise((resolve) => child.once('message', (message) => resolve(message as T)));
const directory = await mkdtemp(join(tmpdir(), 'filrouge-bench-export-'));
try {
  const server = await answer<Server>();
  await fill(server);
  child.send({ do: 'drain' });
  await answer<object>();
  for (const what of ['people', 'orders'] as const) await measure(server, what);
} finally {
  child.kill('SIGTERM');
  await rm(directory, { recursive: true, force: true });
}

async function fill({ url, keys }: Server): Promise<void> {
  for (let from = 0; from < PEOPLE; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, PEOPLE - from) }, (_, n) => itemsOf(from + n)).flat();
    const response = await fetch(`${url}/v1/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${keys.server}:`)}` },
      body: JSON.stringify({ batch }),
    });
    if (!response.ok) throw new Error(await response.text());
  }
  console.error(`${PEOPLE} people and ${2 * PEOPLE} orders sent`);
}

function itemsOf(at: number): readonly object[] {
  const identifiers = { userId: `u${at}`, email: `u${at}@example.com`, loyaltyCard: String(at).padStart(9, '0') };
  const timestamp = new Date(START + at * 1_000).toISOString();
  const traits = { firstName: 'Zoé', lastName: 'Dupré', address: { postalCode: '01000', city: 'Bourg' } };
  const order = (n: number): object => ({
    type: 'order',
    messageId: `o${at}-${n}`,
    timestamp,
    identifiers: { userId: identifiers.userId },
    receipt: {
      kind: 'order', type: 'sale', number: `${at}-${n}`, currency: 'EUR', amountMinor: 5_000,
      lines: [{ sku: 'A-1', name: 'Derby', category: 'shoes', quantity: 1, amountMinor: 5_000 }],
    }, // biome-ignore format: one receipt
  });
  return [{ type: 'customer', messageId: `c${at}`, timestamp, identifiers, traits }, order(0), order(1)];
}

async function measure(server: Server, what: 'people' | 'orders'): Promise<void> {
  const pid = child.pid ?? 0;
  const before = await residentMb(pid);
  let peak = before;
  const sampling = setInterval(
    () => void residentMb(pid).then((now) => (peak = Math.max(peak, now))),
    SAMPLED_EVERY_MS,
  );
  const { rows, seconds } = await exported(server, what, 'csv');
  clearInterval(sampling);
  await exported(server, what, 'ndjson');
  const baseline = rows / (await bare(what));
  printFigure({
    bench: 'export',
    metric: `${what}, read, decided, written as CSV`,
    value: rows / seconds,
    unit: 'rows/s',
    baseline,
  });
  printFigure({
    bench: 'export',
    metric: `${what}, growth of the server while it exported`,
    value: peak - before,
    unit: 'MB',
  });
}

async function exported(
  { url, token }: Server,
  what: string,
  format: string,
): Promise<{ readonly rows: number; readonly seconds: number }> {
  const begun = performance.now();
  const argv = [
    'export',
    what,
    '--purpose',
    'order_fulfilment',
    '--format',
    format,
    '--out',
    `${what}.${format}`,
    '--json',
  ];
  const command = spawn(process.execPath, [cli, ...argv], {
    cwd: directory,
    env: { PATH: process.env['PATH'] ?? '', FILROUGE_URL: url, FILROUGE_TOKEN: token },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  command.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const code = await new Promise((resolve) => command.once('close', resolve));
  if (code !== 0) throw new Error(`export ended with ${String(code)}`);
  const { rows } = JSON.parse(said) as { readonly rows: number };
  return { rows, seconds: (performance.now() - begun) / 1_000 };
}

/** Seconds of the last part of the way. */
async function bare(what: 'people' | 'orders'): Promise<number> {
  const begun = performance.now();
  const out = await openRowWriter(join(directory, 'bare.csv'), what, { format: 'csv', bom: true });
  for await (const line of createInterface({ input: createReadStream(join(directory, `${what}.ndjson`)) })) {
    await out.write(line);
  }
  await out.end();
  return (performance.now() - begun) / 1_000;
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1_024;
}
