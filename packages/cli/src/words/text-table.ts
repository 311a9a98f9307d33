import { harmlessLine } from './harmless.ts';

/** Rows of text as columns of even width under a header, the columns named in `right` set to the right. A row is a line. */
export function textTable(
  header: readonly string[],
  texts: readonly (readonly string[])[],
  right: ReadonlySet<number> = new Set(),
): readonly string[] {
  const rows = texts.map((row) => row.map(harmlessLine));
  const widths = header.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, at) => (right.has(at) ? (cells[at] ?? '').padStart(width) : (cells[at] ?? '').padEnd(width)))
      .join('  ')
      .trimEnd();
  return [line(header), ...rows.map(line)];
}
