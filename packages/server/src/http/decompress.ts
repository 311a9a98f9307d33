import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { ProblemAnswer } from './problem-answer.ts';

const unpack = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/**
 * The bytes of a body after its Content-Encoding. The output is bounded while it is made, so that a bomb costs no more
 * than the limit. Some clients name an encoding that the body does not have (a proxy unpacked it): bytes that do not
 * start like gzip are taken as they are.
 */
export async function decompress(bytes: Buffer, encoding: string | undefined, bytesMax: number): Promise<Buffer> {
  const name = encoding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return limited(bytes, bytesMax);
  if (!Object.hasOwn(unpack, name)) {
    throw new ProblemAnswer('encoding-unreadable', { detail: 'Content-Encoding may be gzip, deflate or br.' });
  }
  if (name.endsWith('gzip') && !(bytes[0] === 0x1f && bytes[1] === 0x8b)) return limited(bytes, bytesMax);
  try {
    return await unpack[name as keyof typeof unpack](bytes, { maxOutputLength: bytesMax });
  } catch (fault) {
    const tooLarge = fault instanceof RangeError || (fault as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw tooLarge ? tooLargeBody(bytesMax) : new ProblemAnswer('encoding-unreadable');
  }
}

/** 413 that names the limit, which counts the bytes after decompression. */
export function tooLargeBody(bytesMax: number): ProblemAnswer {
  return new ProblemAnswer('body-too-large', { detail: `at most ${bytesMax} bytes, uncompressed` });
}

function limited(bytes: Buffer, bytesMax: number): Buffer {
  if (bytes.length > bytesMax) throw tooLargeBody(bytesMax);
  return bytes;
}
