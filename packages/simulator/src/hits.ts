import { pickCategory, pickProduct } from './basket.ts';
import { COUPON_SITE, type Touch } from './campaigns.ts';
import { catalogueOf, type Product } from './catalogue.ts';
import type { Crawl, Episode, FamilyEvening, KioskStay, Visit } from './episode.ts';
import { Random, streamOf } from './random.ts';
import type { Shopper } from './shopper.ts';
import type { World } from './world.ts';

/** One thing a person does on a terminal: it becomes one call. */
export type Hit = {
  readonly at: number;
  readonly type: 'page' | 'search' | 'view' | 'add' | 'identify' | 'sign-in' | 'sign-out';
  /** The page's name, the search's words. */
  readonly text: string;
  readonly product: Product | undefined;
  readonly quantity: number | undefined;
  /** Who is logged in at that moment. */
  readonly userId: string | undefined;
  /** Who truly holds the terminal; undefined for a crawler. */
  readonly person: string | undefined;
  /** On a page that was landed on: what its address says of where from. */
  readonly touch?: Touch;
};

/** An episode that leaves hits on a terminal. */
export type Stay = Visit | FamilyEvening | KioskStay | Crawl;

const HITS_STREAM = streamOf('hits');
const STAY_MS_MAX = 29 * 60_000;
const SEARCHES = [
  'plaid laine',
  'cadeau naissance',
  'lampe chevet',
  'bottes pluie',
  'nappe ronde',
  'pyjama 4 ans',
  'bougie figuier',
  'tapis berbere',
  'licorne volante',
];

type Draft = {
  readonly random: Random;
  readonly hits: Hit[];
  at: number;
  readonly end: number;
  person: string | undefined;
  userId: string | undefined;
};

export function isStay(episode: Episode): episode is Stay {
  return episode.kind === 'visit' || episode.kind === 'family' || episode.kind === 'kiosk' || episode.kind === 'crawl';
}

/** The hits of an episode, by time. Truth and calls are both made from this list, and only from it. */
export function hitsOf(world: World, shopper: Shopper, stay: Stay): readonly Hit[] {
  const random = new Random(world.seed, HITS_STREAM, shopper.index, stay.key);
  const draft: Draft = {
    random,
    hits: [],
    at: stay.at,
    end: stay.at + STAY_MS_MAX,
    person: shopper.person,
    userId: undefined,
  };
  switch (stay.kind) {
    case 'visit':
      visit(draft, stay);
      break;
    case 'family':
      evening(draft, stay);
      break;
    case 'kiosk':
      kiosk(draft, stay);
      break;
    case 'crawl':
      crawl(draft, stay);
      break;
  }
  return draft.hits;
}

function visit(draft: Draft, stay: Visit): void {
  const { random } = draft;
  const { brand, account } = stay.relation;
  const user = stay.login ? account?.userId : undefined;
  if (stay.terminal.surface === 'app') draft.userId = user;
  land(draft, 0, stay.touch?.medium === 'email' ? 'Lettre' : 'Accueil', stay.touch);
  if (user !== undefined && (stay.terminal.surface === 'web' || random.chance(0.3))) {
    draft.userId = user;
    add(draft, stay.terminal.surface === 'web' ? 12_000 : 500, 'identify', user);
  }
  if (random.chance(0.35)) search(draft);
  const category = stay.focus?.product.category ?? pickCategory(random, brand).name;
  if (random.chance(0.5)) add(draft, pause(random), 'page', category);
  const views = stay.focus === undefined ? random.between(0, 3) : random.between(1, 4);
  for (let i = 0; i < views; i++) {
    const exact = i === 0 && stay.focus?.exact === true;
    view(draft, exact ? (stay.focus?.product as Product) : otherProduct(random, stay, category));
  }
  if (stay.order !== undefined) checkout(draft, stay);
}

/** Who only looked the category up never sees, in that visit, the very product that is bought later. */
function otherProduct(random: Random, stay: Visit, category: string): Product {
  const product = pickProduct(random, stay.relation.brand, category);
  if (product !== stay.focus?.product || stay.focus.exact) return product;
  const all = catalogueOf(stay.relation.brand).byCategory.get(category) as readonly Product[];
  return all[(all.indexOf(product) + 1) % all.length] as Product;
}

function checkout(draft: Draft, stay: Visit): void {
  const lines = stay.order?.basket.lines ?? [];
  for (const line of lines) {
    view(draft, line.product);
    add(draft, 4000, 'add', line.product.name, line.product, line.quantity);
  }
  add(draft, pause(draft.random), 'page', 'Panier');
  const away = draft.random.between(20_000, 180_000);
  if (stay.order?.couponSite === true) land(draft, away, 'Panier', COUPON_SITE);
  add(draft, pause(draft.random), 'page', 'Confirmation');
}

function evening(draft: Draft, stay: FamilyEvening): void {
  const { random } = draft;
  const brand = stay.relation.brand;
  add(draft, 0, 'page', 'Accueil');
  signIn(draft, stay.relation.account?.userId);
  view(draft, pickProduct(random, brand, pickCategory(random, brand).name));
  add(draft, pause(random), 'sign-out', '');
  draft.userId = undefined;
  // The tablet changes hands: a page by one who has not logged in yet.
  draft.person = stay.partner.person;
  add(draft, 60_000 + pause(random), 'page', 'Accueil');
  signIn(draft, stay.partnerRelation.account?.userId);
  view(draft, pickProduct(random, brand, pickCategory(random, brand).name));
  add(draft, pause(random), 'sign-out', '');
}

function kiosk(draft: Draft, stay: KioskStay): void {
  add(draft, 0, 'page', 'Borne');
  if (stay.login) signIn(draft, stay.relation.account?.userId);
  view(draft, stay.product);
  if (stay.login && draft.random.chance(0.8)) add(draft, pause(draft.random), 'sign-out', '');
}

function crawl(draft: Draft, stay: Crawl): void {
  draft.person = undefined;
  const { random } = draft;
  for (let pages = random.between(4, 14); pages > 0; pages--) {
    add(
      draft,
      1500,
      'page',
      'Produit',
      pickProduct(random, stay.relation.brand, pickCategory(random, stay.relation.brand).name),
    );
  }
}

function signIn(draft: Draft, userId: string | undefined): void {
  if (userId === undefined) return;
  draft.userId = userId;
  add(draft, 8000, 'identify', userId);
  add(draft, 200, 'sign-in', '');
}

function search(draft: Draft): void {
  add(draft, pause(draft.random), 'search', draft.random.pick(SEARCHES));
}

function view(draft: Draft, product: Product): void {
  add(draft, pause(draft.random), 'page', 'Produit', product);
  add(draft, draft.random.between(300, 1200), 'view', product.name, product);
}

/** A page whose address says where from. */
function land(draft: Draft, after: number, text: string, touch: Touch | undefined): void {
  add(draft, after, 'page', text);
  if (touch !== undefined) draft.hits.push({ ...(draft.hits.pop() as Hit), touch });
}

function pause(random: Random): number {
  return 3000 + Math.min(90_000, Math.floor(random.exponential(22_000)));
}

function add(draft: Draft, after: number, type: Hit['type'], text: string, product?: Product, quantity?: number): void {
  draft.at = Math.min(draft.at + after, draft.end);
  const { at, userId, person } = draft;
  draft.hits.push({ at, type, text, product, quantity, userId, person });
}
