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
};

/** The body of a batch: its items, and the frame = the same bytes with an empty `batch`. */
export type BatchScan = {
  readonly frame: string;
  readonly frameKeys: number;
  readonly frameEscapes: boolean;
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
/** Bracket kinds are compared down to this level; deeper ones are only counted, the item being refused anyway. */
const KINDS_MAX = 64;

/** Where the bytes begin after one byte order mark (RFC 8259, section 8.1, lets a parser ignore it). */
export function skipByteOrderMark(bytes: Buffer): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** First byte of `bytes` from `at` on that is no JSON white space. */
export function skipSpace(bytes: Buffer, at: number, end: number): number {
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

/**
 * Walks one JSON text and counts: no value is built, nothing but brackets, colons and escapes is looked at. Syntax
 * inside the brackets is left to JSON.parse, which reads the same bytes once, afterwards.
 */
export function measureItem(bytes: Buffer, from: number, to: number): ItemSlice {
  const start = skipSpace(bytes, from, to);
  const end = trimEnd(bytes, start, to);
  let keys = 0;
  let depth = 0;
  let deepest = 0;
  let escapes = false;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at += 1;
      while (at < end && bytes[at] !== QUOTE) {
        if (bytes[at] === BACKSLASH) {
          at += 1;
          if (bytes[at] === LETTER_U) escapes = true;
        }
        at += 1;
      }
    } else if (byte === COLON) keys += 1;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
  }
  return { start, end, keys, depth: deepest, escapes };
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

/** What the walk over a batch body carries along; one mutable record, alive for one call. */
type Walk = {
  readonly items: ItemSlice[];
  readonly kinds: Uint8Array;
  itemsBeyond: number;
  /** Offset just after the `[` of the top-level `batch`, or -1. */
  arrayStart: number;
  /** Offset of its `]`, or -1. */
  arrayEnd: number;
  frameKeys: number;
  frameEscapes: boolean;
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
  return (
    end - start === 5 &&
    bytes[start] === 0x62 &&
    bytes[start + 1] === 0x61 &&
    bytes[start + 2] === 0x74 &&
    bytes[start + 3] === 0x63 &&
    bytes[start + 4] === 0x68
  );
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
  const walk: Walk = {
    items: [],
    kinds: new Uint8Array(KINDS_MAX + 1),
    itemsBeyond: 0,
    arrayStart: -1,
    arrayEnd: -1,
    frameKeys: 0,
    frameEscapes: false,
  };
  const fault = walkBatch(bytes, open, end, limits, walk);
  if (fault !== undefined) return malformedAt(bytes, fault);
  if (walk.arrayStart === -1 || walk.arrayEnd === -1) return refuse(refusalOf('batch-missing', '/batch'));
  const frame = bytes.toString('utf8', start, walk.arrayStart) + bytes.toString('utf8', walk.arrayEnd, end);
  return accept({
    frame,
    frameKeys: walk.frameKeys,
    frameEscapes: walk.frameEscapes,
    items: walk.items,
    itemsBeyond: walk.itemsBeyond,
  });
}

/** The loop of `scanBatch`; answers the offset of the first fault. One function, because it is the hottest of the door. */
// oxlint-disable-next-line max-lines-per-function
function walkBatch(bytes: Buffer, open: number, end: number, limits: JsonLimits, walk: Walk): number | undefined {
  const { kinds } = walk;
  let depth = 0;
  let insideBatch = false;
  let keyStart = -1;
  let keyEnd = -1;
  let batchKeyAt = -1;
  let itemStart = -1;
  let keys = 0;
  let deepest = 0;
  let escapes = false;
  for (let at = open; at < end; at += 1) {
    const byte = bytes[at] as number;
    switch (byte) {
      case QUOTE: {
        const from = at + 1;
        at = from;
        while (at < end && bytes[at] !== QUOTE) {
          if (bytes[at] === BACKSLASH) {
            at += 1;
            if (bytes[at] === LETTER_U) escapes = true;
          }
          at += 1;
        }
        if (at >= end) return end;
        if (depth === 1) {
          keyStart = from;
          keyEnd = at;
        }
        break;
      }
      case COLON:
        keys += 1;
        batchKeyAt = depth === 1 && walk.arrayStart === -1 && isBatchKey(bytes, keyStart, keyEnd) ? at : batchKeyAt;
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        depth += 1;
        if (depth > deepest) deepest = depth;
        if (depth <= KINDS_MAX) kinds[depth] = byte;
        if (depth === 2 && byte === OPEN_BRACKET && batchKeyAt !== -1 && skipSpace(bytes, batchKeyAt + 1, end) === at) {
          walk.frameKeys += keys;
          walk.frameEscapes ||= escapes;
          walk.arrayStart = at + 1;
          insideBatch = true;
          itemStart = at + 1;
          keys = 0;
          deepest = 2;
          escapes = false;
          batchKeyAt = -1;
        }
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        if (depth === 0 || (depth <= KINDS_MAX && kinds[depth] !== byte - 2)) return at;
        if (insideBatch && depth === 2) {
          if (!closeItem(bytes, walk, limits, itemStart, at, keys, deepest, escapes, true)) return at;
          walk.arrayEnd = at;
          insideBatch = false;
          keys = 0;
          escapes = false;
        }
        depth -= 1;
        if (depth === 0) {
          walk.frameKeys += keys;
          walk.frameEscapes ||= escapes;
          const rest = skipSpace(bytes, at + 1, end);
          return rest === end ? undefined : rest;
        }
        break;
      case COMMA:
        if (insideBatch && depth === 2) {
          if (!closeItem(bytes, walk, limits, itemStart, at, keys, deepest, escapes, false)) return at;
          itemStart = at + 1;
          keys = 0;
          deepest = 2;
          escapes = false;
        }
        break;
      default:
        break;
    }
  }
  return end;
}

/** Notes the item that ends before `to`; false when there is nothing between two commas or before the last bracket. */
function closeItem(
  bytes: Buffer,
  walk: Walk,
  limits: JsonLimits,
  from: number,
  to: number,
  keys: number,
  deepest: number,
  escapes: boolean,
  last: boolean,
): boolean {
  const start = skipSpace(bytes, from, to);
  if (start === to) return last && walk.items.length === 0;
  if (walk.items.length >= limits.itemsMax) {
    walk.itemsBeyond += 1;
    return true;
  }
  walk.items.push({ start, end: trimEnd(bytes, start, to), keys, depth: deepest - 2, escapes });
  return true;
}
