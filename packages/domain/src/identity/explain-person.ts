import type { DeviceGroup } from './device-groups.ts';
import type { DeviceSpan, DeviceTimeline } from './device-timeline.ts';
import type { LinkFact } from './identity-fact.ts';
import type { Node, NodeId } from './node.ts';
import { compareNodes } from './node-order.ts';
import type { PersonCluster, Persons, RefusedLink } from './resolve-persons.ts';
import { shownOn, unverifiedNeighbours } from './unverified-neighbour.ts';

/** One step of a reason: a link, with its time, source and evidence, or a stay at a device. */
export type ExplainedStep =
  | { readonly kind: 'link'; readonly from: Node; readonly to: Node; readonly link: LinkFact }
  /** `verified`: in it, or at its end where it is the past of a login, it was proven who was there (S11). */
  | { readonly kind: 'stay'; readonly device: Node; readonly span: DeviceSpan; readonly verified: boolean };

/** `joined` by verified links; `unverified` shown because nobody else claims it; `device` used by the person. */
export type ExplainedIdentifier = {
  readonly identifier: Node;
  readonly standing: 'joined' | 'unverified' | 'device';
  /** From the person's strongest identifier to this one; empty for that one itself. */
  readonly why: readonly ExplainedStep[];
};

/** Why these identifiers are one person, and which links of theirs joined nobody. */
export type PersonExplanation = {
  readonly identifiers: readonly ExplainedIdentifier[];
  readonly notJoined: readonly RefusedLink[];
};

/** What an explanation is told from. */
export type ExplainInput = {
  readonly persons: Persons;
  /** Every link of the person's identifiers, and of the far ends of the unverified ones. */
  readonly links: readonly LinkFact[];
  /** The key of a node's person, of persons outside `persons` too; undefined for what is nobody's. */
  readonly personOf: (node: Node) => NodeId | undefined;
  /** Of the devices on which the person was seen. */
  readonly timelines: readonly DeviceTimeline[];
};

/** The answer of `/explain`: each identifier with the chain of facts that ties it to the person. */
export function explainPerson(person: PersonCluster, input: ExplainInput): PersonExplanation {
  const chains = chainsFrom(person, input.persons);
  const joined = person.nodes.map((identifier) => ({
    identifier,
    standing: 'joined' as const,
    why: chains.get(identifier.id) ?? [],
  }));
  const own = new Set(person.nodes.map((node) => node.id));
  return {
    identifiers: [...joined, ...shown(person, chains, input), ...devices(own, chains, input.timelines)],
    notJoined: input.persons.refused.filter(({ link }) => own.has(link.a.id) || own.has(link.b.id)),
  };
}

type Chains = ReadonlyMap<NodeId, readonly ExplainedStep[]>;

/** The links that joined a person's parts form a tree: one chain leads to each identifier. */
function chainsFrom(person: PersonCluster, persons: Persons): Chains {
  const steps = new Map<NodeId, ExplainedStep[]>();
  for (const { link, joined } of persons.applied) {
    if (!joined || persons.byNode.get(link.a.id) !== persons.byNode.get(person.key)) continue;
    pushStep(steps, { kind: 'link', from: link.a, to: link.b, link });
    pushStep(steps, { kind: 'link', from: link.b, to: link.a, link });
  }
  const chains = new Map<NodeId, readonly ExplainedStep[]>([[person.key, []]]);
  for (const [node, chain] of chains) {
    for (const step of steps.get(node) ?? []) {
      if (step.kind === 'link' && !chains.has(step.to.id)) chains.set(step.to.id, [...chain, step]);
    }
  }
  return chains;
}

/** Identifiers of one unverified claim; the first link to each tells why. */
function shown(person: PersonCluster, chains: Chains, input: ExplainInput): readonly ExplainedIdentifier[] {
  const found = new Map<NodeId, ExplainedIdentifier>();
  for (const { node, link } of unverifiedNeighbours(input.persons, person)) {
    if (found.has(node.id) || shownOn(node, input.links, input.personOf) !== person.key) continue;
    const from = link.a.id === node.id ? link.b : link.a;
    const why = [...(chains.get(from.id) ?? []), { kind: 'link', from, to: node, link } as const];
    found.set(node.id, { identifier: node, standing: 'unverified', why });
  }
  return [...found.values()].sort((x, y) => compareNodes(x.identifier, y.identifier));
}

function devices(
  own: ReadonlySet<NodeId>,
  chains: Chains,
  timelines: readonly DeviceTimeline[],
): readonly ExplainedIdentifier[] {
  return timelines.flatMap(({ group, spans }) => {
    const stays = spans.filter((span) => span.owner !== 'anonymous' && own.has(span.owner.id));
    const owner = stays[0]?.owner;
    if (owner === undefined || owner === 'anonymous') return [];
    return group.devices.map((device): ExplainedIdentifier => {
      const why = stays.map((span) => ({ kind: 'stay', device, span, verified: isProven(span, group, own) }) as const);
      return { identifier: device, standing: 'device', why: [...(chains.get(owner.id) ?? []), ...why] };
    });
  });
}

function isProven({ from, to }: DeviceSpan, { presences }: DeviceGroup, own: ReadonlySet<NodeId>): boolean {
  return presences.some(
    ({ person, verified, first, last }) => verified && own.has(person.id) && first <= to && last >= from,
  );
}

function pushStep(steps: Map<NodeId, ExplainedStep[]>, step: Extract<ExplainedStep, { kind: 'link' }>): void {
  const known = steps.get(step.from.id);
  if (known === undefined) steps.set(step.from.id, [step]);
  else known.push(step);
}
