import { DAY_MS, type Instant, MINUTE_MS } from '@filrouge/domain/base';
import { FACT_STATUSES, type FactStatus, type Purpose } from '@filrouge/domain/consent';
import type { Source } from '@filrouge/domain/deployment';
import type { IncomingItem, ItemKind } from '@filrouge/domain/event';
import fc from 'fast-check';
import { AM, APP, ATELIER_SERVER, ATELIER_WEB, KIOSK, PRO, SERVER, SM, TILL, WEB } from './example-deployment.ts';
import { at, PipelineWorld } from './pipeline-world.ts';
import { aReceipt, consent, item } from './told-items.ts';

// Three persons and two terminals, so that whatever can meet does: links, shared devices, logouts, noes, separations.

const PERSONS = ['user_id:u1', 'user_id:u2', 'user_id:u3', 'loyalty_card:c1', 'loyalty_card:c2'];
const ADDRESSES = ['email:e1@example.com', 'email:e2@example.com', 'phone:+33639980001'];
const DEVICES = ['anonymous_id:a1', 'anonymous_id:a2', 'device_id:d1'];
export const IDENTIFIERS: readonly string[] = [...PERSONS, ...ADDRESSES, ...DEVICES];

const PURPOSES = [AM, PRO, SM];
const START = at('2026-10-01');
/** When everything is received: all have the same r, so that only their order differs. */
export const RECEIVED = at('2026-11-20T12:00:00');

type Fact =
  | { readonly kind: 'item'; readonly source: Source; readonly item: IncomingItem }
  | {
      readonly kind: 'decision';
      readonly source: Source;
      readonly who: string;
      readonly status: FactStatus;
      readonly purpose: Purpose;
      readonly t: Instant;
    }
  | {
      readonly kind: 'separation';
      readonly a: string;
      readonly b: string;
      readonly stands: boolean;
      readonly id: string;
      readonly t: Instant;
    };

export type History = { readonly items: readonly Fact[]; readonly afterwards: readonly Fact[] };

const instantOf = fc
  .oneof({ weight: 3, arbitrary: fc.nat(120) }, { weight: 1, arbitrary: fc.nat(45 * 24 * 60) })
  .map((minutes) => (START + minutes * MINUTE_MS) as Instant);

const SAID: readonly (readonly [Source, ItemKind])[] = [
  [WEB, 'page'],
  [WEB, 'identify'],
  [APP, 'screen'],
  [APP, 'alias'],
  [SERVER, 'track'],
  [SERVER, 'customer'],
  [SERVER, 'order'],
  [TILL, 'ticket'],
  [KIOSK, 'page'],
  [SERVER, 'call'],
];

function maybe(from: readonly string[], freq = 2): fc.Arbitrary<readonly string[]> {
  return fc.option(fc.constantFrom(...from), { freq, nil: undefined }).map((one) => (one === undefined ? [] : [one]));
}

let made = 0;

const anItem: fc.Arbitrary<Fact> = fc
  .record({
    said: fc.constantFrom(...SAID),
    who: fc.tuple(
      maybe(PERSONS.slice(0, 3)),
      maybe(PERSONS.slice(3), 1),
      maybe(ADDRESSES, 1),
      maybe(DEVICES.slice(0, 2), 4),
      maybe(DEVICES.slice(2), 1),
    ),
    t: instantOf,
    session: fc.constantFrom('login', 'logout', undefined, undefined, undefined),
    city: fc.option(fc.constantFrom('Lyon', 'Nantes', 'Lille'), { nil: undefined }),
    bot: fc.nat(9).map((n) => n === 0),
    previous: fc.option(fc.constantFrom(...IDENTIFIERS), { nil: undefined }),
  })
  .map(({ said: [source, kind], who, t, session, city, bot, previous }): Fact => {
    made += 1;
    const receipt = kind === 'ticket' || kind === 'order' ? { receipt: aReceipt(`R-${made}`, { kind }) } : {};
    const told = {
      messageId: `said-${made}`,
      t,
      ...(session === undefined || kind === 'customer' ? {} : { session: session as 'login' | 'logout' }),
      ...(city === undefined ? {} : { traits: { city } }),
      ...(bot ? { marks: ['bot' as const] } : {}),
      ...(kind === 'alias' && previous !== undefined ? { previous } : {}),
      ...receipt,
    };
    return { kind: 'item', source, item: item(kind, who.flat(), told) };
  });

const aDecision: fc.Arbitrary<Fact> = fc
  .record({
    who: fc.constantFrom(...IDENTIFIERS),
    status: fc.constantFrom(...FACT_STATUSES.filter((status) => status !== 'objected')),
    purpose: fc.constantFrom(...PURPOSES),
    t: fc
      .uniqueArray(fc.nat(100_000), { minLength: 1, maxLength: 1 })
      .map(([ms = 0]) => (START + 20 * DAY_MS + ms) as Instant),
  })
  .map((said): Fact => ({ kind: 'decision', source: SERVER, ...said }));

const aSeparation: fc.Arbitrary<Fact> = fc
  .record({
    pair: fc.uniqueArray(fc.constantFrom(...PERSONS, ...ADDRESSES), { minLength: 2, maxLength: 2 }),
    stands: fc.boolean(),
    t: instantOf,
  })
  .map(({ pair: [a = '', b = ''], stands, t }): Fact => {
    made += 1;
    return { kind: 'separation', a, b, stands, id: `sep-${made}`, t };
  });

export function histories(itemsMax = 14): fc.Arbitrary<History> {
  return fc.record({
    items: fc
      .tuple(
        fc.array(anItem, { minLength: 1, maxLength: itemsMax, size: 'max' }),
        fc.array(aSeparation, { maxLength: 2 }),
      )
      .map(([items, separations]) => [...items, ...separations]),
    afterwards: fc.array(aDecision, { maxLength: 5, size: 'max' }),
  });
}

/** The same facts in another order. */
export function shuffled(facts: readonly Fact[], seed: number): readonly Fact[] {
  const order = facts.map((fact, at) => [Math.imul(seed + at * 7919, 2654435761) >>> 0, fact] as const);
  return order.sort(([a], [b]) => a - b).map(([, fact]) => fact);
}

/** Everybody has said yes to everything, before anything happened: then the verdict is the same in any order (S3). */
async function worldOfYes(): Promise<PipelineWorld> {
  const world = new PipelineWorld();
  const t = (START - DAY_MS) as Instant;
  for (const source of [SERVER, ATELIER_SERVER]) {
    const consents = IDENTIFIERS.map((who) => consent(source, [who], 'given', PURPOSES, { at: t }));
    await world.send(source, t, [], { consents });
  }
  world.now = RECEIVED;
  return world;
}

export type Telling = {
  /** Facts between two rounds of the projector; absent = it runs once, at the end. */
  readonly drainEvery?: number;
  /** Items of one request, where they follow each other from one source. */
  readonly batch?: number;
  /** Every request is sent twice. */
  readonly twice?: boolean;
  /** One that was told something already; absent = a fresh one. */
  readonly world?: PipelineWorld;
};

/** Tells a history; everything is projected afterwards. */
export async function tell(facts: readonly Fact[], telling: Telling = {}): Promise<PipelineWorld> {
  const world = telling.world ?? (await worldOfYes());
  const { drainEvery = Number.POSITIVE_INFINITY, batch = 1, twice = false } = telling;
  let told = 0;
  for (const group of grouped(facts, batch)) {
    await tellGroup(world, group);
    if (twice) await tellGroup(world, group);
    told += group.length;
    if (told % drainEvery < group.length && told >= drainEvery) await world.projector.drain();
  }
  await world.projector.drain();
  return world;
}

function grouped(facts: readonly Fact[], size: number): readonly (readonly Fact[])[] {
  const groups: Fact[][] = [];
  for (const fact of facts) {
    const last = groups.at(-1);
    const before = last?.at(-1);
    const joins =
      last !== undefined &&
      last.length < size &&
      fact.kind === 'item' &&
      before?.kind === 'item' &&
      before.source === fact.source;
    if (joins) last.push(fact);
    else groups.push([fact]);
  }
  return groups;
}

async function tellGroup(world: PipelineWorld, group: readonly Fact[]): Promise<void> {
  const [first] = group;
  if (first === undefined) return;
  switch (first.kind) {
    case 'item': {
      const items = group.flatMap((fact) => (fact.kind === 'item' ? fact.item : []));
      await world.send(first.source, RECEIVED, items);
      return;
    }
    case 'decision': {
      const { source, who, status, purpose, t } = first;
      await world.decide(source, [who], status, [purpose], { at: t, received: RECEIVED });
      return;
    }
    case 'separation': {
      const { a, b, stands, id, t } = first;
      const separation = { a: world.node(a), b: world.node(b), stands, id, t, by: 'dana', reason: 'two customers' };
      await world.separate(SERVER.brand, separation);
    }
  }
}

/** What everybody may see of a world, without the numbers that order of arrival gives: the same for the same facts. */
export async function seen(world: PipelineWorld, names: readonly string[] = IDENTIFIERS): Promise<object> {
  const nameOf = new Map(IDENTIFIERS.map((name) => [world.id(name), name]));
  const rows = await world.reading.nodes(names.map((name) => world.id(name)));
  const shown: Record<string, object> = {};
  for (const { node, component, blocked } of rows) {
    const name = nameOf.get(node.id) ?? '';
    const members = component === undefined ? [] : await world.reading.members([component]);
    const timelines: Record<string, readonly string[]> = {};
    const statuses: Record<string, string> = {};
    const rowsOf: Record<string, number> = {};
    for (const purpose of PURPOSES) {
      timelines[purpose.id] = await world.timeline(name, purpose, RECEIVED);
      statuses[purpose.id] = await world.status(name, purpose, RECEIVED);
      rowsOf[purpose.id] = await world.rows(name, purpose, 'aggregate', RECEIVED);
    }
    shown[name] = {
      blocked,
      members: members.map(({ node: { id } }) => nameOf.get(id) ?? '').sort((a, b) => (a < b ? -1 : 1)),
      timelines,
      statuses,
      rowsOf,
      traits: await world.traits(name, PRO, RECEIVED),
    };
  }
  return Object.fromEntries(Object.entries(shown).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The life of another brand with the same names. */
export async function tellOtherBrand(world: PipelineWorld, facts: readonly Fact[]): Promise<void> {
  for (const fact of facts) {
    if (fact.kind !== 'item') continue;
    const source = fact.source.kind === 'server' ? ATELIER_SERVER : ATELIER_WEB;
    await world.send(source, RECEIVED, [fact.item]);
  }
  await world.projector.drain();
}
