import type { BrandKey } from '../brands.ts';
import type { CampaignTruth } from '../campaign-truth.ts';
import { campaignsOf } from '../campaigns.ts';
import { catalogueOf } from '../catalogue.ts';
import type { Exposure } from '../episode.ts';
import { Random, streamOf } from '../random.ts';
import { CHANNELS, lastDayOf, storesBySide } from '../reference-csv.ts';
import { storesOf } from '../stores.ts';
import type { World } from '../world.ts';
import { amount, broken, dayOf } from './french.ts';
import type { UglyFile } from './ugly-file.ts';

export const UGLY_PRODUCT_COLUMNS = 'Code article;Désignation;Rayon;Prix TTC;Taux TVA';
export const UGLY_STORE_COLUMNS = 'Code magasin;Nom;Ville;CP;Pays;Latitude;Longitude';
export const UGLY_CAMPAIGN_COLUMNS =
  'Code campagne;Nom;Canal;Date début;Date fin;Budget;utm_source;utm_medium;utm_campaign';
export const UGLY_AUDIENCE_COLUMNS = 'Code campagne;Code client;Code magasin;Groupe';

const REFERENCE_STREAM = streamOf('ugly-reference');
/** The product of which a price was never fixed, of 240. */
const UNPRICED = 17;

export function writeUglyProducts(world: World, brand: BrandKey, file: UglyFile): void {
  const random = new Random(world.seed, REFERENCE_STREAM);
  for (const [rank, { sku, name, category, priceMinor, vatRate }] of catalogueOf(brand).products.entries()) {
    const unpriced = rank === UNPRICED;
    const price = unpriced ? 'sur devis' : amount(priceMinor, random);
    file.write({
      cells: [sku, name, category, price, broken(vatRate / 100)],
      fault: unpriced ? { column: 'Prix TTC', code: 'amount-unreadable' } : undefined,
    });
    if (!unpriced) file.addItem();
  }
}

export function writeUglyStores(brand: BrandKey, file: UglyFile): void {
  for (const { id, name, city, postalCode, latitude, longitude } of storesOf(brand)) {
    const notes = postalCode.startsWith('0') ? ['leading-zero-restored'] : [];
    const cp = postalCode.replace(/^0+/, '');
    file.write({ cells: [id, name, city, cp, 'France', broken(latitude), broken(longitude)], notes });
    file.addItem();
  }
}

export function writeUglyCampaigns(world: World, brand: BrandKey, truth: CampaignTruth, file: UglyFile): void {
  const random = new Random(world.seed, REFERENCE_STREAM, 1);
  for (const campaign of campaignsOf(world)) {
    if (campaign.brand !== brand) continue;
    const { id, name, kind, touch } = campaign;
    const days = [dayOf(campaign.from), dayOf(lastDayOf(world, campaign))];
    const cost = `${amount(truth.spendMinor(campaign), random)} €`;
    const { source, medium, name: utm } = touch;
    file.write({ cells: [id, name, CHANNELS[kind], ...days, cost, source, medium, utm] });
    file.addItem();
  }
}

export function writeUglyAudience({ campaign, relation, sent }: Exposure, file: UglyFile): void {
  file.write({ cells: [campaign, relation.account?.userId ?? '', '', sent ? 'exposé' : 'témoin'] });
  file.addItem();
}

export function writeUglyAreas(world: World, brand: BrandKey, file: UglyFile): void {
  for (const { campaign, store, inside } of storesBySide(world, brand)) {
    file.write({ cells: [campaign, '', store, inside ? 'exposé' : 'témoin'] });
    file.addItem();
  }
}
