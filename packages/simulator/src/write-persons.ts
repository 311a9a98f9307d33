import { setImmediate as breathe } from 'node:timers/promises';
import { brandOf } from './brands.ts';
import { iso } from './calls.ts';
import { CampaignTruth } from './campaign-truth.ts';
import { groupsOf, lagsOf, livesOf, type PersonLife, personLine, seenLagsOf, storeLag } from './person-truth.ts';
import { planOf } from './plan.ts';
import type { RetailerFiles } from './retailer-files.ts';
import type { RetailerForm } from './retailer-form.ts';
import type { RetailerPart } from './retailer-part.ts';
import { RopoTruth } from './ropo-truth.ts';
import type { Tally } from './tally.ts';
import type { World } from './world.ts';

/** What one pass over all persons sums up. */
export type PersonTruth = {
  readonly campaigns: CampaignTruth;
  readonly onlineToStore: RopoTruth;
  readonly storeToOnline: RopoTruth;
  hits: number;
  orders: number;
};

const PER_PERSON: readonly RetailerPart[] = ['customers', 'consents', 'campaigns', 'truth'];

/** Writes what is told by person: customers, whom mailings went to, lines of truth. Memory does not grow with the shoppers. */
export async function writePersons(
  world: World,
  parts: ReadonlySet<RetailerPart>,
  files: RetailerFiles,
  form: RetailerForm,
): Promise<PersonTruth> {
  const sums: PersonTruth = {
    campaigns: new CampaignTruth(world),
    onlineToStore: new RopoTruth(),
    storeToOnline: new RopoTruth(),
    hits: 0,
    orders: 0,
  };
  if (!PER_PERSON.some((part) => parts.has(part))) return sums;
  for (let index = 0; index < world.shoppers; index += 2) {
    const plans = [planOf(world, index), planOf(world, index + 1)] as const;
    for (const plan of plans) {
      const { shopper, exposures } = plan;
      for (const relation of shopper.relations) {
        form.customers(shopper, relation);
        form.consents(shopper, relation);
      }
      sums.campaigns.add(plan);
      for (const exposure of exposures) form.exposure(exposure);
    }
    if (parts.has('truth')) {
      for (const life of livesOf(world, plans)) {
        files.of('truth.ndjson').write(personLine(life));
        addLife(sums, life);
      }
    }
    if (index % 1000 === 0) await breathe();
  }
  return sums;
}

function addLife(sums: PersonTruth, { shopper, lives }: PersonLife): void {
  for (const life of lives) {
    const brand = `brand:${brandOf(life.brand).id}`;
    sums.hits += life.visits.length;
    sums.orders += life.orders.length;
    for (const receipt of life.receipts) {
      if (receipt.kind !== 'purchase') continue;
      const [lags, seen] = [lagsOf(life, receipt), seenLagsOf(shopper, life, receipt)];
      sums.onlineToStore.add(groupsOf(shopper, receipt), receipt.basket.totalMinor, lags, seen);
    }
    for (const { at, visit } of life.orders) {
      sums.storeToOnline.add(['all', brand], visit.order?.basket.totalMinor ?? 0, { visit: storeLag(life, at) });
    }
  }
}

export function truthOf(world: World, tally: Tally, sums: PersonTruth) {
  return {
    seed: world.seed,
    shoppers: world.shoppers,
    from: iso(world.start),
    until: iso(world.until),
    definition: {
      onlineToStore:
        'share of store sales (refunds apart) with a hit of the same true person on the brand’s site or app at most W days before, strictly before the till time, consented or not; visit: any hit; product: Product Viewed of a SKU on the receipt (strict); category: of a category on it',
      storeToOnline: 'share of online orders with a store sale of the same true person and brand at most W days before',
      campaigns:
        'incremental: what is not there when the same world is made with its campaigns off; sent and heldOut: the sides of a mailing’s lot with their store purchases while it lasted; during, before: by whether the store lies in the area, and in as many days before',
      verdicts:
        'lived: everything reaches the door when it reached the retailer; backfill: all at `until`, consents first by trusted keys; depends: see docs/simulator.md',
    },
    totals: { onlineHits: sums.hits, orders: sums.orders, ...tally.close() },
    ropo: {
      onlineToStore: sums.onlineToStore.close(['visit', 'product', 'category']),
      storeToOnline: sums.storeToOnline.close(['visit']),
    },
    campaigns: sums.campaigns.close(),
  };
}
