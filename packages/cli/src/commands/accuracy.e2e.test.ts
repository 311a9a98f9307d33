import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import type { Accuracy, Recovered } from '../accuracy/recovered.ts';
import { startFilrouge } from '../testing/run-filrouge.ts';

const SMALL = ['--seeds', '1', '--first-seed', '2', '--shoppers', '400', '--days', '30'];

test('a simulated retailer goes through a real server, and the bounds of its report hold what was planted', async () => {
  const before = await temporaries();
  const { ended } = startFilrouge(['report', 'accuracy', ...SMALL, '--json'], { directory: tmpdir() });
  const { exitCode, stdout } = await ended;
  const told = JSON.parse(stdout) as { readonly reports: readonly Recovered[]; readonly summary: Accuracy };
  expect(exitCode).toBe(0);
  expect(told.summary).toMatchObject({ reports: 2, boundsHeld: 2 });
  expect(told.reports.map(({ seed, brand }) => [seed, brand])).toEqual([
    [2, 'maison-aubrac'],
    [2, 'petit-large'],
  ]);
  for (const { purchases, truth } of told.reports) {
    expect(purchases).toBeGreaterThan(0);
    expect(truth).toBeGreaterThan(0);
  }
  expect(await temporaries(), 'nothing stays').toEqual(before);
});

async function temporaries(): Promise<readonly string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('filrouge-accuracy-')).sort();
}
