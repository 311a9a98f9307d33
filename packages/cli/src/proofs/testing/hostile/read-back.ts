import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '@filrouge/domain/base';
import { type ExportedKind, exportRows } from '@filrouge/wire/export';
import { parse } from 'csv-parse/sync';
import { ITEM_SHAPES, type Taken, userOf } from './item-doors.ts';
import { asKept } from './own-texts.ts';
import type { Place, PlaceAnswer } from './place.ts';
import type { Tally } from './tally.ts';

const DAY_MS = 86_400_000;
const PURPOSE = 'profiling';
const QUERY = `purpose=${PURPOSE}&brand=maison`;

type Event = {
  readonly id: string;
  readonly at: string;
  readonly name: string;
  readonly properties: JsonObject;
  readonly marks: readonly string[];
};

/** All that can be read of what was sent. */
export type ReadBack = {
  readonly events: readonly Event[];
  /** Of quarantine, with its reason. */
  readonly held: ReadonlyMap<string, string>;
  readonly report: string;
  /** Lines of the export of a kind, sorted. */
  readonly exported: Readonly<Record<string, readonly string[]>>;
};

export const EXPORTED = ['events', 'tickets', 'orders', 'people'] as const;

/** Reads everything: timelines, quarantine, a report, exports. */
export async function readBack(
  place: Place,
  directory: string,
  round: string,
  kinds: readonly ExportedKind[] = EXPORTED,
): Promise<ReadBack> {
  const events: Event[] = [];
  for (const { name } of ITEM_SHAPES) events.push(...(await timelineOf(place, userOf(name))));
  const held = new Map<string, string>();
  for (const { id, reason } of await pages<{ id: string; reason: string }>(
    place,
    '/api/quarantine?limit=500',
    'after',
  )) {
    const { json } = await place.ask('GET', `/api/quarantine/${id}`);
    const { messageId } = (json?.['item'] ?? {}) as { readonly messageId?: string };
    if (messageId !== undefined) held.set(messageId, reason);
  }
  const { text } = await place.ask('GET', '/api/reports/ropo?brand=maison&from=2026-01-01&to=2026-12-31&by=category');
  const exported: Record<string, readonly string[]> = {};
  for (const what of kinds) {
    exported[what] = await exportedLines(place, join(directory, `${what}-${round}.ndjson`), what, 'ndjson');
  }
  // The instant of the question is another.
  return { events, held, report: text.replace(/"asOf":\{[^}]*\}/, ''), exported };
}

async function exportedLines(
  place: Place,
  file: string,
  what: ExportedKind,
  format: string,
): Promise<readonly string[]> {
  const argv = [
    'export',
    what,
    '--purpose',
    PURPOSE,
    '--brand',
    'maison',
    '--format',
    format,
    '--out',
    file,
    '--no-bom',
  ];
  const { exitCode, stderr } = await place.run('/', [...argv, '--quiet']);
  if (exitCode !== 0) throw new Error(`export ${what} ended with ${exitCode}: ${stderr}`);
  const text = await readFile(file, 'utf8');
  return format === 'csv' ? [text] : text.split('\n').filter((line) => line !== '').sort(); // biome-ignore format: one line
}

async function timelineOf(place: Place, user: string): Promise<readonly Event[]> {
  return pages<Event>(place, `/api/profiles/user_id:${user}/events?${QUERY}&limit=1000`, 'cursor');
}

async function pages<T>(place: Place, path: string, after: string): Promise<readonly T[]> {
  const found: T[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const { status, json, text }: PlaceAnswer = await place.ask('GET', next === '' ? path : `${path}&${after}=${next}`);
    if (status === 404) return found;
    if (status !== 200) throw new Error(`${path} was answered ${status} ${text}`);
    found.push(...((json?.['items'] ?? []) as readonly T[]));
    next = (json?.['next'] ?? null) as string | null;
  }
  return found;
}

/** What was taken of a user who permits it against what is there. Ids that are texts themselves are counted elsewhere. */
export function compareWithSent({ events, held }: ReadBack, taken: Taken, tally: Tally) {
  const found = new Map<string, Event>();
  let [duplicated, lost] = [0, 0];
  for (const event of events) {
    if (found.has(event.id)) duplicated += 1;
    found.set(event.id, event);
  }
  for (const [id, { shape, text }] of taken) {
    if (['userId', 'anonymousId', 'native', 'messageId'].includes(shape)) continue;
    const event = found.get(id);
    // What a clock dates before the yes was never permitted.
    if (event === undefined && shape === 'timestamp') {
      tally.add('withheld');
      continue;
    }
    if (event === undefined && !held.has(id)) {
      lost += 1;
      tally.blame(`${shape}`, `${id} ${JSON.stringify(text.slice(0, 100))} is not there`);
    }
    if (event === undefined) tally.add(held.has(id) ? 'quarantined' : 'lost');
    else tally.add(event.marks.length > 0 ? 'kept, marked' : 'kept');
    // No clock of anybody's dates a sale to the year 2199 (S4).
    if (event !== undefined && Date.parse(event.at) > Date.now() + DAY_MS)
      tally.blame(shape, `${id} is of ${event.at}`);
    const harm = event === undefined ? undefined : harmOf(shape, text, event);
    if (harm !== undefined) tally.blame(`${shape} ${id}`, `${JSON.stringify(text.slice(0, 100))} came back as ${harm}`);
  }
  return { lost, duplicated };
}

/** How a text came back that is not as it was sent, and has no mark that says so. */
function harmOf(shape: string, text: string, { name, properties, marks }: Event): string | undefined {
  const [there, sent] = shape === 'event' ? [name, text.trim()] : [properties['v'], text];
  if (shape !== 'event' && shape !== 'value') return undefined;
  if (there === asKept(sent) || marks.includes('secret-dropped')) return undefined;
  if (typeof there === 'string' && marks.includes('string-cut') && asKept(sent).startsWith(there)) return undefined;
  return JSON.stringify(there)?.slice(0, 100) ?? 'nothing';
}

/** The CSV of an export says what its NDJSON says, and a spreadsheet runs none of its cells. */
export async function compareCsv(
  place: Place,
  directory: string,
  lines: readonly string[],
  what: ExportedKind,
  tally: Tally,
) {
  const [text = ''] = await exportedLines(place, join(directory, `${what}.csv`), what, 'csv');
  const rows = (parse(text, { relax_column_count: true }) as string[][]).slice(1);
  const sent = lines.flatMap((line) => exportRows(what, JSON.parse(line) as JsonObject));
  for (const cell of rows.flat()) {
    if (/^[=+\-@\t\r]/.test(cell) && !/^-?\d+(\.\d+)?$/.test(cell)) tally.blame(`${what}.csv`, `${cell} would be run`);
  }
  const plain = rows.map((row) => row.map(unmarked).join('\u0001')).sort();
  const meant = sent.map((row) => row.join('\u0001')).sort();
  const at = plain.findIndex((row, n) => row !== meant[n]);
  if (plain.length !== meant.length || at >= 0) tally.blame(`${what}.csv`, `${plain[at]} is not ${meant[at]}`);
}

/** A cell without the mark by which a spreadsheet takes it for text. */
function unmarked(cell: string): string {
  return /^'+[=+\-@\t\r0-9]/.test(cell) ? cell.slice(1) : cell;
}

/** People in an export who never permitted it. */
export function leakedIn({ exported }: ReadBack): number {
  const events = (exported['events'] ?? []).map((line) => JSON.parse(line) as JsonObject);
  return events.filter(({ identifiers }) => !isOurs((identifiers as JsonObject | undefined)?.['userId'])).length;
}

function isOurs(user: unknown): boolean {
  return ITEM_SHAPES.some(({ name }) => userOf(name) === user);
}
