import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

const unpack: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** The answer is longer than it may be. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/**
 * The bytes of an answer after its Content-Encoding, at most `bytesMax` of them, and as many on the way: an endless
 * stream of empty blocks unpacks to nothing. Errors: `AnswerTooLarge`; those of the connection and of the encoding.
 */
export async function readAnswer(response: IncomingMessage, bytesMax: number): Promise<Buffer> {
  if (Number(response.headers['content-length'] ?? 0) > bytesMax) throw new AnswerTooLarge();
  const encoding = response.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const pieces: Buffer[] = [];
  const collect = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const piece of bounded(source, bytesMax)) pieces.push(piece);
  };
  if (encoding === 'identity' || encoding === '' || response.statusCode === 204) {
    await pipeline(response, collect);
  } else {
    if (!Object.hasOwn(unpack, encoding)) throw new Error('an encoding that was not asked for');
    const unpacked = (unpack[encoding] as () => Transform)();
    await pipeline(response, (source: AsyncIterable<Buffer>) => bounded(source, bytesMax), unpacked, collect);
  }
  return Buffer.concat(pieces);
}

async function* bounded(source: AsyncIterable<Buffer>, bytesMax: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const piece of source) {
    bytes += piece.length;
    if (bytes > bytesMax) throw new AnswerTooLarge();
    yield piece;
  }
}
