import {
  type Affected,
  affectedDevices,
  affectedPersons,
  type DeviceRecord,
  type DeviceTimeline,
  type ExplainedIdentifier,
  explainPerson,
  isPersonNamespace,
  type LinkFact,
  loadAffected,
  type Node,
  type NodeId,
  type PersonRecord,
  type Persons,
  type RefusedLink,
  regroupAffected,
  resolveAffected,
  timelineOf,
} from '@filrouge/domain/identity';
import type { ReadingStore, SealedNode } from '@filrouge/ports';
import type { FoundPerson } from './find-person.ts';

/** Why the identifiers of a person are one person, with the nodes of all who are named in it. */
export type IdentityExplanation = {
  readonly identifiers: readonly ExplainedIdentifier[];
  readonly notJoined: readonly RefusedLink[];
  /** False where the person's part of the graph is too large to be walked: then only its identifiers are told. */
  readonly complete: boolean;
  readonly nodes: ReadonlyMap<NodeId, SealedNode>;
};

/** Resolves the person again from the stored facts, and tells the chain that ties each identifier to it (S13). */
export async function explainIdentity(reading: ReadingStore, person: FoundPerson): Promise<IdentityExplanation> {
  const members = person.members.map(({ node }) => node.node);
  const devices = person.devices.map(({ node }) => node.node);
  const own = await reading.personRecords(members.map(({ id }) => id));
  const neighbours = own.flatMap(({ links }) => links.flatMap(({ a, b }) => [a, b]));
  const affected: Affected<PersonRecord> = await loadAffected(affectedPersons([...members, ...neighbours]), (nodes) =>
    reading.personRecords(nodes.map(({ id }) => id)),
  );
  const terminals: Affected<DeviceRecord> = await loadAffected(affectedDevices(devices), (nodes) =>
    reading.deviceRecords(nodes.map(({ id }) => id)),
  );
  if (affected.kind === 'too-large' || terminals.kind === 'too-large') return untold(person);
  const persons = resolveAffected(affected);
  const links = affected.records.flatMap((record) => record.links);
  const presences = terminals.records.flatMap((record) => record.presences);
  const nodes = await nodesNamed(reading, [
    ...members,
    ...devices,
    ...links.flatMap(({ a, b }) => [a, b]),
    ...presences.map((presence) => presence.person),
  ]);
  const personOf = personKeyOf(persons, nodes);
  const timelines = regroupAffected(terminals).map((group) => timelineOf(group, personOf));
  const told = tell(persons, members, { links, personOf, timelines });
  return { ...told, complete: true, nodes };
}

type Told = Pick<IdentityExplanation, 'identifiers' | 'notJoined'>;

function tell(
  persons: Persons,
  members: readonly Node[],
  input: {
    readonly links: readonly LinkFact[];
    readonly personOf: (node: Node) => NodeId | undefined;
    readonly timelines: readonly DeviceTimeline[];
  },
): Told {
  const [first] = members;
  const cluster = first === undefined ? undefined : persons.byNode.get(first.id);
  if (cluster !== undefined) return explainPerson(cluster, { persons, ...input });
  const devices = input.timelines.flatMap(({ group }) => group.devices);
  return { identifiers: devices.map((identifier) => ({ identifier, standing: 'device', why: [] })), notJoined: [] };
}

/** The key of a node's person: as resolved here, or as stored for nodes that were not loaded. */
function personKeyOf(persons: Persons, nodes: ReadonlyMap<NodeId, SealedNode>): (node: Node) => NodeId | undefined {
  return ({ id, namespace }) => {
    if (persons.blocked.has(id)) return undefined;
    const cluster = persons.byNode.get(id);
    if (cluster !== undefined) return cluster.key;
    const row = nodes.get(id);
    if (row?.blocked !== undefined || !isPersonNamespace(namespace)) return undefined;
    return row?.component ?? id;
  };
}

async function nodesNamed(reading: ReadingStore, named: readonly Node[]): Promise<ReadonlyMap<NodeId, SealedNode>> {
  const rows = await reading.nodes([...new Set(named.map(({ id }) => id))]);
  return new Map(rows.map((row) => [row.node.id, row]));
}

function untold({ members, devices }: FoundPerson): IdentityExplanation {
  const rows = [...members, ...devices].map(({ node }) => node);
  return {
    identifiers: [
      ...members.map(({ node }) => ({ identifier: node.node, standing: 'joined' as const, why: [] })),
      ...devices.map(({ node }) => ({ identifier: node.node, standing: 'device' as const, why: [] })),
    ],
    notJoined: [],
    complete: false,
    nodes: new Map(rows.map((row) => [row.node.id, row])),
  };
}
