import { type BrandKey, brandOf } from './brands.ts';
import type { CampaignTruth } from './campaign-truth.ts';
import { type Campaign, campaignsOf } from './campaigns.ts';
import { catalogueOf } from './catalogue.ts';
import { csvRow, decimal } from './csv.ts';
import type { Exposure } from './episode.ts';
import { parisDate } from './paris-clock.ts';
import { storesOf } from './stores.ts';
import type { World } from './world.ts';

export const PRODUCT_COLUMNS = 'sku,name,category,price,currency';
export const STORE_COLUMNS = 'store_id,name,postal_code,city,country,latitude,longitude';
export const CAMPAIGN_COLUMNS =
  'campaign_id,name,channel,starts_on,ends_on,spend,currency,utm_source,utm_medium,utm_campaign';
export const AUDIENCE_COLUMNS = 'campaign_id,customer_id,store_id,group';

/** What the retailer calls the ways of each kind of campaign. */
export const CHANNELS: Readonly<Record<Campaign['kind'], string>> = {
  mailing: 'email',
  area: 'outdoor',
  search: 'search',
  'coupon-site': 'affiliation',
};

export function productRows(brand: BrandKey): string {
  return catalogueOf(brand)
    .products.map(({ sku, name, category, priceMinor }) => csvRow([sku, name, category, decimal(priceMinor), 'EUR']))
    .join('');
}

export function storeRows(brand: BrandKey): string {
  return storesOf(brand)
    .map(({ id, name, city, postalCode, latitude, longitude }) =>
      csvRow([id, name, postalCode, city, 'FR', String(latitude), String(longitude)]),
    )
    .join('');
}

/** One row for each campaign of a brand, with what it has cost. */
export function campaignRows(world: World, brand: BrandKey, truth: CampaignTruth): string {
  return campaignsOf(world)
    .filter((campaign) => campaign.brand === brand)
    .map((campaign) => {
      const { source, medium, name } = campaign.touch;
      return csvRow([
        campaign.id,
        campaign.name,
        CHANNELS[campaign.kind],
        parisDate(campaign.from),
        parisDate(lastDayOf(world, campaign)),
        decimal(truth.spendMinor(campaign)),
        'EUR',
        source,
        medium,
        name,
      ]);
    })
    .join('');
}

/** An instant of the last day on which a campaign runs, or has run so far. */
export function lastDayOf(world: World, campaign: Campaign): number {
  return Math.min(campaign.to, world.until) - 1;
}

/** What the mailing's tool remembers of a customer: sent, or held out by lot. */
export function audienceRow({ campaign, relation, sent }: Exposure): string {
  return csvRow([campaign, relation.account?.userId ?? '', '', sent ? 'exposed' : 'held-out']);
}

/** The stores around which an area campaign runs, and the others. */
export function areaRows(world: World, brand: BrandKey): string {
  return storesBySide(world, brand)
    .map(({ campaign, store, inside }) => csvRow([campaign, '', store, inside ? 'exposed' : 'held-out']))
    .join('');
}

type StoreSide = { readonly campaign: string; readonly store: string; readonly inside: boolean };

export function storesBySide(world: World, brand: BrandKey): readonly StoreSide[] {
  return campaignsOf(world).flatMap((campaign) =>
    campaign.kind === 'area' && campaign.brand === brand
      ? storesOf(brand).map((store) => ({
          campaign: campaign.id,
          store: store.id,
          inside: campaign.stores.includes(store),
        }))
      : [],
  );
}

/** `campaigns-maison-aubrac.csv` and its sisters. */
export function referenceFile(
  kind: 'products' | 'stores' | 'campaigns' | 'campaign-audience',
  brand: BrandKey,
): string {
  return `${kind}-${brandOf(brand).id}.csv`;
}
