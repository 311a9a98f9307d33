import { hash } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject } from '@filrouge/domain/base';
import { shapeOf } from './shape.ts';

/** What a client or a proxy changes between two sendings of one item (S16). */
const OUTSIDE = new Set(['sentAt', 'receivedAt', '_metadata', 'writeKey', 'request_ip', 'rudderId']);

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
  used = 0;
  characters = '';
  const corrected = 'originalTimestamp' in item;
  for (const key of shapeOf('', Object.keys(item)).sorted) {
    if (OUTSIDE.has(key) || (corrected && key === 'timestamp')) continue;
    write(key, key);
    write(item[key] as Json, key);
  }
  put(END);
  const text = structure.toString('latin1', 0, used) + characters;
  characters = '';
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

/** Both belong to the call of `bodyHash` that is under way: a tree would cost more to carry through than to write. */
let structure = Buffer.alloc(4_096);
let used = 0;
let characters = '';

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

function write(value: Json, name: string): void {
  if (typeof value === 'string') {
    put(STRING + value.length);
    characters += value;
  } else if (typeof value === 'number') {
    const text = String(value);
    put(NUMBER);
    put(text.length);
    characters += text;
  } else if (value === null) put(NULL);
  else if (typeof value === 'boolean') put(value ? TRUE : FALSE);
  else if (isJsonObject(value)) {
    const { sorted, text } = shapeOf(name, Object.keys(value));
    put(OBJECT);
    put(text.length);
    characters += text;
    for (let place = 0; place < sorted.length; place += 1) {
      const key = sorted[place] as string;
      write(value[key] as Json, key);
    }
  } else {
    put(ARRAY);
    put(value.length);
    for (const item of value) write(item, name);
  }
}
