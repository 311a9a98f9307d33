import { cp, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { type BackupSink, EngineError } from '@filrouge/ports';
import { EVENTS_DATABASE } from './events-database.ts';
import { parsePartName, standingParts } from './part-name.ts';

/** Merges go on while parts are copied: so often the directory is read anew before it is given up. */
const PASSES_MAX = 100;

/** Where the embedded engine keeps the parts of the event table. */
function partsOf(dataDir: string): Promise<string> {
  return realpath(join(dataDir, 'engine', 'data', EVENTS_DATABASE, 'event'));
}

/**
 * Copies the rows of the event table while the engine works: its parts, which are never changed once they have their
 * name. One that was merged away before it was copied is found again in the part that took its place, so the directory
 * is read until nothing in it is missing from the copy. Answers the number of parts.
 */
export async function copyEventParts(options: {
  /** As for `startEmbeddedClickHouse`. */
  readonly dataDir: string;
  readonly sink: BackupSink;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { sink, signal } = options;
  const table = await partsOf(options.dataDir);
  await sink.directory('event');
  const copied = new Set<string>();
  for (let pass = 1; pass <= PASSES_MAX; pass += 1) {
    const standing = standingParts(await readdir(table));
    const missing = standing.filter((name) => !copied.has(name));
    if (missing.length === 0) {
      for (const name of copied) if (!standing.includes(name)) await sink.drop(`event/${name}`);
      return standing.length;
    }
    for (const name of missing) {
      signal.throwIfAborted();
      if (await copyPart(sink, `event/${name}`, join(table, name))) copied.add(name);
    }
  }
  throw new EngineError('other', 'the parts of the event table changed faster than they could be copied');
}

/** False where the part went before all of it was copied: nothing is left of it. */
async function copyPart(sink: BackupSink, path: string, from: string): Promise<boolean> {
  const names = await readdir(from, { withFileTypes: true }).catch(() => undefined);
  if (names === undefined) return false;
  await sink.directory(path);
  for (const entry of names) {
    const inside = `${path}/${entry.name}`;
    const whole = entry.isDirectory()
      ? await copyPart(sink, inside, join(from, entry.name))
      : (await sink.file(inside, join(from, entry.name))) !== undefined;
    if (!whole) {
      await sink.drop(path);
      return false;
    }
  }
  return true;
}

/** Puts copied parts into the empty event table of an engine that does not run; it finds them when it starts. */
export async function placeEventParts(dataDir: string, from: string): Promise<void> {
  const table = await partsOf(dataDir);
  const there = (await readdir(table)).find((name) => parsePartName(name) !== undefined);
  if (there !== undefined) throw new EngineError('other', `the event table in ${dataDir} is not empty`);
  for (const name of await readdir(from)) await cp(join(from, name), join(table, name), { recursive: true });
}
