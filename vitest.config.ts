import { defineConfig } from 'vitest/config';

const everywhere = ['packages', 'tools', 'bench'];
const named = (suffix: string): string[] => everywhere.map((folder) => `${folder}/**/*${suffix}.test.ts`);
const away = ['**/node_modules/**', '**/dist/**', '**/fixtures/**'];
const costly = ['.int', '.e2e', '.published', '.faults'].flatMap(named);

/** How long a test waits for what a real engine is about to do: far longer than it takes on a machine with other work. */
const WAITING_MS_MAX = 30_000;

/** The suffix of a test file says its cost; each cost is a project, run one after the other by tools/check.ts. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: { name: 'unit', include: named(''), exclude: [...away, ...costly], testTimeout: 60_000 },
      },
      {
        // Real engines, each file with its own: processes, for what a test kills must not be the next one's.
        test: {
          name: 'int',
          include: named('.int'),
          exclude: away,
          pool: 'forks',
          expect: { poll: { timeout: WAITING_MS_MAX } },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: named('.e2e'),
          exclude: away,
          pool: 'forks',
          expect: { poll: { timeout: WAITING_MS_MAX } },
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        // Whole installations that are killed and starved, one at a time: `npm run test:faults`, never `npm test`.
        test: {
          name: 'faults',
          include: named('.faults'),
          exclude: away,
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: { name: 'published', include: named('.published'), exclude: away, testTimeout: 120_000 },
      },
    ],
  },
});
