import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BRANDS, sourceId, writeRetailer } from '@filrouge/simulator';
import { csvRows } from '../packages/cli/src/import/csv-rows.ts';
import { printFigure } from './shared/print-figure.ts';

/**
 * A retailer's year in its ugly files through a running server and out again: `npm run bench -- year [SHOPPERS]`,
 * 100,000 by default. Every file is imported by the command as a process of its own and what it says is compared with
 * what was planted (docs/simulator.md): counts, each line of errors.csv, the money of the receipts. Then all is undone,
 * and nothing of it may count any more. BENCH_YEAR: a directory that holds the files already.
 */
const SHOPPERS = Number(process.argv[2] ?? 100_000);
const cli = fileURLToPath(new URL('../packages/cli/src/main.ts', import.meta.url));
/** What each table is imported as, and by the key of which source; in the order that a retailer would take. */
const TABLES = [
  ['magasins', 'stores', 'server'],
  ['produits', 'products', 'server'],
  ['campagnes', 'campaigns', 'server'],
  ['clients', 'customers', 'server'],
  ['consentements', 'consents', 'server'],
  ['tickets', 'tickets', 'till'],
  ['tickets-renvoi', 'tickets', 'till'],
] as const;
const FILES = BRANDS.flatMap(({ key, id }) =>
  TABLES.map(([table, kind, role]) => ({
    table,
    file: `${table}-${id}.csv`,
    kind,
    source: sourceId(key, role),
    brand: id,
  })),
);

type Truth = {
  readonly rows: number;
  readonly bad: number;
  readonly items: number;
  readonly amountMinor?: number;
  readonly repairs: Readonly<Record<string, number>>;
};
type Summary = Readonly<Record<'rows' | 'refused' | 'rejected' | 'items' | 'accepted', number>> & {
  readonly repairs: Readonly<Record<string, number>>;
};
type Server = {
  readonly child: ChildProcess;
  readonly url: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly token: string;
};
type Standing = { readonly money: Readonly<Record<string, number>>; readonly events: string };

async function start(): Promise<Server> {
  const child = fork(new URL('./year/retailer-child.ts', import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [ready] = (await once(child, 'message')) as [Omit<Server, 'child'>];
  return { child, ...ready };
}

/** Runs the command in `directory` and answers what it says as JSON. Throws where it failed. */
async function filrouge<T>(directory: string, server: Server, args: readonly string[], key = ''): Promise<T> {
  const child = spawn(process.execPath, [cli, ...args, '--json', '--quiet'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, FILROUGE_URL: server.url, FILROUGE_KEY: key, FILROUGE_TOKEN: server.token },
  });
  const ended = once(child, 'exit');
  let text = '';
  for await (const piece of child.stdout) text += String(piece);
  const [code] = (await ended) as [number];
  // 3: some lines were refused, which is what the files are made for.
  if (code !== 0 && code !== 3) throw new Error(`${args.join(' ')} ended with ${code}`);
  return JSON.parse(text) as T;
}

async function standing({ child }: Server): Promise<Standing> {
  child.send({});
  const [told] = (await once(child, 'message')) as [Standing];
  return told;
}

/** What the command said otherwise than planted, in words. */
function wrongIn(
  summary: Summary,
  errors: readonly string[],
  truth: Truth,
  planted: readonly string[],
): readonly string[] {
  const pairs = [
    ['rows', summary.rows, truth.rows],
    ['refused', summary.refused, truth.bad],
    ['rejected by the server', summary.rejected, 0],
    ['items', summary.items, truth.items],
    ['accepted', summary.accepted, truth.items],
    ['repairs', JSON.stringify(sorted(summary.repairs)), JSON.stringify(sorted(truth.repairs))],
    ['errors.csv', errors.join('\n'), planted.join('\n')],
  ] as const;
  return pairs.flatMap(([what, said, meant]) => (said === meant ? [] : [`${what}: ${said}, planted ${meant}`]));
}

function sorted(counts: Readonly<Record<string, number>>): unknown {
  return Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Line, column and code of each refused line; a file in which every line was read has no list. */
async function linesOf(errors: string): Promise<readonly string[]> {
  if (!existsSync(errors)) return [];
  const lines: string[] = [];
  for await (const each of csvRows(createReadStream(errors))) {
    if ('row' in each) lines.push(each.row.cells.slice(0, 3).join(' '));
  }
  return lines.slice(1);
}

const seconds = (since: number): number => (performance.now() - since) / 1_000;
const given = process.env['BENCH_YEAR'];
const directory = given ?? (await mkdtemp(join(tmpdir(), 'filrouge-bench-year-files-')));
if (given === undefined) {
  const began = performance.now();
  await writeRetailer({ seed: 1, shoppers: SHOPPERS, to: directory, files: 'ugly' });
  process.stderr.write(`${SHOPPERS} shoppers written in ${seconds(began).toFixed(0)} s\n`);
}
const truths = JSON.parse(await readFile(join(directory, 'truth-files.json'), 'utf8')) as Readonly<
  Record<string, Truth>
>;
const planted = (await readFile(join(directory, 'truth-lines.ndjson'), 'utf8'))
  .split('\n')
  .flatMap((line) =>
    line === '' ? [] : [JSON.parse(line) as { file: string; line: number; column: string; code: string }],
  );
/** A world of few shoppers may send nothing a second time. */
const filled = FILES.filter(({ file }) => truths[file]?.rows !== 0);
const server = await start();
const before = await standing(server);
const wrong: string[] = [];
const money: Record<string, number> = {};

const began = performance.now();
let rows = 0;
for (const { table, file, kind, source, brand } of filled) {
  const truth = truths[file];
  if (truth === undefined) throw new Error(`${file} has no truth beside it`);
  const errors = `${file}.errors.csv`;
  const from = performance.now();
  const said = ['--source', source, '--errors', errors, '--country', 'FR', '--dates', 'dmy', '--decimals', 'comma'];
  const summary = await filrouge<Summary>(directory, server, ['import', kind, file, ...said], server.keys[source]);
  const lines = planted.flatMap((bad) => (bad.file === file ? [`${bad.line} ${bad.column} ${bad.code}`] : []));
  const faults = wrongIn(summary, await linesOf(join(directory, errors)), truth, lines);
  for (const fault of faults) process.stderr.write(`${file}: ${fault.slice(0, 500)}\n`);
  wrong.push(...faults);
  rows += truth.rows;
  // What is sent a second time counts for nothing.
  if (table === 'tickets') money[brand] = (money[brand] ?? 0) + (truth.amountMinor ?? 0);
  printFigure({ bench: 'year', metric: `import, ${file}`, value: truth.rows / seconds(from), unit: 'rows/s' });
}
const after = await standing(server);
printFigure({
  bench: 'year',
  metric: 'imported and projected, all files',
  value: rows / seconds(began),
  unit: 'rows/s',
});
for (const { id } of BRANDS) {
  if (after.money[id] !== money[id]) wrong.push(`${id}: ${after.money[id]} of ${money[id]} are counted`);
}

const undoing = performance.now();
for (const { file } of [...filled].reverse()) await filrouge(directory, server, ['import', 'undo', file, '--yes']);
const undone = await standing(server);
printFigure({ bench: 'year', metric: 'undone, all files', value: rows / seconds(undoing), unit: 'rows/s' });
if (undone.events !== before.events) wrong.push('events are left of what was undone');
for (const { id } of BRANDS) if (undone.money[id] !== 0) wrong.push(`${id}: ${undone.money[id]} are left`);

for (const one of wrong) process.stderr.write(`${one.slice(0, 500)}\n`);
printFigure({ bench: 'year', metric: 'otherwise than planted', value: wrong.length, unit: '', goal: 0, atMost: true });
const exited = once(server.child, 'exit');
server.child.disconnect();
await exited;
if (given === undefined) await rm(directory, { recursive: true, force: true });
