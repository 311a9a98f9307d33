import { accept, type Result, refuse } from '@filrouge/domain/base';
import { SQL_TEXT_MAX, type SqlRefusal, type SqlRefusalCode } from '@filrouge/ports';
import { isAllowedType } from './allowed-types.ts';

export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'placeholder' | 'sign';
export type Token = { readonly kind: TokenKind; readonly text: string; readonly offset: number };
export type Placeholder = { readonly name: string; readonly type: string };

/** A query's text once it is cut into tokens that mean the same to us and to the engine. */
export type SqlText = {
  /** Comments and the last semicolon are blanks, so that every position is the one in the query's own text. */
  readonly plain: string;
  readonly tokens: readonly Token[];
  readonly placeholders: readonly Placeholder[];
};

const KINDS: readonly (readonly [TokenKind | 'gap', RegExp])[] = [
  ['gap', /[ \t\r\n]+|--[^\n]*|\/\*[\s\S]*?\*\//y],
  ['word', /[A-Za-z_]\w*(?![\w'"`$])/y],
  // A name between quotes holds nothing that the engine's own dump of a query could be misread by.
  ['quoted', /"[\p{L}\p{N}_ %€-]{1,128}"(?!")|`[\p{L}\p{N}_ %€-]{1,128}`(?!`)/uy],
  ['string', /'(?:[^'\\\p{Cc}]|[\t\r\n]|\\[^\p{Cc}]|'')*'/uy],
  ['number', /0x[0-9A-Fa-f]+(?!\w)|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\w)|\.\d+(?:[eE][+-]?\d+)?(?!\w)/y],
  ['placeholder', /\{ *[A-Za-z_]\w* *: *\w[\w(), ]*\}/y],
  ['sign', /->|::|\|\||<=>|[!<>=]=|<>|[()[\],.*+/%<>=?:~;-]/y],
];

/** Words that begin a clause which no query of this door has; refused before the engine reads anything. */
const FORBIDDEN_CLAUSES = new Set(['settings', 'outfile', 'into', 'recursive', 'window', 'explain', 'prewhere']);

/** Bare words that are names where a bracket follows them, and clauses where none does. */
const CLAUSES_WITHOUT_BRACKET = new Set(['format']);

const BEGINNINGS = new Set(['select', 'with', '(']);

/** Cuts a text into tokens. It is stricter than the engine: what could be read in two ways is refused. */
export function readSqlText(text: string): Result<SqlText, SqlRefusal> {
  if (text.length > SQL_TEXT_MAX) return refuse({ code: 'unreadable', what: `more than ${SQL_TEXT_MAX} characters` });
  const tokens: Token[] = [];
  const gaps: (readonly [number, number])[] = [];
  for (let offset = 0; offset < text.length; ) {
    const found = nextPiece(text, offset);
    if (found === undefined) return refused(text, offset, 'unreadable', pieceAt(text, offset));
    if (found.kind === 'gap') gaps.push([offset, offset + found.text.length]);
    else tokens.push({ kind: found.kind, text: found.text, offset });
    offset += found.text.length;
  }
  const last = tokens.at(-1);
  if (last?.text === ';') {
    tokens.pop();
    gaps.push([last.offset, last.offset + 1]);
  }
  return judged(text, tokens, blanked(text, gaps));
}

function judged(text: string, tokens: readonly Token[], plain: string): Result<SqlText, SqlRefusal> {
  const [first] = tokens;
  if (first === undefined) return refuse({ code: 'statement', what: 'empty' });
  if (!BEGINNINGS.has(first.text.toLowerCase())) return refused(text, first.offset, 'statement', first.text);
  const placeholders: Placeholder[] = [];
  for (const [n, token] of tokens.entries()) {
    const word = token.kind === 'word' ? token.text.toLowerCase() : '';
    if (token.text === ';') return refused(text, token.offset, 'statement', ';');
    const clause = CLAUSES_WITHOUT_BRACKET.has(word) && tokens[n + 1]?.text !== '(';
    if (clause || FORBIDDEN_CLAUSES.has(word)) return refused(text, token.offset, 'clause', token.text.toUpperCase());
    if (token.kind !== 'placeholder') continue;
    const placeholder = placeholderOf(token.text);
    if (!isAllowedType(placeholder.type)) return refused(text, token.offset, 'parameter', token.text);
    placeholders.push(placeholder);
  }
  return accept({ plain, tokens, placeholders });
}

function nextPiece(
  text: string,
  offset: number,
): { readonly kind: TokenKind | 'gap'; readonly text: string } | undefined {
  for (const [kind, pattern] of KINDS) {
    pattern.lastIndex = offset;
    const found = pattern.exec(text);
    if (found !== null) return { kind, text: found[0] };
  }
  return undefined;
}

/** What cannot be read: its first character. */
function pieceAt(text: string, offset: number): string {
  return String.fromCodePoint(text.codePointAt(offset) ?? 0);
}

function blanked(text: string, gaps: readonly (readonly [number, number])[]): string {
  let plain = '';
  let at = 0;
  for (const [from, to] of gaps) {
    // A character that is not ASCII is several bytes to the engine, which counts columns in bytes: one blank each.
    plain += text.slice(at, from) + text.slice(from, to).replaceAll(/[^\n]/g, ' ');
    at = to;
  }
  return plain + text.slice(at);
}

function placeholderOf(text: string): Placeholder {
  const [, name = '', type = ''] = /^\{ *(\w+) *: *([^} ][^}]*)\}$/.exec(text) ?? [];
  return { name, type: type.trimEnd() };
}

function refused(text: string, offset: number, code: SqlRefusalCode, what: string): Result<never, SqlRefusal> {
  return refuse({ code, what, at: placeOf(text, offset) });
}

/** Line and column of an offset, both from 1. */
export function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** The names that a query gives to its own tables (`WITH name AS (`), in their order. */
export function namedTables(tokens: readonly Token[]): readonly Token[] {
  return tokens.filter(
    ({ kind }, n) =>
      (kind === 'word' || kind === 'quoted') &&
      tokens[n + 1]?.text.toUpperCase() === 'AS' &&
      tokens[n + 2]?.text === '(',
  );
}

/** A name without its quotes. */
export function bareName({ kind, text }: Token): string {
  return kind === 'quoted' ? text.slice(1, -1) : text;
}

/** The text without the values in it: a literal is `?`, a comment is gone. What cannot be cut is not kept at all. */
export function withoutValues(text: string): string {
  const read = readSqlText(text);
  if (!read.ok) return '';
  return read.value.tokens
    .map(({ kind, text: token }) => (kind === 'string' || kind === 'number' ? '?' : token))
    .join(' ');
}
