import { type BrandKey, brandOf } from './brands.ts';
import { iso } from './calls.ts';
import type { CampaignTruth } from './campaign-truth.ts';
import { type Campaign, campaignsOf } from './campaigns.ts';
import { catalogueOf } from './catalogue.ts';
import { csvRow, decimal } from './csv.ts';
import type { Exposure } from './episode.ts';
import { storesOf } from './stores.ts';
import type { World } from './world.ts';

export const PRODUCT_COLUMNS = 'sku,name,category,price,currency,vat_rate';
export const STORE_COLUMNS = 'store_id,name,city,postal_code,country,latitude,longitude';
export const CAMPAIGN_COLUMNS =
  'campaign_id,name,channel,from,to,cost,currency,utm_source,utm_medium,utm_campaign,stores,sent,held_out';
export const AUDIENCE_COLUMNS = 'campaign_id,customer_id,group,sent_at';

/** What the retailer calls the ways of each kind of campaign. */
export const CHANNELS: Readonly<Record<Campaign['kind'], string>> = {
  mailing: 'email',
  area: 'outdoor',
  search: 'search',
  'coupon-site': 'affiliation',
};

export function productRows(brand: BrandKey): string {
  return catalogueOf(brand)
    .products.map(({ sku, name, category, priceMinor, vatRate }) =>
      csvRow([sku, name, category, decimal(priceMinor), 'EUR', String(vatRate / 100)]),
    )
    .join('');
}

export function storeRows(brand: BrandKey): string {
  return storesOf(brand)
    .map(({ id, name, city, postalCode, latitude, longitude }) =>
      csvRow([id, name, city, postalCode, 'FR', String(latitude), String(longitude)]),
    )
    .join('');
}

/** One row for each campaign of a brand, with what it has cost. */
export function campaignRows(world: World, brand: BrandKey, truth: CampaignTruth): string {
  return campaignsOf(world)
    .filter((campaign) => campaign.brand === brand)
    .map((campaign) => {
      const { source, medium, name } = campaign.touch;
      const { sent, heldOut } = truth.mailedBy(campaign);
      return csvRow([
        campaign.id,
        campaign.name,
        CHANNELS[campaign.kind],
        iso(campaign.from),
        iso(Math.min(campaign.to, world.until)),
        decimal(truth.spendMinor(campaign)),
        'EUR',
        source,
        medium,
        name,
        storesIn(campaign),
        campaign.kind === 'mailing' ? String(sent) : '',
        campaign.kind === 'mailing' ? String(heldOut) : '',
      ]);
    })
    .join('');
}

/** `PL01 PL04 PL05`; empty where a campaign is of no place. */
export function storesIn(campaign: Campaign): string {
  return campaign.kind === 'area' ? campaign.stores.map(({ id }) => id).join(' ') : '';
}

/** What the mailing's tool remembers of a customer: sent, or held out by lot. */
export function audienceRow(world: World, { campaign: id, relation, sent }: Exposure): string {
  const campaign = campaignsOf(world).find((each) => each.id === id) as Campaign;
  const at = sent ? iso(campaign.from) : '';
  return csvRow([id, relation.account?.userId ?? '', sent ? 'sent' : 'held-out', at]);
}

/** `campaigns-maison-aubrac.csv` and its sisters. */
export function referenceFile(
  kind: 'products' | 'stores' | 'campaigns' | 'campaign-audience',
  brand: BrandKey,
): string {
  return `${kind}-${brandOf(brand).id}.csv`;
}
