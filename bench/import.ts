import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { csvRows } from '../packages/cli/src/import/csv-rows.ts';

/**
 * `filrouge import` of a file as a retailer has it: `npm run bench -- import [ROWS]`, 1,000,000 by default. cp1252,
 * semicolons, French names of columns, dates to be turned, zeros to be put back, one row in 1,000 refused. The command is
 * a process of its own; the door is a server in this one that takes everything and keeps nothing. The baseline is the
 * reader of CSV rows alone over the same bytes. Memory is that of the command's process: the most of all, against the most with a tenth of
 * the rows.
 */
const ROWS = Number(process.argv[2] ?? 1_000_000);
const RSS_MB_MAX = 512;
/** Memory of ten times the rows against that of one: what a heap's own swaying leaves. */
const GROWTH_MAX = 1.25;
const SAMPLED_EVERY_MS = 100;
const cli = fileURLToPath(new URL('../packages/cli/src/main.ts', import.meta.url));

async function writeCustomers(file: string, rows: number): Promise<void> {
  const out = createWriteStream(file);
  const write = async (text: string): Promise<void> => {
    if (!out.write(Buffer.from(text, 'latin1'))) await new Promise<void>((resolve) => out.once('drain', resolve));
  };
  await write(
    'Code client;N° carte;Nom;Prénom;Adresse mail;Portable;CP;Ville;Date de naissance;Créé le;Newsletter\r\n',
  );
  let text = '';
  for (let at = 0; at < rows; at += 1) {
    const day = String(1 + (at % 28)).padStart(2, '0');
    const card = at % 1_000 === 999 ? '2,99E+12' : `299${String(at).padStart(9, '0')}`;
    const phone = 639_980_000 + (at % 10_000);
    text += `${String(at).padStart(8, '0')};${card};Dupré;Zoé;zoe.${at}@example.com;${phone};${1_000 + (at % 8_000)};Bourg-en-Bresse;${day}/05/1980;${day}/02/2020 10:30;${at % 3 === 0 ? 'oui' : ''}\r\n`;
    if (text.length > 1 << 20) {
      await write(text);
      text = '';
    }
  }
  await write(text);
  out.end();
  await finished(out);
}

/** Takes every batch, counts its items by their ids, answers at once. */
async function openDoor(): Promise<{ readonly url: string; readonly items: () => number; readonly close: () => void }> {
  const mark = Buffer.from('"messageId":');
  let items = 0;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces);
      for (let at = body.indexOf(mark); at !== -1; at = body.indexOf(mark, at + mark.length)) items += 1;
      response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    items: () => items,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1_024;
}

type Run = { readonly seconds: number; readonly peakMb: number; readonly summary: Readonly<Record<string, unknown>> };

async function runImport(directory: string, file: string, url: string): Promise<Run> {
  const begun = performance.now();
  const child = spawn(process.execPath, [cli, 'import', 'customers', file, '--source', 'bench', '--json', '--quiet'], {
    cwd: directory,
    env: { PATH: process.env['PATH'] ?? '', FILROUGE_URL: url, FILROUGE_KEY: 'bench' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  let peakMb = 0;
  const sampler = setInterval(() => {
    void residentMb(child.pid ?? 0).then((mb) => {
      peakMb = Math.max(peakMb, mb);
    });
  }, SAMPLED_EVERY_MS);
  await new Promise((resolve) => child.on('close', resolve));
  clearInterval(sampler);
  return {
    seconds: (performance.now() - begun) / 1_000,
    peakMb,
    summary: JSON.parse(said) as Readonly<Record<string, unknown>>,
  };
}

async function parseAlone(file: string): Promise<number> {
  const begun = performance.now();
  let rows = 0;
  for await (const _ of csvRows(createReadStream(file), { delimiter: ';', told: false })) rows += 1;
  return rows / ((performance.now() - begun) / 1_000);
}

function print(
  metric: string,
  value: number,
  unit: string,
  more: { baseline?: number; goal?: number; met?: boolean } = {},
): void {
  const { baseline = null, goal = null, met = null } = more;
  const ratio = baseline === null ? null : Number((value / baseline).toFixed(3));
  process.stdout.write(
    `${JSON.stringify({ bench: 'import', metric, value: Number(value.toFixed(2)), unit, baseline, ratio, goal, met })}\n`,
  );
}

const directory = await mkdtemp(join(tmpdir(), 'filrouge-bench-import-'));
const door = await openDoor();
try {
  const [small, large] = [join(directory, 'tenth.csv'), join(directory, 'all.csv')];
  await writeCustomers(small, ROWS / 10);
  await writeCustomers(large, ROWS);
  const baseline = Math.round(await parseAlone(large));
  const tenth = await runImport(directory, small, door.url);
  const before = door.items();
  const all = await runImport(directory, large, door.url);
  process.stderr.write(`${JSON.stringify(all.summary)}\n`);
  const expected = ROWS - Math.floor(ROWS / 1_000);
  const growth = all.peakMb / tenth.peakMb;
  print('rows', ROWS / all.seconds, 'rows/s', { baseline });
  print('items-at-the-door', door.items() - before, 'items', {
    goal: expected,
    met: door.items() - before === expected,
  });
  print('peak-memory', all.peakMb, 'MB', { goal: RSS_MB_MAX, met: all.peakMb <= RSS_MB_MAX });
  print('memory-of-ten-times-the-rows', growth, 'times', { goal: GROWTH_MAX, met: growth <= GROWTH_MAX });
} finally {
  door.close();
  await rm(directory, { recursive: true, force: true });
}
