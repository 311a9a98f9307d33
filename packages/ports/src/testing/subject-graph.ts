import { createHash } from 'node:crypto';
import type { FactStatus } from '@filrouge/domain/consent';
import type { Node, NodeId } from '@filrouge/domain/identity';
import fc from 'fast-check';
import type { ResolvedNode } from '../projection-store.ts';
import {
  ATELIER,
  aBatch,
  aLink,
  aNode,
  anUnverifiedLink,
  aPresence,
  decide,
  know,
  minute,
  type StoresUnderTest,
} from './stores-under-test.ts';

/** Few identifiers, so that everything meets everything. */
export type SubjectGraph = { readonly persons: readonly Node[]; readonly devices: readonly Node[] };

const PERSONS = 5;
const DEVICES = 2;

/** One change of what is known, by places in the graph. */
export type GraphChange = Readonly<
  | { kind: 'decide'; nodes: readonly number[]; status: FactStatus; at: number; heard: number; trusted: boolean }
  | { kind: 'link'; a: number; b: number; verified: boolean }
  | { kind: 'presence'; device: number; person: number; from: number; to: number; verified: boolean; kiosk: boolean }
  | { kind: 'logout'; device: number; at: number }
  | { kind: 'resolve'; groups: readonly number[]; blocked: readonly boolean[] }
  | { kind: 'separate'; a: number; b: number; stands: boolean; at: number }
  | { kind: 'erase'; node: number; at: number }
  | { kind: 'register'; node: number; at: number }
  | { kind: 'block-device'; device: number; blocked: boolean }
>;

const person = fc.nat(PERSONS - 1);
const device = fc.nat(DEVICES - 1);
const at = fc.nat(180);
const seldom = fc.boolean().chain((one) => (one ? fc.boolean() : fc.constant(false)));

/** Changes in any order. Times fall into three hours, so that hours are united and people meet. */
export const graphChanges: fc.Arbitrary<readonly GraphChange[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('decide' as const),
      nodes: fc.uniqueArray(fc.nat(PERSONS + DEVICES - 1), { minLength: 1, maxLength: 2 }),
      status: fc.constantFrom<FactStatus>('given', 'refused', 'withdrawn', 'objected'),
      at,
      heard: at,
      trusted: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('link' as const), a: person, b: person, verified: seldom }),
    fc.record({
      kind: fc.constant('presence' as const),
      device,
      person,
      from: at,
      to: fc.nat(30),
      verified: fc.boolean(),
      kiosk: seldom.chain((one) => (one ? seldom : fc.constant(false))),
    }),
    fc.record({ kind: fc.constant('logout' as const), device, at }),
    fc.record({
      kind: fc.constant('resolve' as const),
      groups: fc.array(person, { minLength: PERSONS, maxLength: PERSONS }),
      blocked: fc.array(seldom, { minLength: PERSONS, maxLength: PERSONS }),
    }),
    fc.record({ kind: fc.constant('separate' as const), a: person, b: person, stands: fc.boolean(), at }),
    fc.record({ kind: fc.constant('erase' as const), node: fc.nat(PERSONS + DEVICES - 1), at }),
    fc.record({ kind: fc.constant('register' as const), node: fc.nat(PERSONS + DEVICES - 1), at }),
    fc.record({ kind: fc.constant('block-device' as const), device, blocked: seldom }),
  ),
  { minLength: 1, maxLength: 14 },
);

export function aGraph(): SubjectGraph {
  const namespaces = ['user_id', 'loyalty_card', 'email', 'email', 'phone'] as const;
  return {
    persons: namespaces.map((namespace) => aNode(namespace)),
    devices: [aNode('anonymous_id'), aNode('device_id')],
  };
}

export function nodesOf({ persons, devices }: SubjectGraph): readonly Node[] {
  return [...persons, ...devices];
}

export function knowGraph(stores: StoresUnderTest, graph: SubjectGraph): Promise<void> {
  return know(stores, nodesOf(graph));
}

/** Makes one change; answers the nodes it touches, as the ports say it. */
export async function change(
  stores: StoresUnderTest,
  graph: SubjectGraph,
  one: GraphChange,
): Promise<readonly NodeId[]> {
  const { projection } = stores;
  const terminal = 'device' in one ? (graph.devices[one.device] as Node) : undefined;
  switch (one.kind) {
    case 'decide': {
      const nodes = one.nodes.map((place) => nodesOf(graph)[place] as Node);
      const clock = one.trusted ? 'trusted' : 'untrusted';
      await decide(stores, nodes, { status: one.status, at: minute(one.at), receivedAt: minute(one.heard), clock });
      return nodes.map(({ id }) => id);
    }
    case 'link': {
      const [a, b] = [graph.persons[one.a] as Node, graph.persons[one.b] as Node];
      if (a === b) return [];
      const link = one.verified ? aLink(a, b) : anUnverifiedLink(a, b);
      await projection.project((transaction) => transaction.putLinks(ATELIER, [link]));
      return [a.id, b.id];
    }
    case 'presence': {
      const { verified, kiosk } = one;
      const first = minute(one.from);
      const until = Math.min(one.from + one.to, Math.floor(one.from / 60) * 60 + 59);
      const said = { verified, kiosk, last: minute(until) };
      const presence = aPresence(terminal as Node, graph.persons[one.person] as Node, first, said);
      return projection.project((transaction) => transaction.putPresences(ATELIER, [presence]));
    }
    case 'logout': {
      // Two stores that play the same change must be told the same.
      const messageId = `00000000-0000-4000-8000-${`${one.at}`.padStart(12, '0')}`;
      const logout = { device: terminal as Node, t: minute(one.at), messageId };
      return projection.project((transaction) => transaction.putLogouts(ATELIER, [logout]));
    }
    case 'resolve':
      return projection.project((transaction) => transaction.putResolved(resolution(graph, one)));
    case 'separate': {
      const [a, b] = [graph.persons[one.a] as Node, graph.persons[one.b] as Node];
      if (a === b) return [];
      const id = separationId(graph, one);
      const fact = { a, b, stands: one.stands, t: minute(one.at), id, by: 'dana', reason: 'two customers' };
      await projection.project((transaction) => transaction.putSeparation(ATELIER, fact));
      return [a.id, b.id];
    }
    case 'erase': {
      const { id } = nodesOf(graph)[one.node] as Node;
      await stores.entomb(ATELIER, id, minute(one.at));
      return [id];
    }
    case 'register': {
      const { id } = nodesOf(graph)[one.node] as Node;
      const lifted = [{ brand: ATELIER, node: id, liftedAt: minute(one.at) }];
      await stores.append.append((transaction) => transaction.write(aBatch({ lifted })));
      return [id];
    }
    case 'block-device': {
      const blocked = one.blocked ? ('device' as const) : undefined;
      const row = { node: (terminal as Node).id, component: undefined, blocked };
      return projection.project((transaction) => transaction.putResolved([row]));
    }
  }
}

/** One fact, one id, in every store that plays the change. */
function separationId({ persons }: SubjectGraph, one: Extract<GraphChange, { kind: 'separate' }>): string {
  const said = JSON.stringify([persons[one.a], persons[one.b], one.stands, one.at]);
  const hex = createHash('sha256').update(said).digest('hex').slice(0, 32);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A partition of the persons: a group is named by its first member, a blocked value stands alone. */
function resolution(
  { persons }: SubjectGraph,
  { groups, blocked }: Extract<GraphChange, { kind: 'resolve' }>,
): readonly ResolvedNode[] {
  return persons.map(({ id }, place): ResolvedNode => {
    if (blocked[place] === true) return { node: id, component: id, blocked: 'public-keys' };
    const first = groups.findIndex((group, other) => group === groups[place] && blocked[other] !== true);
    return { node: id, component: persons[first]?.id, blocked: undefined };
  });
}
