import { expect, test } from 'vitest';
import { logSettings } from './embedded-settings.ts';

const GB = 1024 ** 3;

test.each([
  [100 * GB, {}],
  [16 * GB, {}],
  [8 * GB, { max_wal_size: '1024MB', min_wal_size: '128MB' }],
  [0.75 * GB, { max_wal_size: '96MB', min_wal_size: '48MB' }],
  [0.1 * GB, { max_wal_size: '64MB', min_wal_size: '32MB' }],
])(
  'G4: of a disk of %i bytes the log takes an eighth, at least 64 MB, at most what it takes of a large one',
  (bytes, expected) => {
    expect(logSettings(bytes)).toEqual(expected);
  },
);
