import { hash } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject } from '@filrouge/domain/base';
import { isChangedItem, isChangedMember, isChangedNumber } from './already-normal.ts';
import { STRING_LENGTH_MAX } from './limits.ts';
import { type Shape, shapeOf } from './shape.ts';

/** What a client or a proxy changes between two sendings of one item (S16). */
const OUTSIDE = new Set(['sentAt', 'receivedAt', '_metadata', 'writeKey', 'request_ip', 'rudderId']);

/** Where something has, or may have, to be changed or refused. */
export const NOT_NORMAL = -1;

/** What one walk over an item finds. */
export type Examined = {
  /** At all levels; NOT_NORMAL where `normalise` would change more than their order, or where that takes a closer look. */
  readonly keys: number;
  /** As `bodyHash` gives it; '' where the item is not normal. */
  readonly bodyHash: string;
};

/**
 * Looks whether an item is normal already, and hashes it by the way: nearly every item is, and to look costs a third of
 * building it anew.
 *
 * @param item from JSON.parse of a text without `\u` escapes, whose bytes were valid UTF-8
 */
export function examine(item: JsonObject): Examined {
  const text = textOf(item);
  return normal ? { keys: keysSeen, bodyHash: digest(text) } : { keys: NOT_NORMAL, bodyHash: '' };
}

/**
 * S16: 32 hexadecimal digits (the first half of SHA-256) of a normalised item without `sentAt`, `receivedAt`,
 * `_metadata` and corrected times; `timestamp` is a corrected time where `originalTimestamp` stands beside it. The order
 * of keys plays no part.
 *
 * What is hashed is a text that two trees share only if they are equal. First comes their structure, in depth first
 * order and by sorted keys: for each value its kind and how many characters it has, or members. It says itself where it
 * ends. Then the characters, one after the other: so nothing needs escaping.
 */
export function bodyHash(item: JsonObject): string {
  return digest(textOf(item));
}

function digest(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32);
}

const END = 0;
const OBJECT = 1;
const ARRAY = 2;
const NUMBER = 3;
const NULL = 4;
const TRUE = 5;
const FALSE = 6;
/** A string is this and its length. */
const STRING = 7;

/** All belong to the walk that is under way: a record would cost more to carry through than to write. */
let structure = Buffer.alloc(4_096);
let used = 0;
let characters = '';
let keysSeen = 0;
let normal = true;

function textOf(item: JsonObject): string {
  used = 0;
  characters = '';
  keysSeen = 0;
  normal = true;
  const shape = shapeOf('', Object.keys(item));
  const { sorted } = shape;
  keysSeen += sorted.length;
  const corrected = 'originalTimestamp' in item;
  for (let place = 0; place < sorted.length; place += 1) {
    const key = sorted[place] as string;
    if (OUTSIDE.has(key) || (corrected && key === 'timestamp')) {
      look(item, shape, place, '');
      continue;
    }
    write(key, key);
    member(item, shape, place, '');
  }
  put(END);
  const text = structure.toString('latin1', 0, used) + characters;
  characters = '';
  return text;
}

/** A whole number as one byte for each seven bits, the lowest first; all but the last have the eighth. */
function put(number: number): void {
  if (used + 8 > structure.length) structure = Buffer.concat([structure, Buffer.alloc(structure.length)]);
  let rest = number;
  while (rest >= 0x80) {
    structure[used] = (rest & 0x7f) | 0x80;
    used += 1;
    rest >>>= 7;
  }
  structure[used] = rest;
  used += 1;
}

/** A member that is outside the hash is looked at all the same. */
function look(source: JsonObject, shape: Shape, place: number, name: string): void {
  const before = { used, characters };
  member(source, shape, place, name);
  used = before.used;
  characters = before.characters;
}

function member(source: JsonObject, { classes, sorted }: Shape, place: number, name: string): void {
  const key = sorted[place] as string;
  const value = source[key] as Json;
  if (isChangedMember(classes[place] ?? 'plain', key, value, name)) normal = false;
  write(value, key);
}

function write(value: Json, name: string): void {
  if (typeof value === 'string') {
    if (value.length > STRING_LENGTH_MAX) normal = false;
    put(STRING + value.length);
    characters += value;
  } else if (typeof value === 'number') {
    if (isChangedNumber(value)) normal = false;
    const text = String(value);
    put(NUMBER);
    put(text.length);
    characters += text;
  } else if (value === null) put(NULL);
  else if (typeof value === 'boolean') put(value ? TRUE : FALSE);
  else if (isJsonObject(value)) writeObject(value, name);
  else {
    put(ARRAY);
    put(value.length);
    for (const item of value) {
      if (isChangedItem(item)) normal = false;
      write(item, name);
    }
  }
}

function writeObject(source: JsonObject, name: string): void {
  const shape = shapeOf(name, Object.keys(source));
  const { sorted, text } = shape;
  keysSeen += sorted.length;
  put(OBJECT);
  put(text.length);
  characters += text;
  for (let place = 0; place < sorted.length; place += 1) member(source, shape, place, name);
}
