import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { RowProblem } from '@filrouge/wire';
import { type ImportKind, type Mapping, missingColumns, readMapping, repairExpected } from '@filrouge/wire/import';
import { Document, isMap, isSeq, parse } from 'yaml';
import { CommandFailure } from '../command-failure.ts';

const BYTES_MAX = 1 << 20;

/** Where the mapping of a file stands, if nobody says otherwise. The boxes of a file of customers are read as consents too. */
export function mappingPathOf(file: string, kind: ImportKind): string {
  return kind === 'consents' ? `${file}.consents.mapping.yaml` : `${file}.mapping.yaml`;
}

/** The mapping in a file; undefined where there is none. Errors: `CommandFailure` with the place that cannot be read. */
export async function loadMapping(path: string, kind: ImportKind): Promise<Mapping | undefined> {
  if (!existsSync(path)) return undefined;
  const { size } = await stat(path);
  const read = size > BYTES_MAX ? undefined : readMapping(parsed(path, await readFile(path, 'utf8')), kind);
  if (read?.ok === true) return read.value;
  throw new CommandFailure(
    `the mapping ${path} cannot be used: ${read?.refusal ?? 'it is too large'}`,
    'Mend it, or remove it to have a new one proposed',
  );
}

function parsed(path: string, text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 });
  } catch (fault) {
    const why = fault instanceof Error ? (fault.message.split('\n')[0] ?? '') : '';
    throw new CommandFailure(
      `the mapping ${path} is no YAML: ${why}`,
      'Mend it, or remove it to have a new one proposed',
    );
  }
}

/** Writes a mapping for people to read and edit, a column a line. */
export async function saveMapping(path: string, file: string, mapping: Mapping): Promise<void> {
  await writeFile(path, mappingText(file, mapping));
}

export function mappingText(file: string, mapping: Mapping): string {
  const document = new Document(mapping);
  document.commentBefore = ` How the columns of ${basename(file)} become those of Filrouge. Edit it and import the file again;
 docs/import.md says what each repair does. A column under "dropped" is read by nobody.`;
  const missing = missingColumns(mapping);
  if (missing.length > 0) {
    document.commentBefore += `\n\n NOT COMPLETE. Write under "columns" which of your columns it is (those under "dropped" were not recognised),
 or under "values" what holds for every row:\n${missing.map((each) => missingLine(each, mapping)).join('\n')}`;
  }
  for (const name of ['columns', 'consents', 'dropped']) {
    const list = document.get(name);
    if (isSeq(list)) for (const item of list.items) if (isMap(item)) item.flow = true;
  }
  return document.toString({ lineWidth: 0 });
}

function missingLine({ column, detail }: RowProblem, mapping: Mapping): string {
  const line = `   - { from: ?, to: ${column}, repair: ${repairExpected(column, mapping)} }`;
  return detail === undefined ? line : `${line}   (or, instead: ${detail})`;
}
