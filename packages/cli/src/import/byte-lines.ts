import type { Readable } from 'node:stream';

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** A line of a file without its end; `whole` is false where it was cut at the limit. */
export type ByteLine = { readonly line: number; readonly bytes: Buffer; readonly whole: boolean };

/**
 * Lines of a file as bytes, numbered from 1, blank ones passed over. Of a line longer than `bytesMax` only that many
 * bytes are kept, so that memory does not grow with what somebody put on one line.
 */
export async function* byteLines(stream: Readable, bytesMax: number): AsyncGenerator<ByteLine> {
  let held: Buffer[] = [];
  let size = 0;
  let line = 1;
  const take = (piece: Buffer): void => {
    if (size < bytesMax) held.push(piece.subarray(0, bytesMax - size));
    size += piece.length;
  };
  const finish = (): ByteLine | undefined => {
    const bytes = trimmed(held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held), line);
    const whole = size <= bytesMax;
    held = [];
    size = 0;
    return bytes.length === 0 ? undefined : { line, bytes, whole };
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      take(chunk.subarray(from, at));
      const done = finish();
      if (done !== undefined) yield done;
      line += 1;
      from = at + 1;
    }
    if (from < chunk.length) take(chunk.subarray(from));
  }
  const last = finish();
  if (last !== undefined) yield last;
}

function trimmed(bytes: Buffer, line: number): Buffer {
  const marked = line === 1 && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK);
  let from = marked ? 3 : 0;
  let to = bytes.length;
  while (from < to && isBlank(bytes[from])) from += 1;
  while (to > from && isBlank(bytes[to - 1])) to -= 1;
  return bytes.subarray(from, to);
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}
