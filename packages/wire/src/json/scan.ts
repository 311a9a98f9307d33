import { isUtf8 } from 'node:buffer';
import { accept, type Result, refuse } from '@filrouge/domain/base';
import { type Refusal, refusalOf } from '../problem/refusal.ts';
import { COLLECT_LIMITS, type JsonLimits } from './limits.ts';

/** One item as bytes: where it stands in the body and what the scanner counted on the way. */
export type ItemSlice = {
  readonly start: number;
  readonly end: number;
  /** Colons outside strings = keys as written, repeated ones included. */
  readonly keys: number;
  /** Levels of objects and arrays. */
  readonly depth: number;
  /** Whether a `\u` escape occurs: only then can a string hold NUL or a lone surrogate, the bytes being valid UTF-8. */
  readonly escapes: boolean;
  /** Where the values of its own `properties` and `context` stand, if it has them in plain letters; else 0 and 0. */
  readonly propertiesStart: number;
  readonly propertiesEnd: number;
  readonly contextStart: number;
  readonly contextEnd: number;
};

/** The body of a batch: its items, and the frame = the same bytes with an empty `batch`. */
export type BatchScan = {
  readonly frame: string;
  /** The bytes between these two offsets of the body are left out of `frame`. */
  readonly arrayStart: number;
  readonly arrayEnd: number;
  readonly items: readonly ItemSlice[];
  /** Items beyond `itemsMax`, counted and not read. */
  readonly itemsBeyond: number;
};

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COLON = 0x3a;
const COMMA = 0x2c;
const LETTER_U = 0x75;

/** Where the bytes begin after one byte order mark (RFC 8259, section 8.1, lets a parser ignore it). */
function skipByteOrderMark(bytes: Buffer): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** First byte of `bytes` from `at` on that is no JSON white space. */
function skipSpace(bytes: Buffer, at: number, end: number): number {
  let place = at;
  while (place < end) {
    const byte = bytes[place];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    place += 1;
  }
  return place;
}

function trimEnd(bytes: Buffer, start: number, end: number): number {
  let place = end;
  while (place > start) {
    const byte = bytes[place - 1];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    place -= 1;
  }
  return place;
}

/** Size and encoding of a whole body; the value is the offset at which the JSON begins. */
export function checkBytes(bytes: Buffer, limits: JsonLimits = COLLECT_LIMITS): Result<number, Refusal> {
  if (bytes.length > limits.bodyBytesMax) {
    return refuse(refusalOf('body-too-large', '', `${bytes.length} bytes, at most ${limits.bodyBytesMax}`));
  }
  const start = skipByteOrderMark(bytes);
  if (skipSpace(bytes, start, bytes.length) === bytes.length) return refuse(refusalOf('body-empty', ''));
  if (!isUtf8(bytes)) return refuse(refusalOf('body-not-utf8', ''));
  return accept(start);
}

/** What the walk over one value counts and finds; one mutable record, reused from item to item. */
type Tally = {
  keys: number;
  deepest: number;
  escapes: boolean;
  propertiesStart: number;
  propertiesEnd: number;
  contextStart: number;
  contextEnd: number;
};

function emptyTally(): Tally {
  return {
    keys: 0,
    deepest: 0,
    escapes: false,
    propertiesStart: 0,
    propertiesEnd: 0,
    contextStart: 0,
    contextEnd: 0,
  };
}

/** The members of an item that are worth finding: their text is kept as it came. */
type Member = 'properties' | 'context';

/** Whether a key stands between two offsets that names such a member. */
function memberAt(bytes: Buffer, start: number, end: number): Member | undefined {
  if (end - start === 7) return isWord(bytes, start, CONTEXT) ? 'context' : undefined;
  return end - start === 10 && isWord(bytes, start, PROPERTIES) ? 'properties' : undefined;
}

const CONTEXT = Buffer.from('context');
const PROPERTIES = Buffer.from('properties');
const BATCH = Buffer.from('batch');

function isWord(bytes: Buffer, start: number, word: Buffer): boolean {
  for (let at = 0; at < word.length; at += 1) if (bytes[start + at] !== word[at]) return false;
  return true;
}

function setMember(tally: Tally, member: Member, start: number, end: number): void {
  if (member === 'context') {
    tally.contextStart = start;
    tally.contextEnd = end;
  } else {
    tally.propertiesStart = start;
    tally.propertiesEnd = end;
  }
}

/** Levels whose kind of bracket is remembered, one bit each; a deeper item is refused whatever its brackets are. */
const KINDS_MAX = 32;

/**
 * Walks one JSON value and counts: no value is built, nothing but quotes, brackets, colons and escapes is looked at.
 * Syntax inside the brackets is left to JSON.parse, which reads the same bytes once, afterwards. Answers the offset of
 * the byte after the value (a comma, a closing bracket of what surrounds it, or `end`), or -1 - offset where brackets
 * do not match or something breaks off: then no border can be trusted.
 */
function walkValue(bytes: Buffer, from: number, end: number, tally: Tally): number {
  let depth = 0;
  let kinds = 0;
  let deepest = 0;
  let keys = 0;
  let escapes = false;
  let textStart = 0;
  let textEnd = 0;
  let member: Member | undefined;
  let memberStart = 0;
  tally.propertiesEnd = 0;
  tally.contextEnd = 0;
  let at = from;
  for (; at < end; at += 1) {
    const byte = bytes[at] as number;
    // Letters, digits and white space outside strings: nothing to count. The tests go by how often a byte occurs.
    if (byte === QUOTE) {
      at += 1;
      textStart = at;
      for (;;) {
        const inside = bytes[at];
        if (inside === QUOTE) break;
        if (inside === BACKSLASH) {
          at += 1;
          if (bytes[at] === LETTER_U) escapes = true;
        }
        at += 1;
        if (at >= end) return -1 - end;
      }
      textEnd = at;
    } else if (byte === COLON) {
      keys += 1;
      if (depth === 1) {
        member = memberAt(bytes, textStart, textEnd);
        memberStart = at + 1;
      }
    } else if (byte === COMMA) {
      if (depth === 0) break;
      if (depth === 1 && member !== undefined) {
        setMember(tally, member, memberStart, at);
        member = undefined;
      }
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > deepest) deepest = depth;
      kinds = (kinds << 1) | (byte === OPEN_BRACE ? 1 : 0);
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 0) break;
      if (deepest <= KINDS_MAX && (kinds & 1) !== (byte === CLOSE_BRACE ? 1 : 0)) return -1 - at;
      kinds >>>= 1;
      depth -= 1;
      if (depth === 0 && member !== undefined) setMember(tally, member, memberStart, at);
    }
  }
  if (depth > 0) return -1 - at;
  tally.keys = keys;
  tally.deepest = deepest;
  tally.escapes = escapes;
  return at;
}

/** Measures a text that is one item; where its brackets do not match, JSON.parse will say so. */
export function measureItem(bytes: Buffer, from: number, to: number): ItemSlice {
  const start = skipSpace(bytes, from, to);
  const end = trimEnd(bytes, start, to);
  const tally = emptyTally();
  const stop = walkValue(bytes, start, end, tally);
  // Broken brackets: the counts would be those of a part, so the depth alone is measured, for a telling refusal.
  const depth = stop === end ? tally.deepest : Math.max(tally.deepest, openBrackets(bytes, start, end));
  tally.deepest = depth;
  tally.escapes ||= stop !== end;
  return sliceOf(start, end, tally);
}

/** What was walked between two offsets, as the tally tells it. */
function sliceOf(start: number, end: number, tally: Tally): ItemSlice {
  const { keys, deepest: depth, escapes, propertiesStart, propertiesEnd, contextStart, contextEnd } = tally;
  return { start, end, keys, depth, escapes, propertiesStart, propertiesEnd, contextStart, contextEnd };
}

/** Deepest level of a text whose brackets may not match. */
function openBrackets(bytes: Buffer, start: number, end: number): number {
  let depth = 0;
  let deepest = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
  }
  return deepest;
}

/** The limits of one item, as a refusal of that item alone. */
export function checkItem(slice: ItemSlice, limits: JsonLimits = COLLECT_LIMITS): Refusal | undefined {
  const bytes = slice.end - slice.start;
  if (bytes > limits.itemBytesMax) {
    return refusalOf('item-too-large', '', `${bytes} bytes, at most ${limits.itemBytesMax}`);
  }
  if (slice.depth > limits.depthMax) {
    return refusalOf('depth-exceeded', '', `${slice.depth} levels, at most ${limits.depthMax}`);
  }
  if (slice.keys > limits.keysMax) {
    return refusalOf('keys-exceeded', '', `${slice.keys} keys, at most ${limits.keysMax}`);
  }
  return undefined;
}

/** What the walk over a batch body finds; one mutable record, alive for one call. */
type Found = {
  readonly items: ItemSlice[];
  readonly tally: Tally;
  itemsBeyond: number;
  /** Offset just after the `[` of the top-level `batch`, or -1. */
  arrayStart: number;
  /** Offset of its `]`, or -1. */
  arrayEnd: number;
};

function malformedAt(bytes: Buffer, offset: number): Result<never, Refusal> {
  return refuse(refusalOf('json-malformed', '', placeOf(bytes, offset)));
}

/** Line (from 1) and byte offset (from 0) as a sentence; never a piece of the body, which may be personal. */
export function placeOf(bytes: Buffer, offset: number): string {
  let line = 1;
  for (let at = bytes.indexOf(0x0a); at !== -1 && at < offset; at = bytes.indexOf(0x0a, at + 1)) line += 1;
  return `line ${line}, byte ${offset}`;
}

function isBatchKey(bytes: Buffer, start: number, end: number): boolean {
  return end - start === BATCH.length && isWord(bytes, start, BATCH);
}

/**
 * Finds the items of the top-level `batch` array without parsing them. Brackets and strings must balance, because the
 * borders of the items hang on them: a body in which they do not is refused as a whole, with line and byte. What is
 * wrong inside one item is found when that item is parsed, and costs that item alone.
 */
export function scanBatch(
  bytes: Buffer,
  start: number,
  limits: JsonLimits = COLLECT_LIMITS,
): Result<BatchScan, Refusal> {
  const end = bytes.length;
  const open = skipSpace(bytes, start, end);
  if (bytes[open] !== OPEN_BRACE) return refuse(refusalOf('body-not-an-object', ''));
  const found: Found = {
    items: [],
    tally: emptyTally(),
    itemsBeyond: 0,
    arrayStart: -1,
    arrayEnd: -1,
  };
  const stop = walkFrame(bytes, open + 1, end, limits, found);
  if (stop < 0) return malformedAt(bytes, -1 - stop);
  const rest = skipSpace(bytes, stop, end);
  if (rest !== end) return malformedAt(bytes, rest);
  if (found.arrayEnd === -1) return refuse(refusalOf('batch-missing', '/batch'));
  return accept({
    frame: bytes.toString('utf8', start, found.arrayStart) + bytes.toString('utf8', found.arrayEnd, end),
    arrayStart: found.arrayStart,
    arrayEnd: found.arrayEnd,
    items: found.items,
    itemsBeyond: found.itemsBeyond,
  });
}

/** Walks the members of the top object; answers the offset after its `}`, or -1 - the offset of the first fault. */
function walkFrame(bytes: Buffer, from: number, end: number, limits: JsonLimits, found: Found): number {
  let at = skipSpace(bytes, from, end);
  if (bytes[at] === CLOSE_BRACE) return at + 1;
  for (;;) {
    const keyStart = at + 1;
    if (bytes[at] !== QUOTE) return -1 - at;
    at = skipString(bytes, keyStart, end);
    if (at >= end) return -1 - end;
    const isBatch = isBatchKey(bytes, keyStart, at);
    at = skipSpace(bytes, at + 1, end);
    if (bytes[at] !== COLON) return -1 - at;
    at = skipSpace(bytes, at + 1, end);
    if (isBatch && found.arrayStart === -1 && bytes[at] === OPEN_BRACKET)
      at = walkItems(bytes, at + 1, end, limits, found);
    else at = walkValue(bytes, at, end, found.tally);
    if (at < 0) return at;
    at = skipSpace(bytes, at, end);
    if (bytes[at] === CLOSE_BRACE) return at + 1;
    if (bytes[at] !== COMMA) return -1 - at;
    at = skipSpace(bytes, at + 1, end);
  }
}

/** The closing quote of the string whose first character stands at `from`, or `end`. A key with escapes is a key. */
function skipString(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}

/** Walks the items of the batch; answers the offset after its `]`, or -1 - the offset of the first fault. */
function walkItems(bytes: Buffer, from: number, end: number, limits: JsonLimits, found: Found): number {
  const { items, tally } = found;
  found.arrayStart = from;
  let start = skipSpace(bytes, from, end);
  if (bytes[start] === CLOSE_BRACKET) {
    found.arrayEnd = start;
    return start + 1;
  }
  for (;;) {
    const stop = walkValue(bytes, start, end, tally);
    if (stop < 0) return stop;
    const last = bytes[stop] === CLOSE_BRACKET;
    if (stop >= end || stop === start || !(last || bytes[stop] === COMMA)) return -1 - stop;
    if (items.length < limits.itemsMax) {
      items.push(sliceOf(start, trimEnd(bytes, start, stop), tally));
    } else found.itemsBeyond += 1;
    if (last) {
      found.arrayEnd = stop;
      return stop + 1;
    }
    start = skipSpace(bytes, stop + 1, end);
  }
}
