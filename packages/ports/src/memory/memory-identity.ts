import { DAY_MS, type Instant } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import {
  compareLinks,
  type DeviceLink,
  type DeviceRecord,
  isKnownLink,
  isPersonNamespace,
  type LinkFact,
  type LogoutFact,
  linkKey,
  type Node,
  type NodeId,
  type PersonRecord,
  type Presence,
  pairKey,
  presenceKey,
  presencesOf,
  type SeparationFact,
  type ThreadMapEntry,
  unitePresences,
} from '@filrouge/domain/identity';
import { touchedByHours, type WrittenHour } from '../encounter.ts';
import type { NewNode, NodeRow, ResolvedNode } from '../projection-store.ts';
import type { MemoryDraft, MemoryView, StoredNode } from './memory-database.ts';
import { neighbourhoodIn } from './memory-neighbourhood.ts';

export function nodeRow({ node, brand, component, blocked, firstPosition }: StoredNode): NodeRow {
  return { node, brand, component, blocked, firstPosition };
}

export function nodesIn(view: MemoryView, ids: readonly NodeId[]): readonly StoredNode[] {
  return [...new Set(ids)].flatMap((id) => view.node.get(id) ?? []);
}

export function membersIn(view: MemoryView, components: readonly NodeId[]): readonly StoredNode[] {
  const wanted = new Set<NodeId | undefined>(components);
  return [...view.node.values()].filter(({ component }) => component !== undefined && wanted.has(component));
}

/** A new identifier of person type is a component of its own until a link says otherwise. */
export function addNodesTo(draft: MemoryDraft, nodes: readonly NewNode[]): void {
  for (const fresh of nodes) {
    if (draft.node.get(fresh.node.id) !== undefined) continue;
    const component = isPersonNamespace(fresh.node.namespace) ? fresh.node.id : undefined;
    draft.node.put(fresh.node.id, { ...fresh, ...lastAct(fresh), component, blocked: undefined });
  }
}

/** By the day. */
function lastAct({ lastActAt }: NewNode): Pick<NewNode, 'lastActAt'> {
  return lastActAt === undefined ? {} : { lastActAt: (Math.floor(lastActAt / DAY_MS) * DAY_MS) as Instant };
}

export function putLinksIn(draft: MemoryDraft, links: readonly LinkFact[]): void {
  for (const link of links) {
    if (link.a.id === link.b.id) continue;
    const known = draft.link.get(linkKey(link));
    if (!isKnownLink(known, link)) draft.link.put(linkKey(link), link);
  }
}

export function putDeviceLinksIn(draft: MemoryDraft, links: readonly DeviceLink[]): void {
  for (const link of links) {
    const known = draft.deviceLink.get(pairKey(link.a.id, link.b.id));
    if (link.a.id === link.b.id || (known !== undefined && !isBefore(link, known))) continue;
    draft.deviceLink.put(pairKey(link.a.id, link.b.id), link);
  }
}

function isBefore(x: { t: number; messageId: string }, y: { t: number; messageId: string }): boolean {
  return x.t < y.t || (x.t === y.t && x.messageId < y.messageId);
}

export function putPresencesIn(draft: MemoryDraft, presences: readonly Presence[]): readonly NodeId[] {
  const devices = [...new Set(presences.map(({ device }) => device.id))];
  const neighbourhood = neighbourhoodIn(draft);
  const encounters = devices.flatMap((device) => neighbourhood.encountersAt(device));
  const leftAt = new Map(devices.flatMap((device) => entry(device, neighbourhood.leftAt(device))));
  const written = presencesOf([], presences).map((presence): WrittenHour => {
    const before = draft.presence.get(presenceKey(presence));
    const now = before === undefined ? presence : unitePresences(before, presence);
    draft.presence.put(presenceKey(presence), now);
    return { now, before };
  });
  const blocked = devices.filter((device) => draft.node.get(device)?.blocked !== undefined);
  const open = written.filter(({ now }) => !blocked.includes(now.device.id));
  return [...new Set([...touchedByHours({ encounters, leftAt }, open), ...blocked])];
}

function entry<Value>(node: NodeId, value: Value | undefined): readonly (readonly [NodeId, Value])[] {
  return value === undefined ? [] : [[node, value]];
}

export function putLogoutsIn(draft: MemoryDraft, logouts: readonly LogoutFact[]): readonly NodeId[] {
  const touched = new Set<NodeId>();
  for (const logout of logouts) {
    const key = `${logout.device.id} ${logout.t}`;
    const known = draft.logout.get(key);
    if (known !== undefined && known.messageId <= logout.messageId) continue;
    draft.logout.put(key, logout);
    touched.add(logout.device.id);
  }
  return [...touched];
}

export function putResolvedIn(draft: MemoryDraft, nodes: readonly ResolvedNode[]): readonly NodeId[] {
  const neighbourhood = neighbourhoodIn(draft);
  const touched = new Set<NodeId>();
  for (const { node, component, blocked } of nodes) {
    const before = draft.node.get(node);
    if (before === undefined || (before.component === component && before.blocked === blocked)) continue;
    for (const one of [node, before.component, component]) if (one !== undefined) touched.add(one);
    if (before.blocked !== blocked) for (const other of neighbourhood.metBy(node)) touched.add(other);
    draft.node.put(node, { ...before, component, blocked });
  }
  return [...touched];
}

export function replaceSpansIn(
  draft: MemoryDraft,
  nodes: readonly NodeId[],
  entries: ReadonlyMap<NodeId, readonly ThreadMapEntry[]>,
): readonly NodeId[] {
  return [...new Set(nodes)].filter((node) => {
    const before = draft.span.get(node)?.entries ?? [];
    const after = entries.get(node) ?? [];
    if (print(before) === print(after)) return false;
    if (after.length === 0) draft.span.delete(node);
    else draft.span.put(node, { node, entries: after });
    return true;
  });
}

function print(entries: readonly ThreadMapEntry[]): string {
  return entries
    .map(({ from, to, person }) => `${from}-${to}:${person}`)
    .sort()
    .join(' ');
}

export function spansIn(view: MemoryView, nodes: readonly NodeId[]): ReadonlyMap<NodeId, readonly ThreadMapEntry[]> {
  return new Map(nodes.map((node) => [node, view.span.get(node)?.entries ?? []]));
}

export function personRecordsIn(view: MemoryView, ids: readonly NodeId[]): readonly PersonRecord[] {
  const links = [...view.link.values()];
  const separations = [...view.separation.values()].filter((separation) => hasKnownEnds(view, separation));
  const persons = nodesIn(view, ids).filter(({ component }) => component !== undefined);
  return persons.map(({ node, blocked }) => ({
    node,
    ...(blocked === undefined || blocked === 'device' ? {} : { blocked }),
    links: blocked === 'secret-keys' ? [] : links.filter((link) => isEnd(link, node)).sort(compareLinks),
    separations: separations.filter((separation) => isEnd(separation, node)).map(separationFact),
  }));
}

export function deviceRecordsIn(view: MemoryView, ids: readonly NodeId[]): readonly DeviceRecord[] {
  const devices = nodesIn(view, ids).filter(({ component }) => component === undefined);
  return devices.map(({ node, blocked }) => ({
    device: node,
    blocked: blocked !== undefined,
    links: [...view.deviceLink.values()].filter((link) => isEnd(link, node)),
    presences: [...view.presence.values()].filter(({ device }) => device.id === node.id),
    logouts: [...view.logout.values()].filter(({ device }) => device.id === node.id),
  }));
}

export function devicesOfIn(view: MemoryView, persons: readonly NodeId[]): readonly Node[] {
  const wanted = new Set(persons);
  const seen = [...view.presence.values()].filter(({ person }) => wanted.has(person.id));
  return nodesIn(
    view,
    seen.map(({ device }) => device.id),
  ).map(({ node }) => node);
}

/** Of a pair of which an end is not known there is nothing to keep apart yet. */
export function hasKnownEnds(view: MemoryView, { a, b }: SeparationFact): boolean {
  return view.node.get(a.id) !== undefined && view.node.get(b.id) !== undefined;
}

export function separationFact({ a, b, stands, t, id, by }: SeparationFact): SeparationFact {
  return { a, b, stands, t, id, by };
}

function isEnd(pair: { readonly a: Node; readonly b: Node }, node: Node): boolean {
  return pair.a.id === node.id || pair.b.id === node.id;
}

/** Of these nodes those with a fact on themselves, on one of their component, or on a terminal where one of it was seen. */
export function decidedIn(view: MemoryView, nodes: readonly NodeId[]): readonly NodeId[] {
  const decided = new Set([...view.factNode.values()].map(({ node }) => node));
  const seen = [...view.presence.values()];
  return nodes.filter((node) => {
    const component = view.node.get(node)?.component;
    const members =
      component === undefined
        ? []
        : [...view.node.values()].filter((row) => row.component === component).map((row) => row.node.id);
    const devices = seen.filter(({ person }) => members.includes(person.id)).map(({ device }) => device.id);
    return [node, ...members, ...devices].some((each) => decided.has(each));
  });
}

/** Every known node whose consent rests on one of these, as `dependsOn` says it. */
export function dependentsIn(
  view: MemoryView,
  nodes: readonly NodeId[],
): readonly (Node & { readonly brand: BrandId })[] {
  const wanted = new Set(nodes);
  const neighbourhood = neighbourhoodIn(view);
  return [...view.node.values()]
    .filter(({ node }) => neighbourhood.subject(node.id).dependsOn.some((other) => wanted.has(other)))
    .map(({ node, brand }) => ({ ...node, brand }));
}
