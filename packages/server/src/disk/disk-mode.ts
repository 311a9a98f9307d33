const MB = 1024 * 1024;

/**
 * What a server does with the space that is left:
 * - `open`: everything.
 * - `closed`: takes no events, no files and begins no exports; a no is recorded, what is here is projected and read.
 * - `halted`: projects nothing either; a no is recorded, persons are read.
 */
export const DISK_MODES = ['open', 'closed', 'halted'] as const;
export type DiskMode = (typeof DISK_MODES)[number];

/** Free bytes of the fullest file system that is watched, at which something changes. */
export type DiskMarks = {
  readonly closeBelow: number;
  /** Above `closeBelow`: what frees a little must not open for a moment. */
  readonly openFrom: number;
  readonly haltBelow: number;
  readonly resumeFrom: number;
  /** The ballast goes below this mark. */
  readonly releaseBelow: number;
  /** 0: there is none. */
  readonly ballastBytes: number;
};

/** Of a data directory in which an engine writes: PostgreSQL must never be the one that finds the disk full. */
export const EMBEDDED_MARKS: DiskMarks = {
  closeBelow: 256 * MB,
  openFrom: 288 * MB,
  releaseBelow: 128 * MB,
  haltBelow: 64 * MB,
  resumeFrom: 96 * MB,
  ballastBytes: 64 * MB,
};

/** Of a data directory beside engines by URL, which holds keys and spools alone, often on a small volume. */
export const KEYS_ONLY_MARKS: DiskMarks = {
  closeBelow: 16 * MB,
  openFrom: 24 * MB,
  releaseBelow: 0,
  haltBelow: 0,
  resumeFrom: 0,
  ballastBytes: 0,
};

export type DiskVerdict = { readonly mode: DiskMode; readonly ballast: 'lay' | 'keep' | 'release' };

/** From the mode before and the free bytes of now. It is laid only where the server stays open with it. */
export function judgeDisk(before: DiskMode, freeBytes: number, marks: DiskMarks): DiskVerdict {
  const mode = modeAfter(before, freeBytes, marks);
  if (freeBytes < marks.releaseBelow) return { mode, ballast: 'release' };
  const hasRoom = mode === 'open' && marks.ballastBytes > 0 && freeBytes >= marks.openFrom + marks.ballastBytes;
  return { mode, ballast: hasRoom ? 'lay' : 'keep' };
}

function modeAfter(before: DiskMode, freeBytes: number, marks: DiskMarks): DiskMode {
  if (freeBytes >= marks.openFrom) return 'open';
  if (freeBytes < marks.haltBelow) return 'halted';
  if (before === 'halted' && freeBytes < marks.resumeFrom) return 'halted';
  return before === 'open' && freeBytes >= marks.closeBelow ? 'open' : 'closed';
}
