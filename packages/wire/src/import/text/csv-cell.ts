/** What a spreadsheet takes for a formula, behind any marks that say it is none. */
const FORMULA = /^'*[=+\-@\t\r]/;
/** A mark before what a spreadsheet would have taken for a formula or a number. `'t Hooft` is a name. */
const MARKED = /^'+[=+\-@\t\r0-9]/;
const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/;

/**
 * A text that no spreadsheet takes for a formula (OWASP, CSV injection): an apostrophe goes before it. One goes also before
 * what looks as if it had one already, so that `rearmed` gives every text back as it was.
 */
export function disarmed(text: string): string {
  return (FORMULA.test(text) && !PLAIN_NUMBER.test(text)) || MARKED.test(text) ? `'${text}` : text;
}

/** Takes the mark away that `disarmed`, or a spreadsheet (`'0612`), put before a text. */
export function rearmed(cell: string): string {
  return MARKED.test(cell) ? cell.slice(1) : cell;
}

/** A text as a cell of a CSV file (RFC 4180) that a spreadsheet takes as text; a plain number stays one. */
export function csvCell(text: string): string {
  const harmless = disarmed(text);
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
