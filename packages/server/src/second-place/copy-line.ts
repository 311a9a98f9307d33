import { createHash } from 'node:crypto';
import type { LedgerLine } from '@filrouge/ports';

/** A line of the second place: facts of the ledger, or the runs of imports that are undone by then. */
export type CopyLine =
  | ({ readonly kind: 'facts' } & LedgerLine)
  | { readonly kind: 'undone'; readonly at: number; readonly runs: readonly string[] };

const HASH_DIGITS = 16;

/**
 * One line: the beginning of its SHA-256, a kind, two ledger positions, and JSON. Identifiers are in it as keyed hashes
 * and evidence is sealed, as in the ledger itself: nobody can be told from it without the keys.
 */
export function writeCopyLine(line: CopyLine): string {
  const said =
    line.kind === 'facts'
      ? `facts ${line.first} ${line.last} ${line.text}`
      : `undone ${line.at} ${line.at} ${JSON.stringify(line.runs)}`;
  return `${hashOf(said)} ${said}\n`;
}

/** A line without its end; undefined for one that was cut short or changed. */
export function readCopyLine(text: string): CopyLine | undefined {
  const said = text.slice(HASH_DIGITS + 1);
  if (text.slice(0, HASH_DIGITS + 1) !== `${hashOf(said)} `) return undefined;
  const [, kind, first, last, json = ''] = /^(facts|undone) (\d+) (\d+) (.*)$/s.exec(said) ?? [];
  if (kind === 'facts') return { kind, first: Number(first), last: Number(last), text: json };
  if (kind !== 'undone') return undefined;
  return { kind, at: Number(first), runs: (JSON.parse(json) as readonly unknown[]).map(String) };
}

function hashOf(said: string): string {
  return createHash('sha256').update(said).digest('hex').slice(0, HASH_DIGITS);
}
