import { performance } from 'node:perf_hooks';
import { type Instant, instant } from '@filrouge/domain/base';
import {
  evidenceOf,
  type ItemEvidence,
  isKnownLink,
  type LinkFact,
  linkKey,
  type Node,
  type NodeId,
  type Presence,
  presenceKey,
  presenceOf,
  resolveAffected,
  unitePresences,
} from '@filrouge/domain/identity';

/**
 * What identity costs the projector in CPU. `known`: facts a second on the usual path, where an identified customer's
 * item says nothing new; the bare limit is looking the same keys up in two maps. `recompute N`: one new fact in a web of
 * N identifiers that verified links connect; the bare limit is joining the same links in the plainest disjoint sets.
 */
const ITEMS = 20_000;
const REPEATS = 15;
const start = Date.UTC(2026, 0, 1);

function node(namespace: Node['namespace'], number: number): Node {
  const scattered = Math.imul(number + 1, 0x9e3779b1) >>> 0;
  const hash = scattered.toString(16).padStart(8, '0') + namespace.length.toString(16).padStart(2, '0');
  return { namespace, id: `${hash}${number.toString(16).padStart(22, '0')}` as NodeId };
}

function at(seconds: number): Instant {
  return instant(start + seconds * 1_000);
}

/** Median milliseconds of CPU of each of two works, which take turns. */
function measure(work: () => void, baseline: () => void): readonly [value: number, baseline: number] {
  const times = [work, baseline].map((one) => ({ one, each: [] as number[] }));
  for (let repeat = 0; repeat < 2 * REPEATS; repeat += 1) {
    for (const { one, each } of times) {
      const begin = performance.now();
      one();
      if (repeat >= REPEATS) each.push(performance.now() - begin);
    }
  }
  const [value = Number.NaN, bare = Number.NaN] = times.map(({ each }) => each.sort((x, y) => x - y)[REPEATS >> 1]);
  return [value, bare];
}

function report(metric: string, unit: string, value: number, baseline: number, ratio: number, goal: number): void {
  const round = (figure: number) => Number(figure.toPrecision(4));
  const line = { bench: 'identity', metric, value: round(value), unit, baseline: round(baseline), ratio: round(ratio) };
  process.stdout.write(`${JSON.stringify({ ...line, goal, met: unit === 'ms' ? ratio <= goal : ratio >= goal })}\n`);
}

function known(): void {
  const items = Array.from({ length: ITEMS }, (_, each): ItemEvidence => {
    const user = each % 5_000;
    return {
      nodes: [node('user_id', user), node('email', user), node('anonymous_id', user)],
      sourceKind: 'server',
      kiosk: false,
      kind: 'track',
      t: at(each),
      messageId: `message-${String(each).padStart(8, '0')}`,
    };
  });
  const links = new Map<string, LinkFact>();
  const presences = new Map<string, Presence>();
  const take = (item: ItemEvidence): number => {
    const facts = evidenceOf(item);
    let news = 0;
    for (const link of facts.links) {
      if (isKnownLink(links.get(linkKey(link)), link)) continue;
      links.set(linkKey(link), link);
      news += 1;
    }
    for (const sighting of facts.sightings) {
      const presence = presenceOf(sighting);
      const key = presenceKey(presence);
      const before = presences.get(key);
      presences.set(key, before === undefined ? presence : unitePresences(before, presence));
    }
    return news;
  };
  for (const item of items) take(item);
  let found = 0;
  const [value, bare] = measure(
    () => {
      for (const item of items) found += take(item);
    },
    () => {
      for (const { nodes, t } of items) {
        const [user, email, device] = nodes;
        found += links.has(`${user?.id}${email?.id}`) || presences.has(`${device?.id}${user?.id}${t}`) ? 1 : 0;
      }
    },
  );
  if (found !== 0) throw new Error('the measured path must meet nothing new');
  const perSecond = (milliseconds: number) => (2 * ITEMS * 1_000) / milliseconds;
  report('known', 'facts/s', perSecond(value), perSecond(bare), bare / value, 0.2);
}

/** A web as shared addresses make it: users of four identifiers each, every one sharing a telephone with the next. */
function web(size: number): { readonly nodes: readonly Node[]; readonly links: readonly LinkFact[] } {
  const links: LinkFact[] = [];
  const nodes = new Map<NodeId, Node>();
  const say = (a: Node, b: Node): void => {
    const fact = { a, b, verified: true, evidence: 'server', sourceKind: 'server' } as const;
    links.push({ ...fact, t: at(links.length), messageId: `m${links.length}` });
  };
  for (let user = 0; nodes.size < size; user += 1) {
    const own = [node('user_id', user), node('loyalty_card', user), node('email', user), node('phone', user)];
    const next = node('phone', user + 1);
    for (const each of [...own, next].slice(0, Math.max(1, size - nodes.size))) {
      nodes.set(each.id, each);
      if (each !== own[0]) say(own[0] as Node, each);
    }
  }
  return { nodes: [...nodes.values()], links };
}

function recompute(size: number, goal: number): void {
  const { nodes, links } = web(size);
  const byNode = new Map<NodeId, LinkFact[]>(nodes.map((each) => [each.id, []]));
  for (const link of links) for (const end of [link.a, link.b]) byNode.get(end.id)?.push(link);
  const records = nodes.map((each) => ({ node: each, links: byNode.get(each.id) ?? [], separations: [] }));
  let clusters = 0;
  const times = Math.ceil(2_000 / size);
  const [value, bare] = measure(
    () => {
      for (let time = 0; time < times; time += 1) {
        clusters = resolveAffected({ kind: 'loaded', nodes, records, beyond: [] }).clusters.length;
      }
    },
    () => {
      for (let time = 0; time < times; time += 1) plainSets(nodes, links);
    },
  );
  if (clusters < size / 5) throw new Error('the web must hold as many persons as users');
  report(`recompute ${size}`, 'ms', value / times, bare / times, value / bare, goal);
}

function plainSets(nodes: readonly Node[], links: readonly LinkFact[]): number {
  const parent = new Map<NodeId, NodeId>(nodes.map((each) => [each.id, each.id]));
  const find = (id: NodeId): NodeId => {
    const up = parent.get(id) ?? id;
    return up === id ? id : find(up);
  };
  for (const { a, b } of links) parent.set(find(a.id), find(b.id));
  return parent.size;
}

known();
for (const size of [5, 50, 1_000]) recompute(size, 60);
