import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../base/instant.ts';
import { firstLinks } from './canonical-order.ts';
import { firstDeviceLinks } from './device-groups.ts';
import type { ItemEvidence } from './evidence-of.ts';
import type { IdentityFacts } from './identity-fact.ts';
import { IDENTITY_LIMITS } from './identity-limits.ts';
import type { NodeId } from './node.ts';
import { threadOf } from './node.ts';
import { personOfThread } from './person-id.ts';
import { resolveIdentity } from './resolve-identity.ts';
import { type Persons, resolvePersons } from './resolve-persons.ts';
import {
  factsOf,
  firstSeenIn,
  item,
  link,
  n,
  partitionOf,
  resolved,
  separation,
  spansOf,
} from './testing/example-identity.ts';
import {
  history,
  separations,
  shuffledWithRepeats,
  type ToldItem,
  told,
  UNIVERSE,
  universe,
} from './testing/identity-universe.ts';
import { indexThreadMap, personAt, type ThreadMapEntry } from './thread-map.ts';

/** Limits small enough for a few dozen items to reach them, beside the real ones. */
const limits = fc.constantFrom(IDENTITY_LIMITS, {
  ...IDENTITY_LIMITS,
  perPerson: { user_id: 1, loyalty_card: 2, email: 2, phone: 1 },
  identifiersMax: 5,
  mergesMax: 1,
  loginsPerValueMax: 2,
});
const RUNS = { numRuns: 300 };

function itemsOf(told_: readonly ToldItem[], salt = ''): readonly ItemEvidence[] {
  return told_.map((each) => told(each, salt));
}

describe('S13: equality of results means equality of the partition', () => {
  test('any order and any repetition of the same facts give the same persons, spans and map (invariant 2)', () => {
    const histories = history(UNIVERSE).chain((told_) =>
      fc.record({ told: fc.constant(told_), again: shuffledWithRepeats(told_), apart: separations(UNIVERSE), limits }),
    );
    fc.assert(
      fc.property(histories, ({ told: told_, again, apart, limits: limit }) => {
        const firstSeen = firstSeenIn(itemsOf(told_));
        const once = resolveIdentity(factsOf(itemsOf(told_), apart), firstSeen, limit);
        const other = resolveIdentity(factsOf(itemsOf(again), [...apart].reverse()), firstSeen, limit);
        expect(other.persons).toEqual(once.persons);
        expect(spansOf(other.timelines)).toEqual(spansOf(once.timelines));
        expect(other.threads).toEqual(once.threads);
      }),
      RUNS,
    );
  });

  test('facts compacted for a store resolve as the facts themselves', () => {
    fc.assert(
      fc.property(history(UNIVERSE), separations(UNIVERSE), limits, (told_, apart, limit) => {
        const facts = factsOf(itemsOf(told_), apart);
        const kept: IdentityFacts = {
          ...facts,
          links: [...firstLinks(facts.links)].reverse(),
          deviceLinks: [...firstDeviceLinks(facts.deviceLinks)].reverse(),
        };
        const firstSeen = firstSeenIn(itemsOf(told_));
        const [all, compact] = [facts, kept].map((each) => resolveIdentity(each, firstSeen, limit));
        expect(compact?.persons).toEqual(all?.persons);
        expect(compact?.threads).toEqual(all?.threads);
      }),
      RUNS,
    );
  });
});

describe('S13: what never happens', () => {
  test('no person holds two user ids, or more of a kind than the limits allow', () => {
    fc.assert(
      fc.property(history(UNIVERSE, 80), limits, (told_, limit) => {
        for (const { nodes } of resolvePersons(factsOf(itemsOf(told_)), limit).clusters) {
          for (const [namespace, max] of Object.entries(limit.perPerson)) {
            expect(nodes.filter((node) => node.namespace === namespace).length).toBeLessThanOrEqual(max ?? 0);
          }
          expect(nodes.length).toBeLessThanOrEqual(limit.identifiersMax);
        }
      }),
      RUNS,
    );
  });

  test('what public keys say joins nothing, parts nothing, and takes nothing proven away (S11)', () => {
    const forged = history(universe('x', ['web', 'app']), 40);
    fc.assert(
      fc.property(history(universe('x', ['server', 'store'])), forged, limits, (trusted, web, limit) => {
        const known = resolvePersons(factsOf(itemsOf(trusted)), limit);
        const all = resolvePersons(factsOf([...itemsOf(trusted), ...itemsOf(web)]), limit);
        const joined = (persons: Persons) => partitionOf(persons).filter((nodes) => nodes.includes(' '));
        expect(joined(all)).toEqual(joined(known));
      }),
      RUNS,
    );
  });

  test('separated identifiers are never one person', () => {
    fc.assert(
      fc.property(history(UNIVERSE), separations(UNIVERSE, 8), (told_, apart) => {
        const facts = factsOf(itemsOf(told_), apart);
        const { byNode } = resolvePersons(facts);
        for (const { a, b } of apart) {
          const last = apart.filter((each) => [each.a.id, each.b.id].sort().join() === [a.id, b.id].sort().join());
          const latest = [...last].sort((x, y) => x.t - y.t || (x.id < y.id ? -1 : 1)).at(-1);
          if (a.id === b.id || latest?.stands !== true || !byNode.has(a.id)) continue;
          expect(byNode.get(a.id)).not.toBe(byNode.get(b.id));
        }
      }),
      RUNS,
    );
  });

  test('kiosk and shared-device traffic: no cluster and no span of a device holds two logins (invariant 12)', () => {
    const visitor = fc.record({
      user: fc.nat(7),
      email: fc.nat(3),
      at: fc.nat(5_000),
      kiosk: fc.boolean(),
      secret: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(visitor, { maxLength: 40, size: 'max' }), (visitors) => {
        const items = visitors.map(({ user, email, at, kiosk, secret }) =>
          item(at, [`user_id:${user}`, `email:${email}`, 'device_id:tablet'], {
            sourceKind: secret ? 'server' : 'app',
            kiosk,
          }),
        );
        const example = resolved(items);
        for (const { nodes } of example.identity.persons.clusters) {
          expect(nodes.filter((node) => node.namespace === 'user_id').length).toBeLessThanOrEqual(1);
        }
        const kiosk = visitors.some((each) => each.kiosk) || new Set(visitors.map((each) => each.user)).size > 5;
        if (!kiosk) return;
        for (const { spans } of example.identity.timelines) {
          expect(spans.every((span) => span.owner === 'anonymous')).toBe(true);
        }
      }),
      RUNS,
    );
  });
});

type Act = { readonly after: number; readonly act: 'login' | 'logout' | 'page' | 'named'; readonly user: number };

type Page = {
  readonly at: number;
  readonly by: string | undefined;
  next?: { readonly user: string; readonly at: number } | 'nobody';
};
type Life = {
  readonly items: readonly ItemEvidence[];
  readonly pages: readonly Page[];
  readonly sightings: readonly { readonly user: string; readonly at: number }[];
};

/** What truly happened on one device: who was signed in at each anonymous page, and who signed in next. */
function lived(acts: readonly Act[]): Life {
  const items: ItemEvidence[] = [];
  const pages: Page[] = [];
  const sightings: { user: string; at: number }[] = [];
  let at = 0;
  let by: string | undefined;
  for (const { after, act, user } of acts) {
    at += after;
    const web = { sourceKind: 'web', messageId: `m${at}` } as const;
    if (act === 'login') by = `user_id:${user}`;
    if (act === 'login' || (act === 'named' && by !== undefined)) {
      const person = by ?? '';
      for (const page of pages) page.next ??= { user: person, at };
      sightings.push({ user: person, at });
      items.push(item(at, [person, 'anonymous_id:a'], web));
    } else if (act === 'logout') {
      by = undefined;
      for (const page of pages) page.next ??= 'nobody';
      items.push(item(at, ['anonymous_id:a'], { ...web, session: 'logout' }));
    } else pages.push({ at, by });
  }
  return { items, pages, sightings };
}

describe('invariant 12: a shared device', () => {
  test('no anonymous page of one person is attached to another, in whatever order the facts arrive', () => {
    const acts = fc.array(
      fc.record({
        after: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 200_000 })),
        act: fc.constantFrom('login', 'logout', 'page', 'page', 'named'),
        user: fc.nat(2),
      }),
      { maxLength: 25, size: 'max' },
    ) as fc.Arbitrary<readonly Act[]>;
    const lives = acts.map(lived).chain((life) => shuffledWithRepeats(life.items).map((items) => ({ ...life, items })));
    let attached = 0;
    fc.assert(
      fc.property(lives, ({ items, pages, sightings }) => {
        const example = resolved(items);
        const users = [0, 1, 2].map((user) => `user_id:${user}`);
        for (const { at, by, next } of pages) {
          const person = example.personAt('anonymous_id:a', at);
          const whose = users.find((user) => personOfThread(threadOf(n(user).id)) === person);
          if (whose === undefined) continue;
          attached += 1;
          const login = next === undefined || next === 'nobody' ? { user: 'nobody', at } : next;
          const others = sightings.filter(
            (each) => each.user !== whose && Math.abs(each.at - login.at) <= 90 * 24 * 60,
          );
          expect(whose).toBe(by ?? login.user);
          expect(by === undefined ? others : []).toEqual([]);
        }
      }),
      RUNS,
    );
    expect(attached).toBeGreaterThan(100);
  });

  test('the past of a login is not claimed on a device that saw somebody else within 90 days', () => {
    const gap = fc.integer({ min: 61, max: 120 * 24 * 60 });
    fc.assert(
      fc.property(gap, gap, (first, second) => {
        const web = { sourceKind: 'web' } as const;
        const example = resolved([
          item(0, ['user_id:u', 'anonymous_id:a'], web),
          item(first, ['anonymous_id:a'], { ...web, session: 'logout' }),
          item(first + second, ['user_id:v', 'anonymous_id:a'], web),
        ]);
        const person = example.personAt('anonymous_id:a', first + second - 1);
        const shared = (first + second) * MINUTE_MS <= 90 * DAY_MS;
        expect(person === personOfThread(threadOf(n('user_id:v').id))).toBe(!shared);
      }),
      RUNS,
    );
  });
});

describe('un-merge', () => {
  const noBlocking = { ...IDENTITY_LIMITS, loginsPerValueMax: 1_000 };
  const persons = fc.constantFrom(...UNIVERSE.identifiers.slice(0, 4).flat());

  test('a separation gives back both sides as if the link between them had never been; taking it back merges again', () => {
    const [left, right] = [universe('l', ['server', 'store', 'web']), universe('r', ['server', 'store', 'web'])];
    const pair = fc.tuple(persons, persons).map(([a, b]) => [a.replace('x', 'l'), b.replace('x', 'r')] as const);
    let parted = 0;
    fc.assert(
      fc.property(history(left, 20), history(right, 20), pair, fc.nat(200_000), (one, two, [a, b], at) => {
        const facts = factsOf(itemsOf([...one, ...two]));
        const bridge = link(at, a, b);
        const alone = [link(at, a, a), link(at, b, b)];
        const before = partitionOf(resolvePersons({ ...facts, links: [...facts.links, bridge] }, noBlocking));
        const never = partitionOf(resolvePersons({ ...facts, links: [...facts.links, ...alone] }, noBlocking));
        const apart = [separation(at + 1, b, a)];
        const split = resolvePersons({ links: [...facts.links, bridge], separations: apart }, noBlocking);
        const undone = [...apart, separation(at + 2, a, b, false)];
        const again = resolvePersons({ links: [...facts.links, bridge], separations: undone }, noBlocking);
        if (before.length !== never.length) parted += 1;
        const named = new Set([n(a).id, n(b).id, ...facts.links.flatMap((each) => [each.a.id, each.b.id])]);
        expect(restricted(partitionOf(split), named)).toEqual(restricted([...never, n(a).id, n(b).id], named));
        expect(partitionOf(again)).toEqual(before);
      }),
      RUNS,
    );
    expect(parted).toBeGreaterThan(50);
  });
});

/** A partition over some nodes; a node listed alone and within a cluster is in the cluster. */
function restricted(partition: readonly string[], nodes: ReadonlySet<NodeId>): readonly string[] {
  const clusters = partition.filter((cluster) => cluster.split(' ').some((id) => nodes.has(id as NodeId)));
  const within = new Set(clusters.filter((cluster) => cluster.includes(' ')).flatMap((cluster) => cluster.split(' ')));
  return [...new Set(clusters)].filter((cluster) => cluster.includes(' ') || !within.has(cluster)).sort();
}

describe('invariant 24: metamorphic', () => {
  test('an unrelated person leaves everything else equal', () => {
    fc.assert(
      fc.property(history(UNIVERSE), history(universe('other', ['server', 'web']), 15), (told_, others) => {
        const firstSeen = firstSeenIn([...itemsOf(others), ...itemsOf(told_)]);
        const alone = resolveIdentity(factsOf(itemsOf(told_)), firstSeen);
        const both = resolveIdentity(factsOf([...itemsOf(others), ...itemsOf(told_)]), firstSeen);
        const theirs = resolveIdentity(factsOf(itemsOf(others)), firstSeen);
        expect([...partitionOf(alone.persons), ...partitionOf(theirs.persons)].sort()).toEqual(
          partitionOf(both.persons),
        );
        const lines = (entries: readonly ThreadMapEntry[]) => entries.map((entry) => JSON.stringify(entry)).sort();
        expect(lines([...alone.threads, ...theirs.threads])).toEqual(lines(both.threads));
      }),
      RUNS,
    );
  });

  test('renaming every identifier changes nothing but the names', () => {
    const names = UNIVERSE.identifiers.flat();
    // An alias puts two identifiers of a kind into one item, and only their hashes say which of them is taken first.
    const plainItems = history(UNIVERSE).map((all) => all.filter((each) => each.previous === undefined));
    fc.assert(
      fc.property(plainItems, fc.constantFrom('a', 'b', 'c', 'd'), (told_, salt) => {
        const [plain, renamed] = ['', salt].map((each) => {
          const items = itemsOf(told_, each);
          const index = indexThreadMap(resolveIdentity(factsOf(items), firstSeenIn(items)).threads);
          return labels(names.flatMap((name) => told_.map((at) => personAt(index, threadOf(n(name, each).id), at.t))));
        });
        expect(renamed).toEqual(plain);
      }),
      RUNS,
    );
  });
});

/** Equal values by the same number, in the order of their first appearance; nobody stays nobody. */
function labels(values: readonly string[]): readonly number[] {
  const known = new Map<string, number>([['0', 0]]);
  return values.map((value) => {
    const label = known.get(value) ?? known.size;
    known.set(value, label);
    return label;
  });
}
