import { createHash } from 'node:crypto';
import type { LedgerLine } from '@filrouge/ports';

/**
 * A line of the second place: facts of the ledger, the runs of imports that are undone by then, or by which keys the
 * lines after it were written.
 */
export type CopyLine =
  | ({ readonly kind: 'facts' } & LedgerLine)
  | { readonly kind: 'undone'; readonly at: number; readonly runs: readonly string[] }
  | { readonly kind: 'keys'; readonly at: number; readonly fingerprint: string };

const HASH_DIGITS = 16;

/**
 * One line: the beginning of its SHA-256, a kind, two ledger positions, and JSON. Identifiers are in it as keyed hashes
 * and evidence is sealed, as in the ledger itself: nobody can be told from it without the keys.
 */
export function writeCopyLine(line: CopyLine): string {
  const said = textOf(line);
  return `${hashOf(said)} ${said}\n`;
}

function textOf(line: CopyLine): string {
  switch (line.kind) {
    case 'facts':
      return `facts ${line.first} ${line.last} ${line.text}`;
    case 'undone':
      return `undone ${line.at} ${line.at} ${JSON.stringify(line.runs)}`;
    case 'keys':
      return `keys ${line.at} ${line.at} ${JSON.stringify(line.fingerprint)}`;
  }
}

/** A line without its end; undefined for one that was cut short or changed. */
export function readCopyLine(line: string): CopyLine | undefined {
  const text = line.slice(HASH_DIGITS + 1);
  if (line.slice(0, HASH_DIGITS + 1) !== `${hashOf(text)} `) return undefined;
  const [, kind, first, last, json = ''] = /^(facts|undone|keys) (\d+) (\d+) (.*)$/s.exec(text) ?? [];
  if (kind === undefined) return undefined;
  if (kind === 'facts') return { kind, first: Number(first), last: Number(last), text: json };
  const said: unknown = JSON.parse(json);
  return kind === 'undone'
    ? { kind, at: Number(first), runs: (said as readonly unknown[]).map(String) }
    : { kind: 'keys', at: Number(first), fingerprint: String(said) };
}

/** Of a line that cannot be read the last position that it speaks of, where that is still to be made out. */
export function legiblePosition(text: string): number | undefined {
  const [, kind, first, last] = /^[0-9a-f]{16} (facts|undone|keys) (\d+) (\d+) /.exec(text) ?? [];
  if (kind === undefined) return undefined;
  return kind === 'facts' ? Math.max(Number(first), Number(last)) : Number(first);
}

function hashOf(said: string): string {
  return createHash('sha256').update(said).digest('hex').slice(0, HASH_DIGITS);
}
