import type { Instant } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import {
  type DeviceLink,
  evidenceOf,
  firstDeviceLinks,
  firstLinks,
  isPersonNamespace,
  type LinkFact,
  type LogoutFact,
  type Node,
  type NodeId,
  type Presence,
  presencesOf,
  type ThreadMapEntry,
} from '@filrouge/domain/identity';
import type { ProjectionTransaction, Vault } from '@filrouge/ports';
import type { KnownFacts } from './known-facts.ts';
import type { OpenedJournalItem } from './opened-item.ts';
import { resolveDevicesAgain, resolvePersonsAgain } from './resolve-changes.ts';

/** What the identity step did, for the steps after it. */
export type IdentityChange = {
  readonly brand: BrandId;
  /** Map entries of the nodes whose entries changed. */
  readonly spans: ReadonlyMap<NodeId, readonly ThreadMapEntry[]>;
  /** Nodes around which consent may have moved: the door is to forget them. */
  readonly consent: readonly NodeId[];
  /** Those of them around which it must be folded again for the event store. */
  readonly unsettled: readonly NodeId[];
  /** Devices that are folded by themselves: nothing was decided there, so that whoever was met there has not moved. */
  readonly alone: readonly Node[];
  /** Nodes of which the event store has not been told anything: to it they are unknown already. */
  readonly untold: readonly NodeId[];
  /** Nodes whose part was too large to be resolved: what was known of it stands. */
  readonly beyond: readonly NodeId[];
  /** Facts to remember once the range is committed. */
  readonly written: Parameters<KnownFacts['remember']>[0];
};

type BrandFacts = {
  readonly links: readonly LinkFact[];
  readonly deviceLinks: readonly DeviceLink[];
  readonly presences: readonly Presence[];
  readonly logouts: readonly LogoutFact[];
};

/** What a range holds for one brand: kept items, and identifiers that staff have said to be two persons, or one again. */
export type BrandNews = { readonly items: readonly OpenedJournalItem[]; readonly apart: readonly Node[] };

export type IdentityDeps = {
  readonly vault: Vault;
  readonly known: KnownFacts;
  /** An attempt at this range may have been lost after it told the event store something: tell all of it again. */
  readonly tellAll: boolean;
};

/** Takes in what the items of one brand say about who is who, and resolves what that touches (S11, S13). */
export async function projectIdentity(
  transaction: ProjectionTransaction,
  deps: IdentityDeps,
  brand: BrandId,
  { items, apart }: BrandNews,
): Promise<IdentityChange> {
  // An act moves the end of a person's consent (S7), by whole days: once a day is told, the rest of it tells nothing.
  const acts = deps.known.newActs(lastActs(items));
  const { named, added, facts, met, left } = await putFacts(transaction, deps, brand, items, acts);
  const linked = [...facts.links.flatMap(({ a, b }) => [a, b]), ...apart];
  const persons = await resolvePersonsAgain(transaction, brand, linked, deps.tellAll);
  const touched = [
    ...facts.presences.map(({ device }) => device),
    ...facts.logouts.map(({ device }) => device),
    ...facts.deviceLinks.flatMap(({ a, b }) => [a, b]),
    ...(await transaction.devicesOf([...new Set([...persons.nodes, ...persons.spans.keys()])])),
  ];
  const devices = await resolveDevicesAgain(transaction, brand, touched, deps.tellAll);
  // A decision mostly precedes the first event: until now there was no node that it could have been folded for.
  const moved = [...persons.nodes, ...devices.nodes, ...linked.map(({ id }) => id), ...met, ...left];
  // A new identifier and an act change nothing where nothing was decided, and so it is with nearly every one of a file.
  // Whatever it is tied to has moved by that tie, and is folded with it, or is new and asked about like it.
  const quiet = [...new Set([...added, ...acts.keys()])];
  const fresh = new Set(added);
  const apartFromMeeting = [...persons.nodes, ...devices.nodes, ...linked.map(({ id }) => id), ...left, ...added];
  const bare = deps.tellAll ? NO_MEETINGS : await bareMeetings(transaction, facts.presences, met, apartFromMeeting);
  const unsettled = deps.tellAll
    ? [...moved, ...quiet]
    : [...moved.filter((node) => !fresh.has(node) && !bare.persons.has(node)), ...(await transaction.decided(quiet))];
  return {
    brand,
    spans: new Map([...persons.spans, ...devices.spans]),
    consent: [...new Set([...moved, ...quiet])],
    unsettled: [...new Set(unsettled)],
    alone: bare.devices,
    untold: deps.tellAll ? [] : added,
    beyond: [...persons.beyond, ...devices.beyond],
    written: { nodes: named, links: facts.links, deviceLinks: facts.deviceLinks, presences: facts.presences, acts },
  };
}

type BareMeetings = { readonly persons: ReadonlySet<NodeId>; readonly devices: readonly Node[] };
const NO_MEETINGS: BareMeetings = { persons: new Set(), devices: [] };

/**
 * Persons that moved for no other reason than that they were met at devices on which nothing was decided: such a device
 * lends them nothing and takes over their noes, so that it is folded, and they with all their other devices are not. Who
 * is met at ever new devices costs the same each time (G18).
 */
async function bareMeetings(
  transaction: ProjectionTransaction,
  presences: readonly Presence[],
  met: readonly NodeId[],
  movedElse: readonly NodeId[],
): Promise<BareMeetings> {
  const elsewhere = new Set(movedElse);
  const candidates = new Set(met.filter((node) => !elsewhere.has(node)));
  const meetings = presences.filter(({ person }) => candidates.has(person.id));
  if (meetings.length === 0) return NO_MEETINGS;
  const devices = new Map(meetings.map(({ device }) => [device.id, device]));
  const decided = new Set(await transaction.decided([...devices.keys()]));
  const moved = new Set(meetings.flatMap(({ device, person }) => (decided.has(device.id) ? [person.id] : [])));
  const bare = meetings.filter(({ person }) => !moved.has(person.id));
  return {
    persons: new Set(bare.map(({ person }) => person.id)),
    devices: [...new Map(bare.map(({ device }) => [device.id, device])).values()],
  };
}

/** Writes down what the items of one brand say about who is who, and who acted when, and resolves nothing. */
export async function putFacts(
  transaction: ProjectionTransaction,
  deps: Pick<IdentityDeps, 'vault' | 'known'>,
  brand: BrandId,
  items: readonly OpenedJournalItem[],
  acts: ReadonlyMap<NodeId, Instant>,
) {
  const { named, added } = await addNewNodes(transaction, deps, brand, items, acts);
  const fresh = new Set(added);
  await transaction.touch(new Map([...acts].filter(([node]) => !fresh.has(node))));
  const facts = newFacts(deps.known, items);
  await transaction.putLinks(brand, facts.links);
  await transaction.putDeviceLinks(brand, facts.deviceLinks);
  const met = await transaction.putPresences(brand, facts.presences);
  const left = await transaction.putLogouts(brand, facts.logouts);
  return { named, added, facts, met, left };
}

async function addNewNodes(
  transaction: ProjectionTransaction,
  { vault, known }: Pick<IdentityDeps, 'vault' | 'known'>,
  brand: BrandId,
  items: readonly OpenedJournalItem[],
  acts: ReadonlyMap<NodeId, Instant>,
): Promise<{ readonly named: readonly NodeId[]; readonly added: readonly NodeId[] }> {
  const first = new Map<
    NodeId,
    { readonly id: NodeId; readonly value: string; readonly node: Node; readonly at: OpenedJournalItem }
  >();
  for (const at of items) {
    const named = at.item.previous === undefined ? at.item.identifiers : [...at.item.identifiers, at.item.previous];
    for (const { namespace, value, node: id } of named) {
      if (!first.has(id)) first.set(id, { id, value, node: { namespace, id }, at });
    }
  }
  const maybe = known.newNodes([...first.values()]);
  const stored = new Set((await transaction.nodes(maybe.map(({ id }) => id))).map(({ node }) => node.id));
  const fresh = maybe.filter(({ id }) => !stored.has(id));
  await transaction.addNodes(
    fresh.map(({ node, value, at }) => {
      const lastActAt = acts.get(node.id);
      return {
        node,
        brand,
        firstPosition: at.position,
        key: at.key,
        sealed: vault.sealRecord(at.key, `node/${node.id}`, value),
        ...(lastActAt === undefined ? {} : { lastActAt }),
      };
    }),
  );
  return { named: maybe.map(({ id }) => id), added: fresh.map(({ id }) => id) };
}

function newFacts(known: KnownFacts, items: readonly OpenedJournalItem[]): BrandFacts {
  const evidence = items.map(({ item, eventId }) => {
    const { identifiers, previous, session, sourceKind, source, kiosk, kind, verifiedBy, t } = item;
    return evidenceOf({
      nodes: identifiers.map(({ namespace, node }) => ({ namespace, id: node })),
      ...(session === undefined ? {} : { session }),
      ...(previous === undefined ? {} : { previous: { namespace: previous.namespace, id: previous.node } }),
      sourceKind,
      source,
      kiosk,
      kind,
      ...(verifiedBy === undefined ? {} : { verifiedBy }),
      t,
      messageId: eventId,
    });
  });
  return {
    links: known.newLinks(firstLinks(evidence.flatMap(({ links }) => links))),
    deviceLinks: known.newDeviceLinks(firstDeviceLinks(evidence.flatMap(({ deviceLinks }) => deviceLinks))),
    presences: known.newPresences(presencesOf(evidence.flatMap(({ sightings }) => sightings))),
    logouts: evidence.flatMap(({ logouts }) => logouts),
  };
}

/** Kinds that are no act of the person: an opened mail (Spartoo, SAN-2020-003) and a row of the retailer's own file. */
const NO_ACTS: ReadonlySet<string> = new Set(['mail-open', 'mail', 'customer']);

export function lastActs(items: readonly OpenedJournalItem[]): ReadonlyMap<NodeId, Instant> {
  const acts = new Map<NodeId, Instant>();
  for (const { item } of items) {
    if (NO_ACTS.has(item.kind) || item.marks.includes('bot')) continue;
    for (const { namespace, node } of item.identifiers) {
      const known = acts.get(node);
      if (isPersonNamespace(namespace) && (known === undefined || known < item.t)) acts.set(node, item.t);
    }
  }
  return acts;
}
