import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  DISK_MODES,
  type DiskMarks,
  type DiskMode,
  type DiskVerdict,
  EMBEDDED_MARKS,
  judgeDisk,
  KEYS_ONLY_MARKS,
} from './disk-mode.ts';

const MB = 1024 * 1024;

/** Free MB between two marks, each with both of its ends. */
const BANDS = {
  'under 64': [0, 64 * MB - 1],
  '64 to 96': [64 * MB, 96 * MB - 1],
  '96 to 128': [96 * MB, 128 * MB - 1],
  '128 to 256': [128 * MB, 256 * MB - 1],
  '256 to 288': [256 * MB, 288 * MB - 1],
  '288 to 352': [288 * MB, 352 * MB - 1],
  'from 352': [352 * MB, 2 ** 50],
} as const;
type Band = keyof typeof BANDS;
type Cell = `${DiskMode} ${DiskVerdict['ballast']}`;

const expected: Record<DiskMode, Record<Band, Cell>> = {
  open: {
    'under 64': 'halted release',
    '64 to 96': 'closed release',
    '96 to 128': 'closed release',
    '128 to 256': 'closed keep',
    '256 to 288': 'open keep',
    '288 to 352': 'open keep',
    'from 352': 'open lay',
  },
  closed: {
    'under 64': 'halted release',
    '64 to 96': 'closed release',
    '96 to 128': 'closed release',
    '128 to 256': 'closed keep',
    '256 to 288': 'closed keep',
    '288 to 352': 'open keep',
    'from 352': 'open lay',
  },
  halted: {
    'under 64': 'halted release',
    '64 to 96': 'halted release',
    '96 to 128': 'closed release',
    '128 to 256': 'closed keep',
    '256 to 288': 'closed keep',
    '288 to 352': 'open keep',
    'from 352': 'open lay',
  },
};

const rows = DISK_MODES.flatMap((before) =>
  (Object.keys(BANDS) as Band[]).map((band) => [before, band, expected[before][band]] as const),
);

test.each(rows)('G4: %s with %s MB free: %s', (before, band, cell) => {
  for (const free of BANDS[band]) {
    const { mode, ballast } = judgeDisk(before, free, EMBEDDED_MARKS);
    expect(`${mode} ${ballast}`).toBe(cell);
  }
});

const free = fc.integer({ min: 0, max: 600 }).map((mb) => mb * MB);
const marks = fc.constantFrom<DiskMarks>(EMBEDDED_MARKS, KEYS_ONLY_MARKS);
const mode = fc.constantFrom(...DISK_MODES);

test('G4: the same free bytes twice change nothing more', () => {
  fc.assert(
    fc.property(mode, free, marks, (before, bytes, by) => {
      const once = judgeDisk(before, bytes, by);
      expect(judgeDisk(once.mode, bytes, by)).toEqual(once);
    }),
  );
});

test('G4: letting the ballast go never opens, and laying it never closes', () => {
  const { ballastBytes } = EMBEDDED_MARKS;
  const change = { lay: -ballastBytes, keep: 0, release: ballastBytes } as const;
  fc.assert(
    fc.property(mode, free, (before, bytes) => {
      const { mode: now, ballast } = judgeDisk(before, bytes, EMBEDDED_MARKS);
      const after = judgeDisk(now, bytes + change[ballast], EMBEDDED_MARKS).mode;
      expect(after === 'open').toBe(now === 'open');
    }),
  );
});

test('G4: beside engines by URL nothing is laid, let go or halted: a small volume of keys serves', () => {
  fc.assert(
    fc.property(mode, free, (before, bytes) => {
      const { mode: now, ballast } = judgeDisk(before, bytes, KEYS_ONLY_MARKS);
      expect(ballast).toBe('keep');
      expect(now).toBe(bytes >= 24 * MB || (before === 'open' && bytes >= 16 * MB) ? 'open' : 'closed');
    }),
  );
});
