import type { BrandId } from '@filrouge/domain/deployment';
import {
  type Affected,
  affectedDevices,
  affectedPersons,
  anchorOf,
  blockedDevices,
  type DeviceRecord,
  deviceEntries,
  IDENTITY_LIMITS,
  loadAffected,
  NOBODY,
  type Node,
  type NodeId,
  type PersonNumber,
  type PersonRecord,
  personEntries,
  personOfThread,
  regroupAffected,
  resolveAffected,
  type ThreadMapEntry,
  threadOf,
  timelineOf,
} from '@filrouge/domain/identity';
import type { NodeRow, ProjectionTransaction, ResolvedNode } from '@filrouge/ports';

/** What a resolution moved: nodes around which consent may have moved, and nodes whose map entries changed. */
export type Moved = {
  readonly nodes: readonly NodeId[];
  readonly spans: ReadonlyMap<NodeId, readonly ThreadMapEntry[]>;
  /** Nodes one asked for whose part is larger than may be loaded: it stays as it was, until a value in it is blocked. */
  readonly beyond: readonly NodeId[];
};

const NOTHING: Moved = { nodes: [], spans: new Map(), beyond: [] };

/**
 * Resolves again the persons that new facts touch (S13), and answers what moved; with `all`, whatever could have moved:
 * an attempt that was lost may have told the event store of other results than these.
 */
export async function resolvePersonsAgain(
  transaction: ProjectionTransaction,
  brand: BrandId,
  start: readonly Node[],
  all: boolean,
): Promise<Moved> {
  if (start.length === 0) return NOTHING;
  const affected: Affected<PersonRecord> = await loadAffected(affectedPersons(start), (nodes) =>
    transaction.personRecords(nodes.map(({ id }) => id)),
  );
  const beyond = affected.beyond.map(({ id }) => id);
  if (affected.kind === 'too-large') return { ...NOTHING, beyond };
  const persons = resolveAffected(affected);
  const ids = affected.nodes.map(({ id }) => id);
  const rows = new Map((await transaction.nodes(ids)).map((row) => [row.node.id, row]));
  const resolved = ids.map(
    (node): ResolvedNode => ({
      node,
      component: persons.byNode.get(node)?.key ?? node,
      blocked: persons.blocked.get(node),
    }),
  );
  const moved = resolved.filter(({ node, component, blocked }) => {
    const row = rows.get(node);
    return row === undefined || row.component !== component || row.blocked !== blocked;
  });
  const touched = await transaction.putResolved(moved);
  const firstSeen = new Map([...rows].map(([id, row]) => [id, row.firstPosition]));
  const entries = byNode(ids, personEntries(persons, firstSeen));
  const changed = await transaction.replaceSpans(brand, ids, entries);
  if (all) return { nodes: [...new Set([...ids, ...touched])], spans: entries, beyond };
  return { nodes: [...new Set([...moved.map(({ node }) => node), ...touched])], spans: pick(entries, changed), beyond };
}

/** Tells again whose each touched device was when (S13), and answers what moved, or with `all` what could have. */
export async function resolveDevicesAgain(
  transaction: ProjectionTransaction,
  brand: BrandId,
  start: readonly Node[],
  all: boolean,
): Promise<Moved> {
  if (start.length === 0) return NOTHING;
  const affected: Affected<DeviceRecord> = await loadAffected(affectedDevices(start), (nodes) =>
    transaction.deviceRecords(nodes.map(({ id }) => id)),
  );
  const beyond = affected.beyond.map(({ id }) => id);
  if (affected.kind === 'too-large') return { ...NOTHING, beyond };
  const ids = affected.nodes.map(({ id }) => id);
  const blocked = blockedDevices(
    affected.records.flatMap(({ presences }) => presences),
    IDENTITY_LIMITS.loginsPerValueMax,
  );
  const rows = new Map((await transaction.nodes(ids)).map((row) => [row.node.id, row]));
  const resolved = ids.map(
    (node): ResolvedNode => ({
      node,
      component: undefined,
      blocked: blocked.has(node) ? 'device' : undefined,
    }),
  );
  const moved = resolved.filter(({ node, blocked: now }) => rows.get(node)?.blocked !== now);
  const touched = await transaction.putResolved(moved);
  const persons = await personsOn(transaction, affected.records);
  const firstSeen = new Map([...rows].map(([id, row]) => [id, row.firstPosition]));
  const timelines = regroupAffected(affected).map((group) => timelineOf(group, ({ id }) => persons.keyOf(id)));
  const entries = timelines.flatMap((timeline) => deviceEntries(timeline, firstSeen, ({ id }) => persons.numberOf(id)));
  const map = byNode(ids, entries);
  const changed = await transaction.replaceSpans(brand, ids, map);
  if (all) return { nodes: [...new Set([...ids, ...touched])], spans: map, beyond };
  return { nodes: [...new Set([...moved.map(({ node }) => node), ...touched])], spans: pick(map, changed), beyond };
}

type PersonsOn = {
  readonly keyOf: (node: NodeId) => NodeId | undefined;
  readonly numberOf: (node: NodeId) => PersonNumber;
};

/** The persons that were seen on some devices, with the number each is known by. */
async function personsOn(transaction: ProjectionTransaction, records: readonly DeviceRecord[]): Promise<PersonsOn> {
  const seen = [...new Set(records.flatMap(({ presences }) => presences.map(({ person }) => person.id)))];
  const rows = new Map((await transaction.nodes(seen)).map((row) => [row.node.id, row]));
  const keys = [...new Set([...rows.values()].flatMap(({ component }) => component ?? []))];
  const members = Map.groupBy(await transaction.members(keys), ({ component }) => component);
  const keyOf = (node: NodeId): NodeId | undefined => {
    const row = rows.get(node);
    return row?.blocked === undefined ? (row?.component ?? node) : undefined;
  };
  return {
    keyOf,
    numberOf: (node) => {
      const key = keyOf(node);
      return key === undefined ? NOBODY : numberOfCluster(key, members.get(key) ?? []);
    },
  };
}

function numberOfCluster(key: NodeId, members: readonly NodeRow[]): PersonNumber {
  const firstSeen = new Map(members.map(({ node, firstPosition }) => [node.id, firstPosition]));
  const open = members.filter(({ blocked }) => blocked === undefined).map(({ node }) => node);
  return personOfThread(threadOf(anchorOf(open, firstSeen)?.id ?? key));
}

function byNode(
  nodes: readonly NodeId[],
  entries: readonly ThreadMapEntry[],
): ReadonlyMap<NodeId, readonly ThreadMapEntry[]> {
  const byThread = Map.groupBy(entries, ({ thread }) => thread);
  return new Map(nodes.map((node) => [node, byThread.get(threadOf(node)) ?? []]));
}

function pick<T>(
  entries: ReadonlyMap<NodeId, readonly T[]>,
  nodes: readonly NodeId[],
): ReadonlyMap<NodeId, readonly T[]> {
  return new Map(nodes.map((node) => [node, entries.get(node) ?? []]));
}
