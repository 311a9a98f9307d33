import { type BlockedBy, blockedValues } from './blocked-value.ts';
import { blockedDevices, type DeviceGroup, deviceGroups } from './device-groups.ts';
import { isDeviceNamespace, isPersonNamespace } from './identifier.ts';
import type { DeviceLink, LinkFact, LogoutFact, SeparationFact } from './identity-fact.ts';
import { IDENTITY_LIMITS, type IdentityLimits } from './identity-limits.ts';
import type { Node, NodeId } from './node.ts';
import type { Presence } from './presence.ts';
import { RawParts } from './raw-parts.ts';
import { joinPersons, type Persons } from './resolve-persons.ts';

/**
 * How far one connected part may reach before it is left as it is. Units: nodes of a part, and rounds of one query each
 * for all parts of a question together. A person has 1,000 identifiers at most, and real parts have a handful.
 */
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

/**
 * Everything that must be resolved anew, part by part. `beyond` are the nodes one asked for whose part is too large:
 * what was known of it stands until a rebuild resolves it whole, and the other parts are not held up by it.
 * `too-large` when no other part is left.
 */
export type Affected<R> =
  | {
      readonly kind: 'loaded';
      readonly nodes: readonly Node[];
      readonly records: readonly R[];
      readonly beyond: readonly Node[];
    }
  | { readonly kind: 'too-large'; readonly beyond: readonly Node[] };

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
  const parts = new RawParts(AFFECTED_NODES_MAX);
  const records: R[] = [];
  let wanted = parts.meet(start);
  for (let round = 0; wanted.length > 0 && round < AFFECTED_ROUNDS_MAX; round += 1) {
    const answer: readonly R[] = yield wanted;
    const met: Node[] = [];
    for (const record of answer) {
      records.push(record);
      const reached = expand(record);
      met.push(...parts.meet(reached));
      for (const node of reached) parts.connect(nodeOf(record), node);
    }
    wanted = met.filter((node) => !parts.isTooLarge(node));
  }
  for (const node of wanted) parts.giveUp(node);
  const beyond = start.filter((node) => parts.isTooLarge(node));
  if (beyond.length > 0 && beyond.length === start.length) return { kind: 'too-large', beyond };
  const nodes = parts.nodes().filter((node) => !parts.isTooLarge(node));
  return { kind: 'loaded', nodes, records: records.filter((record) => !parts.isTooLarge(nodeOf(record))), beyond };
}

function nodeOf(record: PersonRecord | DeviceRecord): Node {
  return 'node' in record ? record.node : record.device;
}

function farEnd(link: { readonly a: Node; readonly b: Node }, node: Node): Node {
  return link.a.id === node.id ? link.b : link.a;
}

function isInside(link: { readonly a: Node; readonly b: Node }, loaded: ReadonlySet<NodeId>): boolean {
  return loaded.has(link.a.id) && loaded.has(link.b.id);
}
