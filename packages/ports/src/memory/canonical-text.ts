import { hash } from 'node:crypto';

/** One digest for the same rows, in whatever order they and their parts were put together. */
export function digestOfRows(rows: Iterable<unknown>): string {
  return hash('sha256', [...rows].map(canonicalText).sort().join('\n'));
}

function canonicalText(value: unknown): string {
  if (typeof value === 'bigint') return `"${value}"`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`;
  const parts = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, part]) => `${JSON.stringify(name)}:${canonicalText(part)}`);
  return `{${parts.join()}}`;
}
