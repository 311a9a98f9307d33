import { DAY_MS, HOUR_MS } from '@filrouge/domain/base';
import { BRANDS, type BrandKey, brandOf } from './brands.ts';
import { Random, streamOf } from './random.ts';
import type { SegmentName } from './segments.ts';
import { type SimulatedStore, storesOf } from './stores.ts';
import type { World } from './world.ts';

/** Where a visit comes from, as the address of its first page says it (`utm_source`, `utm_medium`, `utm_campaign`). */
export type Touch = { readonly source: string; readonly medium: string; readonly name: string };

export const LETTER: Touch = { source: 'newsletter', medium: 'email', name: 'lettre' };
export const BRAND_SEARCH: Touch = { source: 'search', medium: 'cpc', name: 'marque' };
export const COUPON_SITE: Touch = { source: 'codes-malins', medium: 'affiliation', name: 'codes-promo' };

type CampaignBase = {
  /** `MA-MAGASIN`. */
  readonly id: string;
  readonly brand: BrandKey;
  /** As the retailer calls it. */
  readonly name: string;
  readonly touch: Touch;
  /** From the first contact to the last day on which it has an effect, or is counted; `to` excluded. */
  readonly from: number;
  readonly to: number;
};

/** Sent by mail to customers who agreed to mails, but for a part drawn by lot: drive to store. */
export type Mailing = CampaignBase & { readonly kind: 'mailing' };
/** Radio and posters around half of the stores: nobody knows who met it. */
export type AreaCampaign = CampaignBase & { readonly kind: 'area'; readonly stores: readonly SimulatedStore[] };
/** Always on, paid by the click or by the order, and without any effect: who comes that way would have come anyway. */
export type IdleCampaign = CampaignBase & { readonly kind: 'search' | 'coupon-site' };
export type Campaign = Mailing | AreaCampaign | IdleCampaign;

/** Share of the customers who may be written to that is left out by lot. */
export const HOLDOUT_SHARE = 0.2;
/** Odds that a mail brings one purchase in store that would not have been, by segment. */
export const MAILING_LIFT: Readonly<Record<SegmentName, number>> = {
  digital: 0.03,
  omnichannel: 0.08,
  'store-loyal': 0.06,
  occasional: 0.02,
};
/** What posters add to the store purchases, and to the visits online, of those who live around the store. */
export const AREA_LIFT = { purchases: 0.25, visits: 0.1 } as const;

/** Costs in minor units. */
const MAILING_FIXED_MINOR = 180_000;
const MAILS_PER_MINOR = 2;
const AREA_STORE_MINOR = 90_000;
const CLICK_MINOR = 35;
const COMMISSION = 0.08;

/** Days, and shares of the history, that campaigns last; a history of fewer days than this has none with an effect. */
const DAYS_MIN = 8;
const MAILING = { begins: 0.6, lasts: 0.25, daysMax: 21 } as const;
const AREA = { begins: 0.3, lasts: 0.25, daysMax: 28 } as const;
const OPENING_HOUR_MS = 10 * HOUR_MS;
const AREA_STREAM = streamOf('area');

const known = new WeakMap<World, readonly Campaign[]>();

/** The campaigns of a world; none where they are off. */
export function campaignsOf(world: World): readonly Campaign[] {
  let made = known.get(world);
  if (made === undefined) {
    made = world.campaigns ? [...effective(world), ...BRANDS.flatMap(({ key }) => idle(world, key))] : [];
    known.set(world, made);
  }
  return made;
}

function effective(world: World): readonly Campaign[] {
  const days = Math.round((world.midnight - world.start) / DAY_MS);
  if (days < DAYS_MIN) return [];
  const span = ({ begins, lasts, daysMax }: typeof MAILING | typeof AREA) => {
    const from = world.start + Math.floor(days * begins) * DAY_MS + OPENING_HOUR_MS;
    return { from, to: from + Math.min(daysMax, Math.floor(days * lasts)) * DAY_MS };
  };
  return [
    {
      kind: 'mailing',
      id: 'MA-MAGASIN',
      brand: 'aubrac',
      name: 'Rendez-vous en magasin',
      touch: { source: 'email', medium: 'email', name: 'rendez-vous-magasin' },
      ...span(MAILING),
    },
    {
      kind: 'area',
      id: 'PL-AFFICHES',
      brand: 'petit-large',
      name: 'Affiches et radio locale',
      touch: { source: 'affiche', medium: 'qr', name: 'affiches-locales' },
      stores: drawnStores(world, 'petit-large'),
      ...span(AREA),
    },
  ];
}

/** Of each two neighbours in the list of stores one by lot, so that large towns and small ones are on both sides. */
function drawnStores(world: World, brand: BrandKey): readonly SimulatedStore[] {
  const random = new Random(world.seed, AREA_STREAM);
  const stores = storesOf(brand);
  return stores
    .filter((_, rank) => rank % 2 === 0)
    .map((_, pair) => stores[pair * 2 + random.below(2)] as SimulatedStore);
}

function idle(world: World, brand: BrandKey): readonly Campaign[] {
  const { prefix } = brandOf(brand);
  const always = { brand, from: world.start, to: world.until };
  return [
    { ...always, kind: 'search', id: `${prefix}-MARQUE`, name: 'Achat de la marque', touch: BRAND_SEARCH },
    {
      ...always,
      kind: 'coupon-site',
      id: `${prefix}-AFFILIATION`,
      name: 'Affiliation codes promo',
      touch: COUPON_SITE,
    },
  ];
}

/** What a campaign cost so far, minor units. */
export function spendOf(
  campaign: Campaign,
  did: { readonly sent: number; readonly clicks: number; readonly lateOrdersMinor: number },
): number {
  switch (campaign.kind) {
    case 'mailing':
      return MAILING_FIXED_MINOR + Math.ceil(did.sent / MAILS_PER_MINOR);
    case 'area':
      return campaign.stores.length * AREA_STORE_MINOR;
    case 'search':
      return did.clicks * CLICK_MINOR;
    case 'coupon-site':
      return Math.round(did.lateOrdersMinor * COMMISSION);
  }
}
