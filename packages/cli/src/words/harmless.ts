/** What a terminal obeys or hides: control characters, and those that turn the direction of a text or break its lines. */
const OBEYED = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * A text of anybody's for the terminal of somebody: what a terminal would obey stands there in words, `\u001b`. Lines stay
 * lines, and JSON stays the JSON it is.
 */
export function harmless(text: string): string {
  return text.replaceAll(OBEYED, (one, at: number) => {
    const isLine = one === '\n' || one === '\t' || (one === '\r' && text[at + 1] === '\n');
    return isLine ? one : `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** The same of one line: its ends are told too. */
export function harmlessLine(text: string): string {
  return harmless(text).replaceAll(/[\n\r\t]/g, (one) => SHORT[one] ?? one);
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
