import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CampaignTruth } from './campaign-truth.ts';
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

test('docs/simulator.md states what the campaigns of seed 1 with 2,000 shoppers cost, brought and caused', () => {
  const world = worldOf({ seed: 1, shoppers: 2_000 });
  const truth = new CampaignTruth(world);
  for (let index = 0; index < world.shoppers; index++) truth.add(planOf(world, index));
  const told = truth.close() as Readonly<Record<string, Figures>>;
  const [mail, posters, search, coupons] = ['MA-MAGASIN', 'PL-AFFICHES', 'MA-MARQUE', 'MA-AFFILIATION'].map(
    (id) => told[id] as Figures,
  ) as [Figures, Figures, Figures, Figures];
  const all = [mail, posters, search, coupons];
  const orders = [search, coupons].map((each) => `${each.orders}, ${euros(each.ordersMinor)}`);
  const worth = [mail, posters].map(
    ({ incremental: { valueMinor, refundedMinor } }) => `${euros(valueMinor)}, ${euros(refundedMinor)}`,
  );
  const page = readFileSync(new URL('../../../docs/simulator.md', import.meta.url), 'utf8');
  for (const row of [
    ['cost', ...all.map(({ spendMinor }) => euros(spendMinor))],
    ['opened, visits under its name', `${mail.opens}, ${mail.clicks}`, posters.clicks, search.clicks, coupons.clicks],
    ['orders in those visits, value', ...orders],
    ['incremental visits', ...all.map(({ incremental }) => incremental.visits)],
    ['incremental store purchases', ...all.map(({ incremental }) => incremental.purchases)],
    ['their value, of which taken back', ...worth],
  ]) {
    const text = row.join(' | ');
    expect(page.replaceAll('| | | ', '| '), text).toContain(`| ${text} |`);
  }
});

type Figures = {
  readonly spendMinor: number;
  readonly opens: number;
  readonly clicks: number;
  readonly orders: number;
  readonly ordersMinor: number;
  readonly incremental: Readonly<Record<'visits' | 'purchases' | 'valueMinor' | 'refundedMinor', number>>;
};

function euros(minor: number): string {
  return `${(minor / 100).toLocaleString('en-US', { minimumFractionDigits: 2 })} €`;
}
