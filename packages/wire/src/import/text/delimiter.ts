/** What may stand between two cells. */
export const DELIMITERS = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

const ANY: readonly string[] = DELIMITERS;
/** Records that are looked at: a sample, because a file may be of any size. */
const RECORDS_MAX = 200;

/** What the beginning of a file says of its cells. `told`: a first line `sep=;`, which spreadsheets write for each other. */
export type DelimiterFound = { readonly delimiter: Delimiter; readonly told: boolean };

/**
 * The delimiter of a file from its beginning: the one that cuts the first line, and the most lines after it, into the same
 * number of cells; between equals the one that makes more of them. One that stands inside quotes does not count, so a
 * decimal comma in a file of semicolons misleads nobody. A file of one column is read as one of commas.
 */
export function detectDelimiter(text: string): DelimiterFound {
  const told = /^\uFEFF?"?sep=([,;\t|])"?(?:\r\n|\n|\r)/i.exec(text)?.[1];
  if (told !== undefined) return { delimiter: told as Delimiter, told: true };
  let best: { readonly delimiter: Delimiter; readonly share: number; readonly cells: number } | undefined;
  for (const delimiter of DELIMITERS) {
    const counts = cellCounts(text, delimiter);
    const cells = counts[0] ?? 1;
    if (cells < 2) continue;
    const share = counts.filter((count) => count === cells).length / counts.length;
    if (best === undefined || share > best.share || (share === best.share && cells > best.cells)) {
      best = { delimiter, share, cells };
    }
  }
  return { delimiter: best?.delimiter ?? ',', told: false };
}

/** Cells of each record of the text, blank records and the last, which may be cut, left out unless it is the only one. */
function cellCounts(text: string, delimiter: string): readonly number[] {
  const counts: number[] = [];
  let cells = 1;
  let blank = true;
  let quoted = false;
  let opening = true;
  for (let at = 0; at < text.length && counts.length < RECORDS_MAX; at += 1) {
    const sign = text[at] as string;
    if (quoted) {
      if (sign === '"' && text[at + 1] === '"') at += 1;
      else if (sign === '"') quoted = false;
      continue;
    }
    if (sign === '\n' || sign === '\r') {
      if (!blank) counts.push(cells);
      cells = 1;
      blank = true;
      opening = true;
      continue;
    }
    blank = false;
    if (sign === '"' && opening) quoted = true;
    if (sign === delimiter) cells += 1;
    // Whatever the delimiter turns out to be: a quote after any of them opens a cell.
    opening = ANY.includes(sign);
  }
  return counts.length === 0 ? [cells] : counts;
}
