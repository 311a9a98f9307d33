import { BRANDS, type Brand, type SourceRole, sourceId } from './brands.ts';
import { STORES } from './stores.ts';

export type RetailerSource = {
  readonly id: string;
  readonly kind: 'web' | 'app' | 'server' | 'store';
  readonly brand: string;
  readonly property: string;
  readonly channel: 'web' | 'app' | 'server' | 'store' | 'mail' | 'call';
  readonly country: 'FR';
  readonly kiosk: boolean;
};

/** What people decide on a terminal, in front of `DEVICE_NOTICE`. */
export const DEVICE_PURPOSES = ['audience_measurement', 'personalisation', 'advertising', 'store_measurement'] as const;

/** What people decide in their account. */
export const ACCOUNT_PURPOSES = [
  'profiling',
  'store_measurement',
  'advertising',
  'personalisation',
  'email_marketing',
  'email_open_tracking',
] as const;

/** What people decide on the paper or the tablet with which they take a loyalty card. */
export const CARD_PURPOSES = ['loyalty_programme', 'profiling', 'store_measurement', 'email_marketing'] as const;

/** Notice ids by place of decision; one version each. */
export const NOTICES = { device: 'banner', account: 'preferences', card: 'card' } as const;
export const NOTICE_VERSION = '2025-10';

const ROLES: Readonly<
  Record<SourceRole, { readonly kind: RetailerSource['kind']; readonly channel: RetailerSource['channel'] }>
> = {
  web: { kind: 'web', channel: 'web' },
  app: { kind: 'app', channel: 'app' },
  server: { kind: 'server', channel: 'server' },
  till: { kind: 'store', channel: 'store' },
  kiosk: { kind: 'app', channel: 'store' },
  mail: { kind: 'server', channel: 'mail' },
  care: { kind: 'server', channel: 'call' },
};

/** Where each role takes place. */
const PROPERTY: Readonly<Record<SourceRole, string>> = {
  web: 'site',
  app: 'app',
  server: 'site',
  till: 'shops',
  kiosk: 'shops',
  mail: 'site',
  care: 'care',
};

export function propertyOf(brand: Brand, role: SourceRole): string {
  return `${brand.key}-${PROPERTY[role]}`;
}

function sourcesOf(brand: Brand): readonly RetailerSource[] {
  return (Object.keys(ROLES) as SourceRole[]).map((role) => ({
    id: sourceId(brand.key, role),
    ...ROLES[role],
    brand: brand.id,
    property: propertyOf(brand, role),
    country: 'FR' as const,
    kiosk: role === 'kiosk',
  }));
}

function propertiesOf(brand: Brand) {
  const { key, id, name } = brand;
  return [
    { id: `${key}-site`, brand: id, name: `www.${brand.domain}`, kind: 'site' as const },
    { id: `${key}-app`, brand: id, name: `${name} (application)`, kind: 'app' as const },
    { id: `${key}-shops`, brand: id, name: `${name} (magasins)`, kind: 'shop' as const },
    { id: `${key}-care`, brand: id, name: `${name} (service client)`, kind: 'call-centre' as const },
  ];
}

function noticesOf(brand: Brand) {
  const common = { version: NOTICE_VERSION, brand: brand.id };
  return [
    {
      ...common,
      id: `${brand.key}-${NOTICES.device}`,
      purposes: DEVICE_PURPOSES,
      text: {
        fr: `${brand.name} mesure l’audience de son site, l’adapte à vous, fait de la publicité et relie vos visites en ligne à vos achats en magasin, si vous l’acceptez. Vous pouvez tout accepter, tout refuser ou choisir.`,
        en: `${brand.name} measures the audience of its site, adapts it to you, advertises, and links your visits online to your purchases in store, if you agree. You may accept all, refuse all, or choose.`,
      },
    },
    {
      ...common,
      id: `${brand.key}-${NOTICES.account}`,
      purposes: ACCOUNT_PURPOSES,
      text: {
        fr: `Vos préférences chez ${brand.name} : profil, mesure en magasin, publicité, personnalisation, courriels et mesure de leur ouverture. Chaque choix se retire à tout moment.`,
        en: `Your preferences at ${brand.name}: profile, store measurement, advertising, personalisation, e-mails and the measurement of their opening. Each choice can be withdrawn at any time.`,
      },
    },
    {
      ...common,
      id: `${brand.key}-${NOTICES.card}`,
      purposes: CARD_PURPOSES,
      text: {
        fr: `La carte ${brand.name} : points et avantages. En option : profil, mesure en magasin, courriels.`,
        en: `The ${brand.name} card: points and benefits. Optional: profile, store measurement, e-mails.`,
      },
    },
  ];
}

/** The simulated retailer as a configuration of the product: a plain object, without keys. */
export const RETAILER_CONFIG = {
  brands: BRANDS.map(({ id, name, domain }) => ({ id, name, contact: `dpo@${domain}` })),
  properties: BRANDS.flatMap(propertiesOf),
  sources: BRANDS.flatMap(sourcesOf),
  stores: STORES.map(({ id, brand, name, city, postalCode, latitude, longitude }) => ({
    id,
    brand: BRANDS.find((each) => each.key === brand)?.id as string,
    name,
    city,
    postalCode,
    latitude,
    longitude,
  })),
  notices: BRANDS.flatMap(noticesOf),
} as const;
