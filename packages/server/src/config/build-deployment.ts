import {
  DEFAULT_PURPOSES,
  GLOBAL_PRIVACY_CONTROL_NOTICE,
  PURPOSE_BITS_MAX,
  type Purpose,
  type PurposeId,
  SERVED_BY_DEFAULT,
} from '@filrouge/domain/consent';
import type {
  BrandId,
  BrandProfile,
  Channel,
  Deployment,
  JointControllers,
  Notice,
  Property,
  PropertyId,
  Source,
  SourceId,
  SourceKind,
  Store,
} from '@filrouge/domain/deployment';
import { ITEM_KINDS, type ItemKind } from '@filrouge/domain/event';
import { ConfigError } from './config-error.ts';
import { type CheckedConfig, configSchema } from './config-schema.ts';
import { issuerOf, issuerProblems } from './identity-issuers.ts';
import { jointProblems } from './joint-controllers.ts';

/** Kinds that only a secret key may send: from a public key they would be forged revenue. */
const TRUSTED_KINDS: readonly ItemKind[] = ['order', 'ticket', 'customer', 'mail-open', 'mail', 'call'];

/** Checks a configuration and indexes it. Throws `ConfigError` with every problem found, each with its place. */
export function buildDeployment(config: unknown, file: string): Deployment {
  const parsed = configSchema.safeParse(config);
  if (!parsed.success) {
    throw new ConfigError(
      file,
      parsed.error.issues.map((issue) => `/${issue.path.map(String).join('/')}: ${issue.message}`),
    );
  }
  const checked = parsed.data;
  const purposes = purposesOf(checked);
  const problems = [
    ...purposes.problems,
    ...danglingNames(checked, purposes.byId),
    ...jointProblems(checked),
    ...issuerProblems(checked),
  ];
  if (problems.length > 0) throw new ConfigError(file, problems);
  return {
    brands: byId(checked.brands.map(brandOf)),
    properties: byId(checked.properties.map((property) => property as Property)),
    sources: byId(checked.sources.map(sourceOf)),
    purposes: purposes.byId,
    notices: [
      ...checked.notices.map((notice) => notice as unknown as Notice),
      ...checked.brands.map(({ id }) => signalNotice(id)),
    ],
    jointControllers: checked.jointControllers.map((group) => group as unknown as JointControllers),
    stores: byId(checked.stores.map((store) => store as Store)),
    ...(checked.journalDays === undefined ? {} : { journalDays: checked.journalDays }),
  };
}

function byId<Id extends string, T extends { readonly id: Id }>(list: readonly T[]): ReadonlyMap<Id, T> {
  return new Map(list.map((one) => [one.id, one]));
}

function brandOf({ identityIssuers, ...brand }: CheckedConfig['brands'][number]): BrandProfile {
  const profile = brand as BrandProfile;
  return identityIssuers.length === 0 ? profile : { ...profile, identityIssuers: identityIssuers.map(issuerOf) };
}

function signalNotice(brand: string): Notice {
  return {
    ...GLOBAL_PRIVACY_CONTROL_NOTICE,
    brand: brand as BrandId,
    purposes: ['advertising', 'partner_sharing'] as PurposeId[],
    text: {
      fr: 'Le navigateur envoie Global Privacy Control : ni publicité ni partage.',
      en: 'The browser sends Global Privacy Control: no advertising, no sharing.',
    },
  };
}

function purposesOf(config: CheckedConfig): { byId: ReadonlyMap<PurposeId, Purpose>; problems: readonly string[] } {
  const known = new Map<PurposeId, Purpose>(DEFAULT_PURPOSES.map((purpose) => [purpose.id, purpose]));
  const problems: string[] = [];
  let bit = DEFAULT_PURPOSES.length;
  for (const [at, { id, basis, scope }] of config.purposes.entries()) {
    const before = known.get(id as PurposeId);
    const place = `/purposes/${at}`;
    if (before === undefined && bit >= PURPOSE_BITS_MAX) {
      problems.push(`${place}: more than ${PURPOSE_BITS_MAX} purposes; remove one.`);
      continue;
    }
    known.set(id as PurposeId, {
      id: id as PurposeId,
      bit: before?.bit ?? bit,
      basis,
      scope: { device: scope.includes('device'), person: scope.includes('person') },
    });
    if (before === undefined) bit += 1;
  }
  return { byId: known, problems };
}

function danglingNames(config: CheckedConfig, purposes: ReadonlyMap<PurposeId, Purpose>): readonly string[] {
  const problems: string[] = [];
  const brands = new Set(config.brands.map(({ id }) => id));
  const properties = new Map(config.properties.map(({ id, brand }) => [id, brand]));
  const notices = new Map(config.notices.map((notice) => [`${notice.brand}/${notice.id}/${notice.version}`, notice]));
  const needBrand = (place: string, brand: string): void => {
    if (!brands.has(brand)) problems.push(`${place}/brand: there is no brand ${brand}; declare it under brands.`);
  };
  const needPurpose = (place: string, purpose: string): void => {
    if (!purposes.has(purpose as PurposeId))
      problems.push(`${place}: there is no purpose ${purpose}; declare it under purposes.`);
  };
  for (const [list, items] of [
    ['brands', config.brands],
    ['properties', config.properties],
    ['sources', config.sources],
    ['stores', config.stores],
  ] as const) {
    const seen = new Set<string>();
    for (const [at, { id }] of items.entries()) {
      if (seen.has(id)) problems.push(`/${list}/${at}/id: ${id} is declared twice.`);
      seen.add(id);
    }
  }
  for (const [at, property] of config.properties.entries()) needBrand(`/properties/${at}`, property.brand);
  for (const [at, store] of config.stores.entries()) needBrand(`/stores/${at}`, store.brand);
  for (const [at, notice] of config.notices.entries()) {
    needBrand(`/notices/${at}`, notice.brand);
    for (const [i, purpose] of notice.purposes.entries()) needPurpose(`/notices/${at}/purposes/${i}`, purpose);
  }
  for (const [at, source] of config.sources.entries()) {
    const place = `/sources/${at}`;
    needBrand(place, source.brand);
    if (properties.get(source.property) !== source.brand) {
      problems.push(
        `${place}/property: ${source.brand} has no property ${source.property}; declare it under properties.`,
      );
    }
    for (const [kind, list] of Object.entries(source.serves)) {
      for (const purpose of list ?? []) needPurpose(`${place}/serves/${kind}`, purpose);
    }
    const { stamps } = source;
    if (stamps === undefined) continue;
    const shown = notices.get(`${source.brand}/${stamps.noticeId}/${stamps.noticeVersion}`);
    if (shown === undefined) {
      problems.push(
        `${place}/stamps: ${source.brand} has no notice ${stamps.noticeId} in version ${stamps.noticeVersion}.`,
      );
    }
    if (Object.keys(stamps.categories).length === 0) {
      problems.push(`${place}/stamps/categories: no category is mapped; a stamp without mapping decides nothing.`);
    }
    for (const [category, list] of Object.entries(stamps.categories)) {
      for (const purpose of list) {
        needPurpose(`${place}/stamps/categories/${category}`, purpose);
        if (shown === undefined || shown.purposes.includes(purpose)) continue;
        problems.push(
          `${place}/stamps/categories/${category}: the notice ${shown.id} in version ${shown.version} does not name ${purpose}, so no yes to it can be recorded; name it there.`,
        );
      }
    }
  }
  return problems;
}

const CHANNEL_OF: Readonly<Record<SourceKind, Channel>> = { web: 'web', app: 'app', server: 'server', store: 'store' };

function sourceOf(source: CheckedConfig['sources'][number]): Source {
  const { stamps } = source;
  return {
    id: source.id as SourceId,
    brand: source.brand as BrandId,
    property: source.property as PropertyId,
    kind: source.kind,
    channel: source.channel ?? CHANNEL_OF[source.kind],
    country: source.country,
    allowedKinds: source.allowedKinds ?? kindsOf(source.kind),
    allowedOrigins: source.allowedOrigins,
    quotaPerSecond: source.quotaPerSecond,
    personQuotaPerSecond: source.personQuotaPerSecond,
    serves: source.serves as unknown as Source['serves'],
    kiosk: source.kiosk,
    ...(source.enabled ? {} : { disabled: true }),
    ...(stamps === undefined ? {} : { stamps: stamps as unknown as NonNullable<Source['stamps']> }),
  };
}

function kindsOf(kind: SourceKind): readonly ItemKind[] {
  const all = ITEM_KINDS.filter((each) => each in SERVED_BY_DEFAULT);
  return kind === 'server' || kind === 'store' ? all : all.filter((each) => !TRUSTED_KINDS.includes(each));
}
