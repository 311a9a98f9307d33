import { pointerStep } from '../problem/refusal.ts';

/** The fault of a JSON text: where its syntax breaks (byte offset), or which object repeats a key. */
export type JsonFault =
  | { readonly kind: 'syntax'; readonly offset: number }
  | { readonly kind: 'duplicate'; readonly pointer: string };

/** Deeper texts never reach this reader: the scanner refuses them first. It bounds the recursion all the same. */
const DEPTH_MAX = 128;

class Fault extends Error {
  readonly fault: JsonFault;
  constructor(fault: JsonFault) {
    super(fault.kind);
    this.fault = fault;
  }
}

type Reader = { readonly bytes: Buffer; readonly end: number; at: number; duplicate: string | undefined };

/**
 * Reads a JSON text strictly after RFC 8259 and answers its fault: the first place where the
 * syntax breaks, else the first key that is repeated; undefined when there is none. The slow way,
 * taken only after JSON.parse refused the text or its keys did not add up. The bytes must be valid UTF-8.
 */
export function locateFault(bytes: Buffer, start: number, end: number): JsonFault | undefined {
  const reader: Reader = { bytes, end, at: start, duplicate: undefined };
  try {
    space(reader);
    readValue(reader, '', 0);
    space(reader);
    if (reader.at < end) broken(reader);
  } catch (error) {
    if (error instanceof Fault) return error.fault;
    throw error;
  }
  return reader.duplicate === undefined ? undefined : { kind: 'duplicate', pointer: reader.duplicate };
}

function broken(reader: Reader): never {
  throw new Fault({ kind: 'syntax', offset: reader.at });
}

function peek(reader: Reader): number {
  return reader.at < reader.end ? (reader.bytes[reader.at] ?? -1) : -1;
}

function space(reader: Reader): void {
  for (;;) {
    const byte = peek(reader);
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
    reader.at += 1;
  }
}

function expectByte(reader: Reader, byte: number): void {
  if (peek(reader) !== byte) broken(reader);
  reader.at += 1;
}

function readValue(reader: Reader, pointer: string, depth: number): void {
  if (depth > DEPTH_MAX) broken(reader);
  switch (peek(reader)) {
    case 0x7b:
      readObject(reader, pointer, depth);
      break;
    case 0x5b:
      readArray(reader, pointer, depth);
      break;
    case 0x22:
      readString(reader);
      break;
    case 0x74:
      readWord(reader, 'true');
      break;
    case 0x66:
      readWord(reader, 'false');
      break;
    case 0x6e:
      readWord(reader, 'null');
      break;
    default:
      readNumber(reader);
  }
}

function readObject(reader: Reader, pointer: string, depth: number): void {
  const seen = new Set<string>();
  reader.at += 1;
  space(reader);
  if (peek(reader) === 0x7d) {
    reader.at += 1;
    return;
  }
  for (;;) {
    space(reader);
    const key = readString(reader);
    if (seen.has(key)) reader.duplicate ??= pointer + pointerStep(key);
    seen.add(key);
    space(reader);
    expectByte(reader, 0x3a);
    space(reader);
    readValue(reader, pointer + pointerStep(key), depth + 1);
    space(reader);
    if (peek(reader) === 0x7d) break;
    expectByte(reader, 0x2c);
  }
  reader.at += 1;
}

function readArray(reader: Reader, pointer: string, depth: number): void {
  reader.at += 1;
  space(reader);
  if (peek(reader) === 0x5d) {
    reader.at += 1;
    return;
  }
  for (let index = 0; ; index += 1) {
    space(reader);
    readValue(reader, `${pointer}/${index}`, depth + 1);
    space(reader);
    if (peek(reader) === 0x5d) break;
    expectByte(reader, 0x2c);
  }
  reader.at += 1;
}

function readString(reader: Reader): string {
  const from = reader.at;
  expectByte(reader, 0x22);
  for (;;) {
    const byte = peek(reader);
    if (byte < 0x20) broken(reader);
    reader.at += 1;
    if (byte === 0x22) return JSON.parse(reader.bytes.toString('utf8', from, reader.at)) as string;
    if (byte === 0x5c) readEscape(reader);
  }
}

function readEscape(reader: Reader): void {
  const byte = peek(reader);
  if (byte === 0x75) {
    for (let digit = 0; digit < 4; digit += 1) {
      reader.at += 1;
      if (!isHex(peek(reader))) broken(reader);
    }
  } else if (byte === -1 || !'"\\/bfnrt'.includes(String.fromCharCode(byte))) broken(reader);
  reader.at += 1;
}

function readWord(reader: Reader, word: string): void {
  for (let letter = 0; letter < word.length; letter += 1) {
    if (peek(reader) !== word.charCodeAt(letter)) broken(reader);
    reader.at += 1;
  }
}

function readNumber(reader: Reader): void {
  if (peek(reader) === 0x2d) reader.at += 1;
  if (peek(reader) === 0x30) reader.at += 1;
  else readDigits(reader);
  if (peek(reader) === 0x2e) {
    reader.at += 1;
    readDigits(reader);
  }
  if (peek(reader) === 0x65 || peek(reader) === 0x45) {
    reader.at += 1;
    if (peek(reader) === 0x2b || peek(reader) === 0x2d) reader.at += 1;
    readDigits(reader);
  }
}

function readDigits(reader: Reader): void {
  if (!isDigit(peek(reader))) broken(reader);
  while (isDigit(peek(reader))) reader.at += 1;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isHex(byte: number): boolean {
  return isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}
