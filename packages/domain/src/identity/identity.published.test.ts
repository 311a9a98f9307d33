import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { describePublished } from '../../../../tools/published/data.ts';
import type { ItemEvidence } from './evidence-of.ts';
import type { Namespace } from './identifier.ts';
import { IDENTITY_LIMITS, type IdentityLimits } from './identity-limits.ts';
import type { Node } from './node.ts';
import { threadOf } from './node.ts';
import { compareNodes } from './node-order.ts';
import { type ResolvedIdentity, resolveIdentity } from './resolve-identity.ts';
import { resolvePersons } from './resolve-persons.ts';
import { factsOf, firstSeenIn, link, minute, n, nodeOf, partitionOf, spansOf } from './testing/example-identity.ts';
import { indexThreadMap, personAt } from './thread-map.ts';

type Event = Readonly<Record<string, string>>;
type PublishedCase = {
  readonly name: string;
  readonly event?: Event;
  readonly events?: readonly Event[] | 'any';
  readonly limits?: Readonly<Partial<Record<Namespace | '*', number>>>;
};
type Published = {
  readonly defaults: {
    readonly limit: Readonly<Record<string, number>>;
    readonly blocked: readonly string[];
    readonly max_merges_per_profile: number;
    readonly max_mappings_per_profile: number;
  };
  readonly cases: readonly PublishedCase[];
};

/** Segment's names of identifiers -> ours: what it calls ios.id and android.id is an app installation. */
function namespaceOf(name: string): Namespace {
  return name.endsWith('.id') ? 'device_id' : (name as Namespace);
}

describePublished('identity-rules', "Segment's worked cases of identity resolution, and two laws of ours", (folder) => {
  const text = readFileSync(path.join(folder, 'segment_cases.json'), 'utf8');
  const { defaults, cases } = JSON.parse(text) as Published;
  const blocked = defaults.blocked.map((pattern) => new RegExp(pattern === '^[0-]*$' ? pattern : `^${pattern}$`));

  /** Segment's limits in place of ours; a value is never blocked by frequency there. */
  const segment: IdentityLimits = {
    ...IDENTITY_LIMITS,
    perPerson: { user_id: defaults.limit['user_id'] ?? 1, email: defaults.limit['*'] ?? 5 },
    identifiersMax: defaults.max_mappings_per_profile,
    mergesMax: defaults.max_merges_per_profile,
    loginsPerValueMax: Number.POSITIVE_INFINITY,
  };

  function eventsOf(name: string): readonly Event[] {
    const found = cases.find((each) => each.name === name);
    if (found === undefined) throw new Error(`the published cases no longer hold ${name}`);
    return Array.isArray(found.events) ? found.events : found.event === undefined ? [] : [found.event];
  }

  /** A minute apart, said by a server: Segment has no notion of an unverified link. */
  function itemsOf(events: readonly Event[]): readonly ItemEvidence[] {
    return events.map((event, at) => ({
      nodes: Object.entries(event)
        .filter(([, value]) => !blocked.some((pattern) => pattern.test(value)))
        .map(([name, value]) => nodeOf(namespaceOf(name), value))
        .sort(compareNodes),
      sourceKind: 'server',
      kiosk: false,
      kind: 'track',
      t: minute(at),
      messageId: `m${at}`,
    }));
  }

  function resolve(items: readonly ItemEvidence[], limits = segment): ResolvedIdentity {
    return resolveIdentity(factsOf(items), firstSeenIn(items), limits);
  }

  /** The person of each event's own row, by its strongest identifier and its time. */
  function personsOf(items: readonly ItemEvidence[], identity: ResolvedIdentity): readonly string[] {
    const index = indexThreadMap(identity.threads);
    return items.map(({ nodes, t }) => personAt(index, threadOf((nodes[0] as Node).id), t));
  }

  test('create: one new profile with both identifiers', () => {
    const items = itemsOf(eventsOf('create'));
    const { timelines, threads } = resolve(items);
    expect(timelines.map(({ group }) => group.devices)).toEqual([items[0]?.nodes]);
    const index = indexThreadMap(threads);
    const persons = (items[0]?.nodes ?? []).map((node) => personAt(index, threadOf(node.id), minute(9)));
    expect(new Set(persons).size).toBe(1);
  });

  test('anonymous to known to cross-device to cross-app: one profile, with each identifier', () => {
    const items = itemsOf(eventsOf('anonymous_to_known_to_cross_device_to_cross_app'));
    const identity = resolve(items);
    expect(new Set(personsOf(items, identity)).size).toBe(1);
    const index = indexThreadMap(identity.threads);
    const persons = items.flatMap(({ nodes }) => nodes.map((node) => personAt(index, threadOf(node.id), minute(9))));
    expect(new Set(persons).size).toBe(1);
    expect(new Set(items.flatMap(({ nodes }) => nodes.map((node) => node.id))).size).toBe(6);
  });

  test('limit and demotion: two profiles, the e-mail stays on the first', () => {
    const items = itemsOf(eventsOf('limit_and_priority_demotion'));
    const { persons } = resolve(items);
    expect(persons.clusters).toHaveLength(2);
    expect(persons.byNode.get(nodeOf('email', 'jane@example1.com').id)).toBe(
      persons.byNode.get(nodeOf('user_id', 'abc123').id),
    );
    expect(persons.refused.map(({ reason }) => reason)).toEqual(['two-logins']);
  });

  test('shared iPad: three profiles; what is anonymous on it is, unlike there, of whoever is signed in, and no one’s before', () => {
    const items = itemsOf(eventsOf('shared_ipad_in_store'));
    const identity = resolve(items);
    const [first, second, third] = personsOf(items, identity);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(identity.timelines[0]?.spans.map(({ owner }) => owner)).toEqual([
      'anonymous',
      nodeOf('user_id', 'u1'),
      nodeOf('user_id', 'u2'),
      nodeOf('user_id', 'u3'),
    ]);
  });

  test('blocked values: three profiles', () => {
    const items = itemsOf(eventsOf('blocked_values'));
    expect(items.map(({ nodes }) => nodes.map((node) => node.namespace))).toEqual([['email'], ['email'], ['email']]);
    expect(new Set(personsOf(items, resolve(items))).size).toBe(3);
  });

  test('ours: any permutation of the events of any case gives the same partition and the same spans', () => {
    let tried = 0;
    for (const { name } of cases) {
      const items = itemsOf(eventsOf(name));
      const expected = resolve(items);
      for (const permuted of permutations(items)) {
        const identity = resolve(permuted);
        expect(partitionOf(identity.persons)).toEqual(partitionOf(expected.persons));
        expect(spansOf(identity.timelines)).toEqual(spansOf(expected.timelines));
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThan(30);
  });

  test('ours: a till’s e-mail, seen with more than K logins, is nobody’s, and those merged through it are un-merged', () => {
    const bought = [link(0, 'email:till', 'phone:a'), link(1, 'email:till', 'phone:b')];
    const seenWith = (logins: number) =>
      Array.from({ length: logins }, (_, at) =>
        link(2 + at, `loyalty_card:${at}`, 'email:till', { verified: false, evidence: 'till', sourceKind: 'store' }),
      );
    const max = IDENTITY_LIMITS.loginsPerValueMax;
    const before = resolvePersons({ links: [...bought, ...seenWith(max)], separations: [] });
    const after = resolvePersons({ links: [...bought, ...seenWith(max + 1)], separations: [] });
    expect(before.byNode.get(n('phone:a').id)).toBe(before.byNode.get(n('phone:b').id));
    expect(after.blocked.has(n('email:till').id)).toBe(true);
    expect(after.byNode.get(n('phone:a').id)).not.toBe(after.byNode.get(n('phone:b').id));
  });
});

function permutations<T>(list: readonly T[]): readonly (readonly T[])[] {
  if (list.length <= 1) return [list];
  return list.flatMap((first, at) =>
    permutations([...list.slice(0, at), ...list.slice(at + 1)]).map((rest) => [first, ...rest]),
  );
}
