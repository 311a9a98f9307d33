import { type BrandKey, brandOf } from './brands.ts';
import { iso } from './calls.ts';
import { counterId, tillIdentity } from './csv.ts';
import type { Decision } from './decision.ts';
import type { Plan, Purchase, Refund, Visit } from './episode.ts';
import { confirmedAt } from './expand.ts';
import { type Hit, hitsOf, isStay, type Stay } from './hits.ts';
import { type Lags, lagTo } from './ropo-truth.ts';
import type { Relation, Shopper, Terminal } from './shopper.ts';
import { sightOf } from './terminal-sight.ts';
import type { World } from './world.ts';

/** What one person truly did with one brand. */
export type BrandLife = {
  readonly brand: BrandKey;
  /** Instants of all hits on site and app, ascending; a shop's tablet is no online visit. */
  readonly visits: readonly number[];
  readonly views: readonly View[];
  /** Whether a report can see what was done on a terminal at an instant; a terminal that it knows nothing of is not in it. */
  readonly sights: ReadonlyMap<Terminal, (at: number) => boolean>;
  readonly acts: readonly Act[];
  readonly receipts: readonly (Purchase | Refund)[];
  readonly orders: readonly { readonly at: number; readonly visit: Visit }[];
};

export type PersonLife = {
  readonly shopper: Shopper;
  readonly lives: readonly BrandLife[];
  readonly terminals: readonly SeenTerminal[];
};
export type SeenTerminal = { readonly brand: BrandKey; readonly terminal: Terminal; readonly shared: boolean };

type Act = { readonly at: number; readonly terminal: Terminal };
type View = Act & { readonly sku: string; readonly category: string };

type Draft = {
  readonly acts: Act[];
  readonly views: View[];
  /** Instants of logins by terminal; a shared one is not in it. */
  readonly logins: Map<Terminal, number[]>;
  readonly receipts: (Purchase | Refund)[];
  readonly orders: { readonly at: number; readonly visit: Visit }[];
};

/** The lives of the two neighbours 2h and 2h+1, whose plans may share a tablet. */
export function livesOf(world: World, plans: readonly [Plan, Plan]): readonly [PersonLife, PersonLife] {
  const drafts = plans.map(() => new Map<BrandKey, Draft>());
  const terminals: Map<string, SeenTerminal>[] = plans.map(() => new Map());
  const rankOf = (person: string | undefined) => plans.findIndex((plan) => plan.shopper.person === person);
  for (const [rank, plan] of plans.entries()) {
    for (const episode of plan.episodes) {
      const own = draftOf(drafts[rank], episode.relation.brand);
      if (episode.kind === 'purchase' || episode.kind === 'refund') own.receipts.push(episode);
      if (!isStay(episode) || episode.kind === 'kiosk') continue;
      const hits = hitsOf(world, plan.shopper, episode);
      noteHits(episode, hits, rankOf, drafts, terminals);
      if (episode.kind === 'visit' && episode.order !== undefined) {
        own.orders.push({ at: confirmedAt(world, plan.shopper, episode), visit: episode });
      }
    }
  }
  return plans.map((plan, rank) => ({
    shopper: plan.shopper,
    lives: [...(drafts[rank] ?? [])].map(([brand, draft]) => closeDraft(world, brand, draft)),
    terminals: [...(terminals[rank]?.values() ?? [])],
  })) as unknown as readonly [PersonLife, PersonLife];
}

function draftOf(drafts: Map<BrandKey, Draft> | undefined, brand: BrandKey): Draft {
  const known = drafts?.get(brand);
  if (known !== undefined) return known;
  const fresh: Draft = { acts: [], views: [], logins: new Map(), receipts: [], orders: [] };
  drafts?.set(brand, fresh);
  return fresh;
}

function noteHits(
  stay: Exclude<Stay, { kind: 'kiosk' }>,
  hits: readonly Hit[],
  rankOf: (person: string | undefined) => number,
  drafts: readonly Map<BrandKey, Draft>[],
  terminals: readonly Map<string, SeenTerminal>[],
): void {
  const { brand } = stay.relation;
  for (const hit of hits) {
    const rank = rankOf(hit.person);
    if (rank < 0) continue;
    const draft = draftOf(drafts[rank], brand);
    const { terminal } = stay;
    draft.acts.push({ at: hit.at, terminal });
    if (stay.kind === 'visit') noteLogin(draft, terminal, hit);
    if (hit.type === 'view' && hit.product !== undefined) {
      draft.views.push({ at: hit.at, terminal, sku: hit.product.sku, category: hit.product.category });
    }
    terminals[rank]?.set(stay.terminal.anonymousId, { brand, terminal: stay.terminal, shared: stay.kind === 'family' });
  }
}

function noteLogin(draft: Draft, terminal: Terminal, { at, userId }: Hit): void {
  const logins = draft.logins.get(terminal) ?? [];
  if (userId !== undefined) logins.push(at);
  draft.logins.set(terminal, logins);
}

function closeDraft(world: World, brand: BrandKey, draft: Draft): BrandLife {
  const { acts, views, logins, receipts, orders } = draft;
  acts.sort((a, b) => a.at - b.at);
  views.sort((a, b) => a.at - b.at);
  const sights = new Map([...logins].map(([terminal, times]) => [terminal, sightOf(world, terminal, times)]));
  return { brand, visits: acts.map(({ at }) => at), acts, views, sights, receipts, orders };
}

/** What went before a sale in the person's life with the brand. */
export function lagsOf(life: BrandLife, sale: Purchase): Lags {
  const skus = new Set(sale.basket.lines.map((line) => line.product.sku));
  const categories = new Set(sale.basket.lines.map((line) => line.product.category));
  const before = (test: (view: BrandLife['views'][number]) => boolean) =>
    lagTo(
      life.views.filter(test).map((view) => view.at),
      sale.at,
    );
  return {
    visit: lagTo(life.visits, sale.at),
    product: before((view) => skus.has(view.sku)),
    category: before((view) => categories.has(view.category)),
  };
}

/**
 * The same as a report can see it, for a sale that it can join with something: the buyer is named, and one of their
 * terminals can be seen. Undefined for any other: that its research is not seen is in the bounds of the report.
 */
export function seenLagsOf(shopper: Shopper, life: BrandLife, sale: Purchase): Lags | undefined {
  if (sale.typo || !tillIdentity(shopper, sale.relation, sale).names) return undefined;
  const isSeen = ({ at, terminal }: Act) => life.sights.get(terminal)?.(at) === true;
  if (!life.acts.some(isSeen)) return undefined;
  const acts = life.acts.filter(isSeen);
  return lagsOf({ ...life, visits: acts.map(({ at }) => at), views: life.views.filter(isSeen) }, sale);
}

/** The lag from the last store purchase to an order. */
export function storeLag(life: BrandLife, orderedAt: number): number | undefined {
  const sales = life.receipts.filter((receipt) => receipt.kind === 'purchase').map((receipt) => receipt.at);
  return lagTo(
    sales.sort((a, b) => a - b),
    orderedAt,
  );
}

/** The groups in which a sale is counted: all, its brand, store and categories, and among the identified. */
export function groupsOf(shopper: Shopper, sale: Purchase): readonly string[] {
  const brand = brandOf(sale.relation.brand).id;
  const categories = [...new Set(sale.basket.lines.map((line) => line.product.category))];
  const groups = [
    'all',
    `brand:${brand}`,
    `store:${sale.store.id}`,
    ...categories.map((name) => `category:${brand}:${name}`),
  ];
  if (tillIdentity(shopper, sale.relation, sale).names) groups.push('identified', `identified:${brand}`);
  return groups;
}

/** One line of `truth.ndjson`: a person, everything that names them, what they bought. */
export function personLine(life: PersonLife): string {
  const { shopper } = life;
  const line = {
    person: shopper.person,
    segment: shopper.segment,
    ...(shopper.household === undefined ? {} : { household: `P${String(shopper.household.partner).padStart(7, '0')}` }),
    identifiers: shopper.relations
      .flatMap((relation) => identifiersOf(shopper, relation))
      .concat(life.terminals.flatMap(terminalIdentifiers)),
    permitted: [...shopper.relations.flatMap(personChoices), ...life.terminals.flatMap(terminalChoices)],
    hits: life.lives.reduce((sum, each) => sum + each.visits.length, 0),
    receipts: life.lives.flatMap((each) => each.receipts.map((receipt) => receiptTruth(each, receipt))),
    orders: life.lives.flatMap((each) =>
      each.orders.map(({ at, visit }) => ({
        number: visit.order?.number,
        brand: brandOf(each.brand).id,
        at: iso(at),
        totalMinor: visit.order?.basket.totalMinor,
        afterStoreMs: storeLag(each, at) ?? null,
      })),
    ),
  };
  return `${JSON.stringify(line)}\n`;
}

type TrueChoice = { readonly brand: string; readonly by: string; readonly purposes: Decision['statuses'] };

/** What stood at the end of the history, purpose by purpose: of the account, and of the card where it is another's word. */
function personChoices({ brand, account, card }: Relation): readonly TrueChoice[] {
  return [
    ...choiceOf(brand, account?.userId ?? '', account?.decisions ?? []),
    ...choiceOf(brand, card?.number ?? '', card?.decisions ?? []),
  ];
}

function terminalChoices({ brand, terminal }: SeenTerminal): readonly TrueChoice[] {
  return choiceOf(brand, terminal.anonymousId, terminal.decisions);
}

function choiceOf(brand: BrandKey, by: string, decisions: readonly Decision[]): readonly TrueChoice[] {
  if (decisions.length === 0) return [];
  const inOrder = [...decisions].sort((a, b) => a.indicatedAt - b.indicatedAt);
  return [{ brand: brandOf(brand).id, by, purposes: Object.assign({}, ...inOrder.map(({ statuses }) => statuses)) }];
}

function receiptTruth(life: BrandLife, receipt: Purchase | Refund) {
  const base = {
    id: receipt.ticketId,
    type: receipt.kind === 'purchase' ? 'sale' : 'refund',
    brand: brandOf(life.brand).id,
    at: iso(receipt.at),
    totalMinor: receipt.basket.totalMinor,
  };
  if (receipt.kind === 'refund') return base;
  const { visit = null, product = null, category = null } = lagsOf(life, receipt);
  const { identification, typo, cause } = receipt;
  return {
    ...base,
    identification,
    ...(typo ? { typo } : {}),
    ...(cause === undefined ? {} : { cause }),
    lagMs: { visit, product, category },
  };
}

type TrueIdentifier = {
  readonly brand: string;
  readonly namespace: string;
  readonly value: string;
  readonly shared?: true;
};

function identifiersOf(shopper: Shopper, relation: Relation): readonly TrueIdentifier[] {
  const brand = brandOf(relation.brand).id;
  const { account, card } = relation;
  const found: TrueIdentifier[] = [{ brand, namespace: 'email', value: shopper.email }];
  if (account !== undefined) found.push({ brand, namespace: 'user_id', value: account.userId });
  if (card !== undefined) found.push({ brand, namespace: 'loyalty_card', value: card.number });
  if (card !== undefined && !(card.linked && account !== undefined)) {
    found.push({ brand, namespace: 'user_id', value: counterId(shopper, relation) });
  }
  if (shopper.phone !== undefined) {
    const shared = shopper.household?.sharesPhone === true ? { shared: true as const } : {};
    found.push({ brand, namespace: 'phone', value: shopper.phone, ...shared });
  }
  return found;
}

function terminalIdentifiers({ brand, terminal, shared }: SeenTerminal): readonly TrueIdentifier[] {
  const where = { brand: brandOf(brand).id, ...(shared ? { shared: true as const } : {}) };
  const found: TrueIdentifier[] = [{ ...where, namespace: 'anonymous_id', value: terminal.anonymousId }];
  if (terminal.deviceId !== undefined) found.push({ ...where, namespace: 'device_id', value: terminal.deviceId });
  return found;
}
