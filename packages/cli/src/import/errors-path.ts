import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { ImportKind } from '@filrouge/wire/import';
import { listsErrorsOf } from './errors-file.ts';

/** How an import is named in its list of refused lines: as it was asked for, `tickets june.csv`. */
export function importNameOf(file: string, kind: ImportKind): string {
  return `${kind} ${basename(file).replaceAll(/\p{Cc}/gu, ' ')}`;
}

/**
 * Where the refused lines of a file are written, if nobody says otherwise: into the list that this import left before, else
 * into `errors.csv` beside the file, and where that is another import's or somebody else's, into `june.errors.csv`.
 */
export async function errorsPathFor(file: string, kind: ImportKind): Promise<string> {
  const name = basename(file);
  const last = `${name}.${kind}.errors.csv`;
  const candidates = ['errors.csv', `${basename(name, extname(name))}.errors.csv`, last].map((each) =>
    join(dirname(file), each),
  );
  const importName = importNameOf(file, kind);
  for (const path of candidates) if (await listsErrorsOf(path, importName)) return path;
  return candidates.find((path) => !existsSync(path)) ?? join(dirname(file), last);
}
