import type { Json, JsonObject } from '@filrouge/domain/base';
import type { Mark } from '@filrouge/domain/event';
import type { ProblemCode } from '../problem/catalogue.ts';
import { pointerOf, type Refusal, refusalOf } from '../problem/refusal.ts';
import { isCardDigits, keyClassOf, looksLikeCard } from './key-class.ts';
import { STRING_LENGTH_MAX } from './limits.ts';

/** A tree that every engine can hold and write again, and what was changed to make it so. */
export type Normalised = {
  readonly value: Json;
  /** Keys of the tree as parsed, at all levels: fewer than were written means that one was repeated. */
  readonly keys: number;
  readonly marks: ReadonlySet<Mark>;
  /** Whether an integer beyond 2^53 occurs, which JSON.parse has rounded already. */
  readonly inexact: boolean;
  /** The identity token that stood in the tree; `value` is without it. */
  readonly identityToken?: string;
  readonly fault?: Refusal;
};

type Walk = {
  readonly strict: boolean;
  keys: number;
  marks: Set<Mark> | undefined;
  inexact: boolean;
  identityToken: string | undefined;
  code: ProblemCode | undefined;
  readonly path: (string | number)[];
};

const NO_MARKS: ReadonlySet<Mark> = new Set();

/**
 * The one normaliser of the door (reliability.md, findings 4 to 7): NUL and lone surrogates become U+FFFD with a mark,
 * secrets and payment cards are dropped with a mark, an identity token is taken out and handed over beside the tree, long strings are cut with a mark, keys are sorted; `__proto__`,
 * `constructor.prototype` and numbers that are not finite are refused. The result shares nothing with the input, has
 * plain prototypes and own keys only, and normalising it again changes nothing.
 *
 * @param escapes false when the text held no `\u` escape, which spares the look into every string.
 */
export function normalise(value: unknown, escapes = true): Normalised {
  const walk: Walk = {
    strict: escapes,
    keys: 0,
    marks: undefined,
    inexact: false,
    identityToken: undefined,
    code: undefined,
    path: [],
  };
  const tree = normaliseValue(value, walk, '');
  const result: Normalised = {
    value: tree ?? null,
    keys: walk.keys,
    marks: walk.marks ?? NO_MARKS,
    inexact: walk.inexact,
  };
  if (walk.code === undefined) {
    return walk.identityToken === undefined ? result : { ...result, identityToken: walk.identityToken };
  }
  return { ...result, fault: refusalOf(walk.code, pointerOf(walk.path.reverse())) };
}

function mark(walk: Walk, what: Mark): void {
  walk.marks ??= new Set();
  walk.marks.add(what);
}

/** `undefined` = a fault was noted, or the value is to be left out (then with a mark). */
function normaliseValue(value: unknown, walk: Walk, key: string): Json | undefined {
  if (typeof value === 'string') return normaliseString(value, walk);
  if (typeof value === 'number') return normaliseNumber(value, walk);
  if (typeof value === 'boolean' || value === null) return value;
  if (typeof value !== 'object') return null;
  return Array.isArray(value) ? normaliseArray(value, walk, key) : normaliseObject(value, walk, key);
}

function normaliseNumber(value: number, walk: Walk): number | undefined {
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  if (!Number.isFinite(value)) {
    walk.code = 'number-not-finite';
    return undefined;
  }
  if (Number.isInteger(value)) walk.inexact = true;
  return value;
}

function normaliseArray(values: readonly unknown[], walk: Walk, key: string): Json[] | undefined {
  const out: Json[] = [];
  for (let index = 0; index < values.length; index += 1) {
    const item = values[index];
    if (isCard(item) && keyClassOf(key) !== 'reference') {
      mark(walk, 'secret-dropped');
      out.push(null);
      continue;
    }
    const child = normaliseValue(item, walk, key);
    if (walk.code !== undefined) {
      walk.path.push(index);
      return undefined;
    }
    out.push(child ?? null);
  }
  return out;
}

function normaliseObject(value: object, walk: Walk, key: string): JsonObject | undefined {
  const source = value as { readonly [key: string]: unknown };
  const keys = Object.keys(source);
  walk.keys += keys.length;
  sortKeys(keys);
  const out: { [key: string]: Json } = {};
  for (let place = 0; place < keys.length; place += 1) {
    const name = keys[place] as string;
    const child = source[name];
    const kind = keyClassOf(name);
    if (kind !== 'plain') {
      if (kind === 'forbidden') {
        walk.code = 'forbidden-key';
        walk.path.push(name);
        return undefined;
      }
      if (kind === 'identity-token' && isTokenPlace(key)) {
        walk.keys += countKeys(child);
        if (child !== null && child !== '') walk.identityToken = typeof child === 'string' ? child : NO_TOKEN;
        continue;
      }
      if (isDropped(kind, name, child, key)) {
        mark(walk, 'secret-dropped');
        walk.keys += countKeys(child);
        continue;
      }
    } else if (isCard(child)) {
      mark(walk, 'secret-dropped');
      continue;
    }
    if (name === 'constructor' && isPrototypeGadget(child)) {
      walk.code = 'forbidden-key';
      walk.path.push('prototype', name);
      return undefined;
    }
    const normal = normaliseValue(child, walk, name);
    if (walk.code !== undefined) {
      walk.path.push(name);
      return undefined;
    }
    out[walk.strict ? freeName(normaliseString(name, walk), out) : name] = normal as Json;
  }
  return walk.strict ? sorted(out) : out;
}

/** Two keys that become equal after the replacement are kept apart: nothing accepted is dropped silently. */
function freeName(name: string, out: { readonly [key: string]: Json }): string {
  let free = name;
  for (let copy = 2; Object.hasOwn(out, free); copy += 1) free = `${name}~${copy}`;
  return free;
}

function sorted(out: { [key: string]: Json }): JsonObject {
  const keys = Object.keys(out);
  if (isSorted(keys)) return out;
  const again: { [key: string]: Json } = {};
  for (const key of keys.sort()) again[key] = out[key] as Json;
  return again;
}

function isSorted(keys: readonly string[]): boolean {
  for (let place = 1; place < keys.length; place += 1) {
    if ((keys[place - 1] as string) > (keys[place] as string)) return false;
  }
  return true;
}

/** Insertion sort by UTF-16 units: objects of an event have a dozen keys, and Array.sort costs more than the work. */
function sortKeys(keys: string[]): void {
  if (keys.length > 24) {
    keys.sort();
    return;
  }
  for (let place = 1; place < keys.length; place += 1) {
    const key = keys[place] as string;
    let before = place - 1;
    while (before >= 0 && (keys[before] as string) > key) {
      keys[before + 1] = keys[before] as string;
      before -= 1;
    }
    keys[before + 1] = key;
  }
}

/** Stands for a value that is no text: it is counted as a malformed token. */
const NO_TOKEN = '.';

/** Directly in a body, or in a `context`: anywhere else it is a secret that went astray. */
function isTokenPlace(parent: string): boolean {
  return parent === '' || parent === 'context';
}

export function isDropped(
  kind: 'secret' | 'identity-token' | 'card' | 'reference',
  name: string,
  child: unknown,
  parent: string,
): boolean {
  switch (kind) {
    case 'secret':
    case 'identity-token':
      // The address of a push message is an identifier of the installation, not a credential (wire.md 4.1).
      return child !== null && child !== '' && typeof child !== 'boolean' && !(name === 'token' && parent === 'device');
    case 'card':
      return (typeof child === 'string' || typeof child === 'number') && isCardDigits(String(child).trim());
    case 'reference':
      return false;
  }
}

export function isCard(child: unknown): boolean {
  if (typeof child === 'string') return child.length >= 13 && child.length <= 37 && looksLikeCard(child);
  return typeof child === 'number' && child >= 1e12 && Number.isSafeInteger(child) && looksLikeCard(String(child));
}

function isPrototypeGadget(child: unknown): boolean {
  return typeof child === 'object' && child !== null && Object.hasOwn(child, 'prototype');
}

/** Keys below a dropped value: they were written, so they count when repeated keys are looked for. */
function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countKeys(item), 0);
  const values = Object.values(value);
  return values.reduce<number>((sum, item) => sum + countKeys(item), values.length);
}

function normaliseString(text: string, walk: Walk): string {
  let whole = text;
  if (walk.strict) {
    if (whole.includes('\0')) {
      whole = whole.replaceAll('\0', '\uFFFD');
      mark(walk, 'nul-replaced');
    }
    if (!whole.isWellFormed()) {
      whole = whole.toWellFormed();
      mark(walk, 'surrogate-replaced');
    }
  }
  if (whole.length <= STRING_LENGTH_MAX) return whole;
  mark(walk, 'string-cut');
  return cutString(whole, STRING_LENGTH_MAX);
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** Units looked at before the cut: longer than any character people write. */
const GRAPHEME_WINDOW = 128;

/** The first `length` UTF-16 units at most, never ending inside a character as a reader sees it. */
export function cutString(text: string, length: number): string {
  if (text.length <= length) return text;
  const from = Math.max(0, length - GRAPHEME_WINDOW);
  let end = from;
  for (const { index, segment } of graphemes.segment(text.slice(from, length + GRAPHEME_WINDOW))) {
    if (from + index + segment.length > length) break;
    end = from + index + segment.length;
  }
  return (end > from ? text.slice(0, end) : text.slice(0, length)).toWellFormed();
}
