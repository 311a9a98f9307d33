import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CampaignTruth } from './campaign-truth.ts';
import { campaignsOf, HOLDOUT_SHARE } from './campaigns.ts';
import type { Episode } from './episode.ts';
import { planOf } from './plan.ts';
import { personDecisions } from './shopper.ts';
import { worldOf } from './world.ts';

/** What of an episode a campaign could change; touches are its own doing, choices follow from how often one visits. */
function substanceOf(episode: Episode): unknown {
  const { key, at, kind } = episode;
  if (episode.kind === 'purchase' || episode.kind === 'refund') {
    return { key, at, kind, ticket: episode.ticketId, total: episode.basket.totalMinor };
  }
  if (episode.kind !== 'visit') return { key, at, kind };
  const { terminal, login, order } = episode;
  return { key, at, kind, terminal: terminal.anonymousId, login, order: order?.number };
}

const causeOf = (episode: Episode): string | undefined => ('cause' in episode ? episode.cause : undefined);
type Figures = {
  readonly incremental: { readonly visits: number; readonly purchases: number; readonly valueMinor: number };
  readonly sent: { readonly persons: number; readonly purchases: number };
  readonly heldOut: { readonly persons: number; readonly purchases: number };
  readonly clicks: number;
  readonly orders: number;
  readonly stores: readonly string[];
};

describe('campaigns', () => {
  test('the world without them is the world with them less what they caused', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(999), fc.integer({ min: 8, max: 400 }), (seed, index, days) => {
        const on = planOf(worldOf({ seed, shoppers: 1_000, days }), index).episodes;
        const off = planOf(worldOf({ seed, shoppers: 1_000, days, campaigns: false }), index).episodes;
        expect(on.filter((each) => causeOf(each) === undefined).map(substanceOf)).toEqual(off.map(substanceOf));
      }),
      { numRuns: 300 },
    );
  });

  test('what they caused lies in their time, in their brand, and in the truth to the cent', () => {
    const world = worldOf({ seed: 1, shoppers: 2_000 });
    const truth = new CampaignTruth(world);
    const caused = { 'MA-MAGASIN': [0, 0], 'PL-AFFICHES': [0, 0] } as Record<string, [number, number]>;
    for (let index = 0; index < world.shoppers; index++) {
      const plan = planOf(world, index);
      truth.add(plan);
      for (const episode of plan.episodes) {
        const cause = causeOf(episode);
        if (cause === undefined) continue;
        const campaign = campaignsOf(world).find(({ id }) => id === cause);
        expect(episode.relation.brand).toBe(campaign?.brand);
        expect(episode.at).toBeGreaterThanOrEqual(campaign?.from ?? Infinity);
        if (episode.kind !== 'purchase') continue;
        expect(episode.at).toBeLessThan(campaign?.to ?? 0);
        const sum = caused[cause] as [number, number];
        sum[0]++;
        sum[1] += episode.basket.totalMinor;
      }
    }
    const told = truth.close() as Record<string, Figures>;
    for (const [id, [purchases, valueMinor]] of Object.entries(caused)) {
      expect(told[id]?.incremental).toMatchObject({ purchases, valueMinor });
      expect(purchases).toBeGreaterThan(5);
    }
    for (const id of ['MA-MARQUE', 'PL-MARQUE', 'MA-AFFILIATION', 'PL-AFFILIATION']) {
      expect(told[id]?.incremental).toEqual({ visits: 0, purchases: 0, valueMinor: 0, refundedMinor: 0 });
      expect(told[id]?.orders).toBeGreaterThan(5);
    }
    expect(told['PL-AFFICHES']?.stores).toHaveLength(10);
    const { sent, heldOut } = told['MA-MAGASIN'] as Figures;
    expect(heldOut.persons / (sent.persons + heldOut.persons)).toBeCloseTo(HOLDOUT_SHARE, 1);
  });

  test('a mailing reaches those alone who had agreed to mails, and the lot asks nothing of them', () => {
    const world = worldOf({ seed: 5, shoppers: 3_000 });
    const mailing = campaignsOf(world).find(({ kind }) => kind === 'mailing');
    let exposures = 0;
    for (let index = 0; index < world.shoppers; index++) {
      const plan = planOf(world, index);
      for (const { relation, sent } of plan.exposures) {
        exposures++;
        const given = personDecisions(relation, mailing?.from ?? 0).filter(
          (decision) => decision.indicatedAt < (mailing?.from ?? 0) && decision.statuses['email_marketing'] === 'given',
        );
        expect(given).not.toEqual([]);
        const touched = plan.episodes.some((each) => causeOf(each) === mailing?.id);
        expect(touched && !sent).toBe(false);
      }
    }
    expect(exposures).toBeGreaterThan(300);
  });

  test('a lot says who gains: over 25,000 shoppers the difference of the two sides is what the mailing caused', () => {
    let told: Figures | undefined;
    const sums = { sent: [0, 0], heldOut: [0, 0], caused: 0 };
    for (let seed = 1; seed <= 5; seed++) {
      const world = worldOf({ seed, shoppers: 5_000, days: 60 });
      const truth = new CampaignTruth(world);
      for (let index = 0; index < world.shoppers; index++) truth.add(planOf(world, index));
      told = (truth.close() as Record<string, Figures>)['MA-MAGASIN'] as Figures;
      sums.sent = [(sums.sent[0] ?? 0) + told.sent.persons, (sums.sent[1] ?? 0) + told.sent.purchases];
      sums.heldOut = [(sums.heldOut[0] ?? 0) + told.heldOut.persons, (sums.heldOut[1] ?? 0) + told.heldOut.purchases];
      sums.caused += told.incremental.purchases;
    }
    const rate = ([persons = 1, purchases = 0]: readonly number[]) => purchases / persons;
    const lift = (rate(sums.sent) - rate(sums.heldOut)) * (sums.sent[0] ?? 0);
    expect(lift / sums.caused).toBeGreaterThan(0.7);
    expect(lift / sums.caused).toBeLessThan(1.3);
  });
});

test('S15 a touch stands in the address of the page that it leads to', async () => {
  const { hitsOf } = await import('./hits.ts');
  const { webContext } = await import('./contexts.ts');
  const world = worldOf({ seed: 2, shoppers: 600 });
  let late = 0;
  for (let index = 0; index < world.shoppers; index++) {
    const { shopper, episodes } = planOf(world, index);
    for (const stay of episodes) {
      if (stay.kind !== 'visit' || stay.terminal.surface !== 'web') continue;
      const hits = hitsOf(world, shopper, stay);
      const landed = hits.filter(({ touch }) => touch !== undefined);
      expect(landed.length).toBe(Number(stay.touch !== undefined) + Number(stay.order?.couponSite === true));
      for (const hit of landed) {
        const { page, campaign } = webContext(stay, hit) as unknown as {
          page: { url: string; search: string };
          campaign: { source: string; name: string };
        };
        expect(page.url).toContain(`utm_source=${campaign.source}&`);
        expect(page.search).toContain(`utm_campaign=${campaign.name}`);
      }
      if (stay.order?.couponSite !== true) continue;
      late++;
      const [added, away, paid] = [
        hits.findIndex(({ type }) => type === 'add'),
        hits.findIndex(({ touch }) => touch?.medium === 'affiliation'),
        hits.length - 1,
      ];
      expect(added < away && away < paid).toBe(true);
      expect((hits[paid]?.at ?? Infinity) - (hits[away]?.at ?? 0)).toBeLessThan(10 * 60_000);
    }
  }
  expect(late).toBeGreaterThan(10);
});
