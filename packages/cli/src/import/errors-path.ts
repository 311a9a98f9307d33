import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { ImportKind } from '@filrouge/wire/import';
import { listsErrorsOf } from './errors-file.ts';
import { claimLock } from './file-lock.ts';

/** How an import is named in its list of refused lines: as it was asked for, `tickets june.csv`. */
export function importNameOf(file: string, kind: ImportKind): string {
  return `${kind} ${basename(file).replaceAll(/\p{Cc}/gu, ' ')}`;
}

/** The list of an import that nobody else writes to until it is released. */
export type ClaimedPath = { readonly path: string; readonly release: () => Promise<void> };

/**
 * Where the refused lines of a file are written, if nobody says otherwise: into the list that this import left before, else
 * into `errors.csv` beside the file, and where that is another import's or somebody else's, into `june.errors.csv`. A
 * file beside the list says who writes it, so that two imports at once never write the same.
 */
export async function claimErrorsPath(file: string, kind: ImportKind): Promise<ClaimedPath> {
  const name = basename(file);
  const importName = importNameOf(file, kind);
  const candidates = ['errors.csv', `${basename(name, extname(name))}.errors.csv`, `${name}.${kind}.errors.csv`];
  const paths = candidates.map((each) => join(dirname(file), each));
  for (const isOurs of [true, false]) {
    for (const path of paths) {
      const fits = async (): Promise<boolean> => (isOurs ? listsErrorsOf(path, importName) : !existsSync(path));
      if (!(await fits())) continue;
      const claimed = await claim(path);
      // What stood there before it was claimed may have been written since.
      if (claimed !== undefined && (await fits())) return claimed;
      await claimed?.release();
    }
  }
  return claimNumbered(join(dirname(file), `${name}.${kind}`));
}

/** Beside the names that are taken by others there is always one more. */
async function claimNumbered(stem: string): Promise<ClaimedPath> {
  for (let n = 2; ; n += 1) {
    const path = `${stem}.${n}.errors.csv`;
    if (existsSync(path)) continue;
    const claimed = await claim(path);
    if (claimed !== undefined) return claimed;
  }
}

/** Undefined while another process that lives has it. */
async function claim(path: string): Promise<ClaimedPath | undefined> {
  const release = await claimLock(`${path}.lock`);
  return release === undefined ? undefined : { path, release };
}
