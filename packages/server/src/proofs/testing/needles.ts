import { gunzipSync, constants as zlib } from 'node:zlib';

/** One place where a marker was found, and in which dress. */
export type Finding = {
  readonly marker: string;
  readonly where: string;
  readonly form: string;
  readonly text: string;
};

type Needle = { readonly marker: string; readonly form: string; readonly bytes: Buffer };

const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);
const FINDINGS_MAX = 50;

/**
 * Looks for markers in bytes, in every dress in which a text may lie on a disk: as it is, base64 (any alignment, both
 * alphabets), hexadecimal, UTF-16, and each of these inside gzip. A marker is of lower-case letters, twelve at least.
 */
export function createSearch(markers: readonly string[]): (where: string, bytes: Buffer) => readonly Finding[] {
  const needles = markers.flatMap(dressesOf);
  const look = (where: string, bytes: Buffer): Finding[] =>
    needles.flatMap(({ marker, form, bytes: needle }) => {
      const found: Finding[] = [];
      for (
        let at = bytes.indexOf(needle);
        at !== -1 && found.length < FINDINGS_MAX;
        at = bytes.indexOf(needle, at + 1)
      ) {
        found.push({ marker, where: `${where}@${at}`, form, text: around(bytes, at, needle.length) });
      }
      return found;
    });
  return (where, bytes) => [
    ...look(where, bytes),
    ...gunzipped(bytes).flatMap((inner) => look(`${where} (gzip)`, inner)),
  ];
}

function dressesOf(marker: string): readonly Needle[] {
  const text = Buffer.from(marker, 'utf8');
  const bigEndian = Buffer.from(marker, 'utf16le').swap16();
  const needles: Needle[] = [
    { marker, form: 'text', bytes: text },
    { marker, form: 'hex', bytes: Buffer.from(text.toString('hex')) },
    { marker, form: 'HEX', bytes: Buffer.from(text.toString('hex').toUpperCase()) },
    { marker, form: 'utf16le', bytes: Buffer.from(marker, 'utf16le') },
    { marker, form: 'utf16be', bytes: bigEndian },
    { marker, form: 'TEXT', bytes: Buffer.from(marker.toUpperCase()) },
  ];
  for (const before of [0, 1, 2]) {
    // Characters at both ends also depend on the neighbours: they are cut off.
    const encoded = Buffer.concat([Buffer.alloc(before), text])
      .toString('base64')
      .replace(/=+$/, '');
    const inner = encoded.slice(before === 0 ? 0 : before + 1, -2);
    for (const dress of new Set([inner, inner.replaceAll('+', '-').replaceAll('/', '_')])) {
      needles.push({ marker, form: `base64+${before}`, bytes: Buffer.from(dress) });
    }
  }
  return needles;
}

function gunzipped(bytes: Buffer): readonly Buffer[] {
  const opened: Buffer[] = [];
  for (let at = bytes.indexOf(GZIP); at !== -1; at = bytes.indexOf(GZIP, at + 1)) {
    try {
      opened.push(gunzipSync(bytes.subarray(at), { finishFlush: zlib.Z_SYNC_FLUSH, maxOutputLength: 1 << 26 }));
    } catch {
      // Three bytes that happened to look like a beginning.
    }
  }
  return opened;
}

function around(bytes: Buffer, at: number, length: number): string {
  return bytes.toString('latin1', Math.max(0, at - 24), at + length + 40).replace(/[^\x20-\x7e]/g, '·');
}
