/**
 * A text as a cell of a CSV file (RFC 4180) that a spreadsheet takes as text: what would be read as a formula gets an
 * apostrophe (OWASP, CSV injection), a plain number stays one, what holds a comma, a quote or a line's end is quoted.
 */
export function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) && !/^-?\d+([.]\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
