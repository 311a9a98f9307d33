/** Encodings that a file may be in, by the names that people give them. */
export const ENCODINGS = ['utf-8', 'cp1252', 'utf-16le', 'utf-16be'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** The label of each in the Encoding Standard, for TextDecoder. */
export const DECODER_LABELS: Readonly<Record<Encoding, string>> = {
  'utf-8': 'utf-8',
  cp1252: 'windows-1252',
  'utf-16le': 'utf-16le',
  'utf-16be': 'utf-16be',
};

/** Looks at the bytes of a whole file, piece by piece, and says at the end in which encoding they are. */
export type EncodingWitness = { readonly push: (bytes: Uint8Array) => void; readonly verdict: () => Encoding };

/**
 * A byte order mark decides. Without one it is UTF-8, unless what is above ASCII is rather broken UTF-8 than whole: then
 * it is cp1252, what Windows programs in western Europe write. A few broken places in a file that is UTF-8 elsewhere leave
 * it UTF-8, so that those rows are told one by one. The answer does not depend on where the pieces are cut.
 */
export function createEncodingWitness(): EncodingWitness {
  const head: number[] = [];
  let whole = 0;
  let broken = 0;
  /** Continuation bytes that the sequence under way still needs, and the lowest and highest that its next may be. */
  let needed = 0;
  let low = 0x80;
  let high = 0xbf;

  function begin(byte: number): void {
    low = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    high = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
    needed = byte >= 0xf0 && byte <= 0xf4 ? 3 : byte >= 0xe0 && byte < 0xf0 ? 2 : byte >= 0xc2 && byte < 0xe0 ? 1 : 0;
    if (needed === 0) broken += 1;
  }

  function step(byte: number): void {
    if (needed > 0) {
      if (byte >= low && byte <= high) {
        needed -= 1;
        low = 0x80;
        high = 0xbf;
        if (needed === 0) whole += 1;
        return;
      }
      broken += 1;
      needed = 0;
    }
    if (byte >= 0x80) begin(byte);
  }

  return {
    push(bytes) {
      for (let at = 0; head.length < 3 && at < bytes.length; at += 1) head.push(bytes[at] as number);
      // The loop over every byte is left to pieces that need it: most files are ASCII for most of their length.
      for (let at = 0; at < bytes.length; at += 1) {
        const byte = bytes[at] as number;
        if (byte >= 0x80 || needed > 0) step(byte);
      }
    },
    verdict() {
      const mark = markOf(head);
      if (mark !== undefined) return mark;
      return broken + (needed > 0 ? 1 : 0) > whole ? 'cp1252' : 'utf-8';
    },
  };
}

function markOf([first, second, third]: readonly number[]): Encoding | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return undefined;
}
