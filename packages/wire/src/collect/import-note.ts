import { accept, isJsonObject, type JsonObject, type Result, refuse } from '@filrouge/domain/base';
import { cutString } from '../json/normalise.ts';
import { type Refusal, refusalOf } from '../problem/refusal.ts';

/**
 * Names the import that a request belongs to, form-encoded: `import=imp_…&kind=tickets&file=june.csv&content=…&run=3`. A
 * body says the same with `context.import.id`; what it does not say is empty.
 */
export const IMPORT_HEADER = 'x-filrouge-import';
/** In an answer: the run of the import that took the request in. Named in later requests, none of them begins another. */
export const IMPORT_RUN_HEADER = 'x-filrouge-import-run';

/** What a request says of its import. */
export type ToldImport = {
  readonly import: string;
  readonly kind: string;
  readonly file: string;
  readonly content: string;
  readonly run?: number;
};

const ID = /^[\w.:-]{1,64}$/;
const CONTENT = /^(?:[0-9a-f]{64})?$/;
const KIND = /^[a-z]{0,32}$/;
const FILE_LENGTH_MAX = 120;

/** The import of a request; undefined where it names none. */
export function readImportNote(
  header: string | undefined,
  context: JsonObject | undefined,
): Result<ToldImport | undefined, Refusal> {
  if (header !== undefined) return readHeader(header);
  const told = context?.['import'];
  const id = isJsonObject(told) ? told['id'] : undefined;
  // Another product may mean something else by the word.
  if (typeof id !== 'string' || !ID.test(id)) return accept(undefined);
  return accept({ import: id, kind: '', file: '', content: '' });
}

function readHeader(header: string): Result<ToldImport, Refusal> {
  const said = new URLSearchParams(header);
  const [id, kind, content, run] = ['import', 'kind', 'content', 'run'].map((name) => said.get(name) ?? '');
  const isRead =
    ID.test(id ?? '') && KIND.test(kind ?? '') && CONTENT.test(content ?? '') && /^\d{0,9}$/.test(run ?? '');
  if (!isRead) return refuse(refusalOf('field-wrong-type', '', `the header ${IMPORT_HEADER}: import=…&kind=…&file=…`));
  const file = cutString((said.get('file') ?? '').replaceAll(/\p{Cc}/gu, ' '), FILE_LENGTH_MAX);
  return accept({
    import: id as string,
    kind: kind as string,
    file,
    content: content as string,
    ...(run === '' ? {} : { run: Number(run) }),
  });
}

/** A note as the header carries it: ASCII, whatever the file is called. */
export function importHeader(note: ToldImport): string {
  const said = new URLSearchParams({ import: note.import, kind: note.kind, file: note.file, content: note.content });
  if (note.run !== undefined) said.set('run', String(note.run));
  return said.toString();
}
