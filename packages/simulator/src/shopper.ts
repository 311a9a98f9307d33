import { DAY_MS, HOUR_MS, MINUTE_MS } from '@filrouge/domain/base';
import { BRANDS, type BrandKey, brandOf } from './brands.ts';
import type { Decision } from './decision.ts';
import { fictionPhone, inventEmail, inventFirstName, inventLastName } from './invented-names.ts';
import { Random, streamOf } from './random.ts';
import { SEGMENT_SHARES, SEGMENTS, type SegmentName } from './segments.ts';
import { type SimulatedStore, storesOf } from './stores.ts';
import type { World } from './world.ts';

/** What a person answers to a banner; `ignore` never answers. */
export type Attitude = 'all' | 'audience' | 'some' | 'refuse' | 'ignore';

/** One cookie jar or one installation of an app: what has an anonymous id. */
export type Terminal = {
  readonly name: string;
  readonly surface: 'web' | 'app' | 'kiosk';
  readonly anonymousId: string;
  readonly deviceId: string | undefined;
  /** Its clock minus the true time, ms. */
  readonly skewMs: number;
  readonly from: number;
  readonly until: number;
  readonly attitude: Attitude;
  readonly userAgent: number;
  /** In order of indication; filled by the plan. */
  readonly decisions: Decision[];
};

export type Account = {
  readonly userId: string;
  readonly createdAt: number;
  readonly attitude: 'open' | 'service' | 'closed' | 'silent';
  readonly decisions: Decision[];
};

export type Card = {
  readonly number: string;
  readonly soldAt: number;
  /** Known to the account: in its traits and in the customer file. */
  readonly linked: boolean;
  readonly attitude: 'open' | 'closed' | 'silent';
  readonly decisions: Decision[];
};

/** A person's life with one brand. */
export type Relation = {
  readonly brand: BrandKey;
  readonly homeStore: SimulatedStore;
  readonly account?: Account;
  readonly card?: Card;
  readonly terminals: readonly Terminal[];
};

export type Shopper = {
  readonly index: number;
  /** The true person: `P0000042`. */
  readonly person: string;
  readonly segment: SegmentName;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly phone?: string;
  readonly postalCode: string;
  readonly city: string;
  readonly birthDate: string;
  readonly relations: readonly Relation[];
  readonly household?: Household;
};

/** Two persons under one roof: shoppers 2h and 2h+1. */
export type Household = {
  readonly partner: number;
  /** A tablet on which both log in and out, with this brand; only where both have an account there. */
  readonly tabletSeed: number;
  readonly sharesPhone: boolean;
};

const SHOPPER_STREAM = streamOf('shopper');
/** With the longest history, less than three years: an older yes of a person who did nothing since would be expired (S7). */
const AGE_DAYS_MAX = 690;
const HOUSEHOLD_STREAM = streamOf('household');
const EVER = 8.64e15;

const HOUSEHOLD_SHARE = 0.14;
/** Of the accounts and of the cards that exist at the end, how many are older than the history. */
const EXISTING_SHARE = 0.75;

/** Shopper k of a world: the same whatever the other shoppers are. */
export function shopperOf(world: World, index: number): Shopper {
  const random = new Random(world.seed, SHOPPER_STREAM, index);
  const household = householdOf(world, index);
  const segment = random.weighted(SEGMENT_SHARES);
  const firstName = inventFirstName(random);
  const lastName = inventLastName(random);
  const email = inventEmail(random, firstName, lastName, index);
  const hasPhone = random.chance(0.45);
  // A household that shares its telephone gives the number of its first member.
  const phone = household?.sharesPhone === true ? fictionPhone(index - (index % 2)) : fictionPhone(index);
  const mainBrand = household === undefined ? random.below(2) : household.tabletSeed % 2;
  const brands = random.chance(0.2) ? [mainBrand, 1 - mainBrand] : [mainBrand];
  const ownTown = random.below(20);
  const town = household === undefined ? ownTown : (household.tabletSeed >>> 8) % 20;
  const relations = brands.map((rank) =>
    relationOf(world, index, random, segment, (BRANDS[rank] as { key: BrandKey }).key, town),
  );
  const home = (relations[0] as Relation).homeStore;
  return {
    index,
    person: `P${String(index).padStart(7, '0')}`,
    segment,
    firstName,
    lastName,
    email,
    ...(hasPhone && phone !== undefined ? { phone } : {}),
    postalCode: home.postalCode,
    city: home.city,
    birthDate: `${random.between(1946, 2004)}-${two(random.between(1, 12))}-${two(random.between(1, 28))}`,
    relations,
    ...(household === undefined ? {} : { household }),
  };
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}

function householdOf(world: World, index: number): Household | undefined {
  const random = new Random(world.seed, HOUSEHOLD_STREAM, Math.floor(index / 2));
  if (!random.chance(HOUSEHOLD_SHARE)) return undefined;
  return {
    partner: index % 2 === 0 ? index + 1 : index - 1,
    tabletSeed: random.uint32(),
    sharesPhone: random.chance(0.3),
  };
}

function relationOf(
  world: World,
  index: number,
  random: Random,
  segment: SegmentName,
  brand: BrandKey,
  town: number,
): Relation {
  const odds = SEGMENTS[segment];
  const online = !random.chance(odds.offline);
  const account = online && random.chance(odds.account) ? accountOf(world, index, random, brand) : undefined;
  const card = random.chance(odds.card) ? cardOf(world, index, random, brand) : undefined;
  return {
    brand,
    homeStore: storesOf(brand)[town] as SimulatedStore,
    ...(account === undefined ? {} : { account }),
    ...(card === undefined ? {} : { card }),
    terminals: online ? terminalsOf(world, random, odds.accepts, odds.app) : [],
  };
}

function bornAt(world: World, random: Random): number {
  return random.chance(EXISTING_SHARE)
    ? Math.floor(world.start - random.next() * AGE_DAYS_MAX * DAY_MS) - DAY_MS
    : Math.floor(world.start + random.next() * (world.midnight - world.start - 2 * HOUR_MS));
}

function accountOf(world: World, index: number, random: Random, brand: BrandKey): Account {
  return {
    userId: `${brandOf(brand).prefix}U${String(index).padStart(8, '0')}`,
    createdAt: bornAt(world, random),
    attitude: random.weighted({ open: 0.55, service: 0.15, closed: 0.15, silent: 0.15 }),
    decisions: [],
  };
}

function cardOf(world: World, index: number, random: Random, brand: BrandKey): Card {
  return {
    number: withCheckDigit(`29${brand === 'aubrac' ? 1 : 2}${String(index).padStart(9, '0')}`),
    soldAt: bornAt(world, random),
    linked: random.chance(0.75),
    attitude: random.weighted({ open: 0.6, closed: 0.25, silent: 0.15 }),
    decisions: [],
  };
}

/** The 13th digit of an EAN-13. */
function withCheckDigit(twelve: string): string {
  let sum = 0;
  for (let i = 0; i < twelve.length; i++) sum += Number(twelve[i]) * (i % 2 === 0 ? 1 : 3);
  return twelve + String((10 - (sum % 10)) % 10);
}

function terminalsOf(world: World, random: Random, accepts: number, app: number): readonly Terminal[] {
  const made: Terminal[] = [];
  const phoneSkew = skewOf(random);
  if (random.chance(0.7)) made.push(...laptopOf(world, random, accepts));
  if (random.chance(0.65) || made.length === 0) {
    made.push(terminalOf(random, 'phone', 'web', phoneSkew, attitudeOf(random, accepts), [-EVER, EVER]));
  }
  if (random.chance(app)) {
    // Who installs an app agrees more often.
    made.push(terminalOf(random, 'app', 'app', phoneSkew, attitudeOf(random, accepts + 0.12), [-EVER, EVER]));
  }
  if (random.chance(0.15))
    made.push(terminalOf(random, 'tablet', 'web', skewOf(random), attitudeOf(random, accepts), [-EVER, EVER]));
  return made;
}

/** A laptop; one in six has its cookies cleared once, and is a new terminal from then on. */
function laptopOf(world: World, random: Random, accepts: number): readonly Terminal[] {
  const skew = skewOf(random);
  const attitude = attitudeOf(random, accepts);
  if (!random.chance(1 / 6)) return [terminalOf(random, 'laptop', 'web', skew, attitude, [-EVER, EVER])];
  const cleared = Math.floor(world.start + random.next() * (world.midnight - world.start));
  return [
    terminalOf(random, 'laptop', 'web', skew, attitude, [-EVER, cleared]),
    terminalOf(random, 'laptop-cleared', 'web', skew, attitude, [cleared, EVER]),
  ];
}

export function terminalOf(
  random: Random,
  name: string,
  surface: Terminal['surface'],
  skewMs: number,
  attitude: Attitude,
  [from, until]: readonly [number, number],
): Terminal {
  const anonymousId = random.uuid();
  return {
    name,
    surface,
    anonymousId,
    deviceId: surface === 'app' ? random.uuid().toUpperCase() : undefined,
    skewMs,
    from,
    until,
    attitude,
    userAgent: random.uint32(),
    decisions: [],
  };
}

function attitudeOf(random: Random, accepts: number): Attitude {
  const draw = random.next();
  if (draw < accepts) return 'all';
  if (draw < accepts + 0.08) return random.chance(0.5) ? 'audience' : 'some';
  return draw < accepts + 0.08 + (0.92 - accepts) * 0.64 ? 'refuse' : 'ignore';
}

/** Clocks: 85 % within two seconds, 10 % minutes off, 4 % hours, 1 % days. */
export function skewOf(random: Random): number {
  const draw = random.next();
  const side = random.chance(0.5) ? 1 : -1;
  if (draw < 0.85) return random.between(-2000, 2000);
  if (draw < 0.95) return side * random.between(2, 45) * MINUTE_MS;
  if (draw < 0.99) return side * random.between(1, 13) * HOUR_MS;
  return side * random.between(1, 20) * DAY_MS;
}

/** The choices that count for an account at an instant: its own, and those of a card that it is known to own (S8). */
export function personDecisions(relation: Relation, at: number): readonly Decision[] {
  const own = relation.account?.decisions ?? [];
  const { card } = relation;
  return card?.linked === true && card.soldAt <= at ? [...own, ...card.decisions] : own;
}
