import { DEFAULT_PURPOSES, type Purpose, type PurposeId } from '@filrouge/domain/consent';
import type {
  BrandId,
  Channel,
  Deployment,
  PropertyId,
  Source,
  SourceId,
  SourceKind,
} from '@filrouge/domain/deployment';
import { ITEM_KINDS } from '@filrouge/domain/event';

/** Two brands of one group, each with a source of every kind. */
export const MAISON = 'maison' as BrandId;
export const ATELIER = 'atelier' as BrandId;

function purpose(id: string): Purpose {
  const found = DEFAULT_PURPOSES.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no such purpose: ${id}`);
  return found;
}

export const AM = purpose('audience_measurement');
export const PRO = purpose('profiling');
export const EM = purpose('email_marketing');
export const SM = purpose('store_measurement');
export const AD = purpose('advertising');
export const ORDER = purpose('order_fulfilment');

function sourceOf(brand: BrandId, kind: SourceKind, said: Partial<Source> = {}): Source {
  return {
    id: `${brand}-${said.kiosk === true ? 'kiosk' : kind}` as SourceId,
    brand,
    property: `${brand}-house` as PropertyId,
    kind,
    channel: kind as Channel,
    country: 'FR',
    allowedKinds: ITEM_KINDS,
    allowedOrigins: [],
    quotaPerSecond: 1_000,
    personQuotaPerSecond: 20,
    serves: {},
    kiosk: false,
    ...said,
  };
}

export const WEB = sourceOf(MAISON, 'web');
export const APP = sourceOf(MAISON, 'app');
export const SERVER = sourceOf(MAISON, 'server');
export const TILL = sourceOf(MAISON, 'store');
export const KIOSK = sourceOf(MAISON, 'web', { kiosk: true });
/** Its choice is collected by another CMP, and it says what that CMP's categories mean. */
export const STAMPED = sourceOf(MAISON, 'web', {
  id: 'maison-stamped' as SourceId,
  stamps: { noticeId: 'card', noticeVersion: '1', categories: { Analytics: [AM.id], Ads: [AD.id] } },
});
export const ATELIER_WEB = sourceOf(ATELIER, 'web');
export const ATELIER_SERVER = sourceOf(ATELIER, 'server');

const SOURCES = [WEB, APP, SERVER, TILL, KIOSK, STAMPED, ATELIER_WEB, ATELIER_SERVER];

const EVERYTHING = { version: '1', purposes: DEFAULT_PURPOSES.map(({ id }): PurposeId => id), text: {} };

export const DEPLOYMENT: Deployment = {
  brands: new Map([MAISON, ATELIER].map((id) => [id, { id, name: id }])),
  properties: new Map(),
  sources: new Map(SOURCES.map((source) => [source.id, source])),
  purposes: new Map(DEFAULT_PURPOSES.map((one) => [one.id, one])),
  notices: [
    ...[MAISON, ATELIER].map((brand) => ({ ...EVERYTHING, id: 'card', brand })),
    { ...EVERYTHING, id: 'house', brand: MAISON, brands: [ATELIER] },
  ],
  jointControllers: [{ id: 'house', brands: [MAISON, ATELIER] }],
  stores: new Map(),
};
