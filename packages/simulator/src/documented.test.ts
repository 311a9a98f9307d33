import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lagsOf, livesOf } from './person-truth.ts';
import { planOf } from './plan.ts';
import { RopoTruth } from './ropo-truth.ts';
import { worldOf } from './world.ts';

test('docs/simulator.md states the true ROPO share of seed 1 with 2,000 shoppers', { timeout: 60_000 }, () => {
  const world = worldOf({ seed: 1, shoppers: 2_000 });
  const truth = new RopoTruth();
  for (let index = 0; index < world.shoppers; index += 2) {
    for (const { lives } of livesOf(world, [planOf(world, index), planOf(world, index + 1)])) {
      for (const life of lives) {
        for (const receipt of life.receipts) {
          if (receipt.kind === 'purchase') truth.add(['all'], receipt.basket.totalMinor, lagsOf(life, receipt));
        }
      }
    }
  }
  const all = truth.close(['visit', 'product', 'category'])['all'] as Record<string, Record<string, { share: number }>>;
  const row = (variant: string) =>
    ['1', '7', '30'].map((days) => `${((all[variant]?.[days]?.share ?? 0) * 100).toFixed(1)} %`);
  const page = readFileSync(new URL('../../../docs/simulator.md', import.meta.url), 'utf8').replaceAll('*', '');
  expect(page).toContain(`| preceded by any visit | ${row('visit').join(' | ')} |`);
  expect(page).toContain(`| by a view of the same product (strict) | ${row('product').join(' | ')} |`);
  expect(page).toContain(`| by a view of the same category | ${row('category').join(' | ')} |`);
});
