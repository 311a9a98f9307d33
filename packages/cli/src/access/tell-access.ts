import { type AnswerDocument, documentOf } from '../api/answer-document.ts';
import type { CommandContext } from '../command-context.ts';
import { textTable } from '../words/text-table.ts';
import type { MadeSecret } from './access-desk.ts';

/** Shows a secret that was just made: alone on stdout, so that a script can take it; under its `name` with --json. */
export function tellSecret(
  context: CommandContext,
  made: MadeSecret & Readonly<Record<string, unknown>>,
  name: 'key' | 'token',
): void {
  const { secret, ...rest } = made;
  if (context.json) {
    context.data(JSON.stringify({ ...rest, [name]: secret }));
    return;
  }
  context.data(secret);
  context.progress(`Keep this ${name}: it is shown this once. Its id is ${made.id}`);
}

/** A list of keys or tokens as a table, or one JSON document. */
export function tellEntries(
  context: CommandContext,
  entries: readonly AnswerDocument[],
  columns: readonly string[],
): void {
  if (context.json) {
    context.data(JSON.stringify({ items: entries }));
    return;
  }
  if (entries.length === 0) {
    context.data('there is none');
    return;
  }
  for (const line of textTable(
    columns,
    entries.map((entry) => columns.map((name) => cellOf(documentOf(entry)[name]))),
  )) {
    context.data(line);
  }
}

function cellOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '-';
}
