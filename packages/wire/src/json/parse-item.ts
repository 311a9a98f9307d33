import { accept, isJsonObject, type Json, type JsonObject, type Result, refuse } from '@filrouge/domain/base';
import type { Mark, SourceText } from '@filrouge/domain/event';
import { pointerStep, type Refusal, refusalOf } from '../problem/refusal.ts';
import { examine } from './body-hash.ts';
import type { JsonLimits } from './limits.ts';
import { locateFault } from './locate.ts';
import { normalise } from './normalise.ts';
import { checkItem, type ItemSlice, measureItem, placeOf } from './scan.ts';

/** An item as the rest of the door sees it: a safe tree, what was changed, and which numbers were not exact. */
export type ParsedItem = {
  readonly json: JsonObject;
  readonly marks: ReadonlySet<Mark>;
  /** JSON pointers of integers beyond 2^53: kept as their digits, but never believed as an identifier. */
  readonly inexact: ReadonlySet<string>;
  /** A credential: it stands beside the tree, so that nothing which keeps the tree keeps it. */
  readonly identityToken?: string;
  /** Of its `properties` and `context`, where the whole item is just as it came. */
  readonly texts?: readonly SourceText[];
  /** Its hash, where it is known already: of this very tree, and of no other that stands in its place. */
  readonly hashed?: { readonly of: JsonObject; readonly bodyHash: string };
};

const NO_MARKS: ReadonlySet<Mark> = new Set();
const NOTHING_INEXACT: ReadonlySet<string> = new Set();

/** From the bytes of one item to a safe tree; every refusal concerns this item alone. */
export function parseItem(bytes: Buffer, slice: ItemSlice, limits?: JsonLimits): Result<ParsedItem, Refusal> {
  const beyond = checkItem(slice, limits);
  if (beyond !== undefined) return refuse(beyond);
  const text = bytes.toString('utf8', slice.start, slice.end);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const fault = locateFault(bytes, slice.start, slice.end);
    const offset = fault?.kind === 'syntax' ? fault.offset : slice.start;
    return refuse(refusalOf('json-malformed', '', placeOf(bytes, offset)));
  }
  if (!isJsonObject(value)) return refuse(refusalOf('item-not-an-object', ''));
  // Fewer keys than were written: one of them was repeated, which is told below.
  if (!slice.escapes) {
    const { bodyHash, keys } = examine(value);
    if (keys === slice.keys) {
      const texts = textsOf(bytes, slice, text, value);
      return accept({ json: value, marks: NO_MARKS, inexact: NOTHING_INEXACT, texts, hashed: { of: value, bodyHash } });
    }
  }
  const normal = normalise(value, slice.escapes);
  if (normal.fault !== undefined) return refuse(normal.fault);
  if (normal.keys !== slice.keys) return refuse(duplicateKey(bytes, slice));
  const { identityToken } = normal;
  const item: ParsedItem = normal.inexact
    ? withExactDigits(text, slice.escapes, normal.marks)
    : { json: normal.value as JsonObject, marks: normal.marks, inexact: NOTHING_INEXACT };
  return accept(identityToken === undefined ? item : { ...item, identityToken });
}

function textsOf(bytes: Buffer, slice: ItemSlice, text: string, { properties, context }: JsonObject): SourceText[] {
  const texts: SourceText[] = [];
  const { start } = slice;
  // Where each character is one byte, a piece of the text is as good as one of the bytes, and costs no copy.
  const plain = text.length === slice.end - start;
  const add = (of: Json | undefined, from: number, to: number): void => {
    if (to === 0 || !isJsonObject(of)) return;
    texts.push({ of, text: plain ? text.slice(from - start, to - start) : bytes.toString('utf8', from, to) });
  };
  add(properties, slice.propertiesStart, slice.propertiesEnd);
  add(context, slice.contextStart, slice.contextEnd);
  return texts;
}

function duplicateKey(bytes: Buffer, slice: ItemSlice): Refusal {
  const fault = locateFault(bytes, slice.start, slice.end);
  return refusalOf('duplicate-key', fault?.kind === 'duplicate' ? fault.pointer : '');
}

/** A small text that is one object (a cell of a file) through the same rules as an item. */
export function parseText(text: string, limits?: JsonLimits): Result<ParsedItem, Refusal> {
  const bytes = Buffer.from(text, 'utf8');
  return parseItem(bytes, measureItem(bytes, 0, bytes.length), limits);
}

/** JSON.parse hands the source text of a primitive to its reviver (ECMAScript 2026, JSON.parse source text access). */
type SourceReviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown;

/** A literal without fraction and exponent: whoever writes 1e300 means a magnitude, which a double holds. */
const DIGITS = /^-?\d+$/;

class Digits {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

/**
 * The rare second reading: an integer that a double cannot hold is kept as the text of its digits, because campaign
 * and advertisement ids of 18 digits are usual in properties and a rounded one would name another campaign.
 */
function withExactDigits(text: string, escapes: boolean, marks: ReadonlySet<Mark>): ParsedItem {
  const keepSource: SourceReviver = (_key, value, context) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && DIGITS.test(context?.source ?? '')
      ? new Digits(context?.source ?? '')
      : value;
  const inexact = new Set<string>();
  const tree = digitsToText(JSON.parse(text, keepSource as (key: string, value: unknown) => unknown), '', inexact);
  const normal = normalise(tree, escapes);
  return {
    json: normal.value as JsonObject,
    marks: inexact.size === 0 ? marks : new Set<Mark>([...marks, ...normal.marks, 'number-as-text']),
    inexact,
  };
}

function digitsToText(value: unknown, pointer: string, inexact: Set<string>): unknown {
  if (value instanceof Digits) {
    inexact.add(pointer);
    return value.source;
  }
  if (Array.isArray(value)) return value.map((item, index) => digitsToText(item, `${pointer}/${index}`, inexact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, digitsToText(child, pointer + pointerStep(key), inexact)]),
  );
}
