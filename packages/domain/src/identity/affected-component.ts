import { type BlockedBy, blockedValues } from './blocked-value.ts';
import { blockedDevices, type DeviceGroup, deviceGroups } from './device-groups.ts';
import { isDeviceNamespace, isPersonNamespace } from './identifier.ts';
import type { DeviceLink, LinkFact, LogoutFact, SeparationFact } from './identity-fact.ts';
import { IDENTITY_LIMITS, type IdentityLimits } from './identity-limits.ts';
import type { Node, NodeId } from './node.ts';
import type { Presence } from './presence.ts';
import { joinPersons, type Persons } from './resolve-persons.ts';

/** How much is loaded for one question before the answer is `too-large`. Units: nodes, and rounds of one query each. */
export const AFFECTED_NODES_MAX = 10_000;
export const AFFECTED_ROUNDS_MAX = 100;

/** What a store knows of one identifier of person type. */
export type PersonRecord = {
  readonly node: Node;
  /**
   * How the store has it marked from an earlier answer. Marked `secret-keys`, its links may be left out; marked
   * `public-keys`, those that a public key claimed may be. Where facts of it are removed (an erasure), the store takes
   * the mark off first.
   */
  readonly blocked?: BlockedBy;
  /** Every link of the node, but for that. */
  readonly links: readonly LinkFact[];
  /** Every separation fact of the node. */
  readonly separations: readonly SeparationFact[];
};

/** What a store knows of one device identifier. Marked blocked, its links may be left out. */
export type DeviceRecord = {
  readonly device: Node;
  readonly blocked: boolean;
  readonly links: readonly DeviceLink[];
  readonly presences: readonly Presence[];
  readonly logouts: readonly LogoutFact[];
};

/** Everything that must be resolved anew together, or the word that it is more than may be loaded. */
export type Affected<R> =
  | { readonly kind: 'loaded'; readonly nodes: readonly Node[]; readonly records: readonly R[] }
  | { readonly kind: 'too-large'; readonly nodes: number; readonly rounds: number };

/** Asks in rounds for the records of a list of nodes, all at once; a node without record is a node without facts. */
export type LoadPlan<R> = Generator<readonly Node[], Affected<R>, readonly R[]>;

/** Drives a plan: one call of `load` is one query, whatever the number of nodes. */
export async function loadAffected<R>(
  plan: LoadPlan<R>,
  load: (nodes: readonly Node[]) => Promise<readonly R[]>,
): Promise<Affected<R>> {
  let step = plan.next();
  while (!step.done) step = plan.next(await load(step.value));
  return step.value;
}

/**
 * What to load after new facts on some identifiers: all that verified links connect to them, not through blocked
 * values. A value that these facts have just blocked, or unblocked, is passed through once more: its links joined
 * others until now.
 * @param start both ends of every new link, separation and removed fact; the facts are in the store already
 */
export function affectedPersons(
  start: readonly Node[],
  limits: IdentityLimits = IDENTITY_LIMITS,
): LoadPlan<PersonRecord> {
  const begun = new Set(start.map((node) => node.id));
  return exploring(
    start.filter((node) => isPersonNamespace(node.namespace)),
    (record) => {
      if (record.blocked === 'secret-keys') return [];
      const blocked = blockedBy(record, limits) !== undefined;
      if (blocked && (record.blocked !== undefined || !begun.has(record.node.id))) return [];
      return record.links.filter((link) => link.verified).map((link) => farEnd(link, record.node));
    },
  );
}

/** The same for terminals: all names that device links connect, not through blocked ones. */
export function affectedDevices(
  start: readonly Node[],
  limits: IdentityLimits = IDENTITY_LIMITS,
): LoadPlan<DeviceRecord> {
  const begun = new Set(start.map((node) => node.id));
  const devices = start.filter((node) => isDeviceNamespace(node.namespace));
  return exploring(devices, (record) => {
    const blocked = record.blocked || blockedDevices(record.presences, limits.loginsPerValueMax).size > 0;
    if (blocked && (record.blocked || !begun.has(record.device.id))) return [];
    return record.links.map((link) => farEnd(link, record.device));
  });
}

/**
 * Resolves what was loaded: for these nodes it says what `resolvePersons` says over all facts. Refused links to nodes
 * that were not loaded are not in its report: an unverified link to another person changes neither.
 */
export function resolveAffected(
  affected: Extract<Affected<PersonRecord>, { kind: 'loaded' }>,
  limits: IdentityLimits = IDENTITY_LIMITS,
): Persons {
  const blocked = new Map<NodeId, BlockedBy>();
  for (const record of affected.records) {
    const by = blockedBy(record, limits);
    if (by !== undefined) blocked.set(record.node.id, by);
  }
  const loaded = new Set(affected.nodes.map((node) => node.id));
  const inside = affected.records.flatMap((record) => record.links.filter((link) => isInside(link, loaded)));
  const separations = affected.records.flatMap((record) => record.separations);
  return joinPersons({ links: inside, separations, nodes: affected.nodes, blocked }, limits);
}

/** Groups what was loaded: for these devices it says what `deviceGroups` says over all facts. */
export function regroupAffected(
  affected: Extract<Affected<DeviceRecord>, { kind: 'loaded' }>,
  limits: IdentityLimits = IDENTITY_LIMITS,
): readonly DeviceGroup[] {
  const { records } = affected;
  const loaded = new Set(affected.nodes.map((node) => node.id));
  const facts = {
    links: records.flatMap((record) => record.links.filter((link) => isInside(link, loaded))),
    presences: records.flatMap((record) => record.presences),
    logouts: records.flatMap((record) => record.logouts),
  };
  const blocked = new Set(records.filter((record) => record.blocked).map((record) => record.device.id));
  return deviceGroups(facts, limits, blocked);
}

function blockedBy(record: PersonRecord, limits: IdentityLimits): BlockedBy | undefined {
  if (record.blocked === 'secret-keys') return 'secret-keys';
  const found = blockedValues(record.links, limits.loginsPerValueMax).get(record.node.id);
  return found ?? (record.links.some(isProof) ? undefined : record.blocked);
}

/** A link that holds a value against what public keys say of it. */
function isProof(link: LinkFact): boolean {
  return link.verified && isPersonNamespace(link.a.namespace) && isPersonNamespace(link.b.namespace);
}

function* exploring<R extends PersonRecord | DeviceRecord>(
  start: readonly Node[],
  expand: (record: R) => readonly Node[],
): LoadPlan<R> {
  const nodes = new Map<NodeId, Node>();
  const records: R[] = [];
  let wanted = fresh(nodes, start);
  for (let round = 0; wanted.length > 0; round++) {
    if (round >= AFFECTED_ROUNDS_MAX || nodes.size > AFFECTED_NODES_MAX) {
      return { kind: 'too-large', nodes: nodes.size, rounds: round };
    }
    const answer: readonly R[] = yield wanted;
    records.push(...answer);
    wanted = fresh(nodes, answer.flatMap(expand));
  }
  return { kind: 'loaded', nodes: [...nodes.values()], records };
}

/** Those not met before; they are met now. */
function fresh(met: Map<NodeId, Node>, nodes: readonly Node[]): readonly Node[] {
  return nodes.filter((node) => {
    if (met.has(node.id)) return false;
    met.set(node.id, node);
    return true;
  });
}

function farEnd(link: { readonly a: Node; readonly b: Node }, node: Node): Node {
  return link.a.id === node.id ? link.b : link.a;
}

function isInside(link: { readonly a: Node; readonly b: Node }, loaded: ReadonlySet<NodeId>): boolean {
  return loaded.has(link.a.id) && loaded.has(link.b.id);
}
