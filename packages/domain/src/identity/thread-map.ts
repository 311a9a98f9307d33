import type { Instant } from '../base/instant.ts';
import type { DeviceTimeline } from './device-timeline.ts';
import { NO_THREAD, type Node, type NodeId, type Thread, threadOf } from './node.ts';
import { compareNodes } from './node-order.ts';
import { NOBODY, type PersonNumber, personOfSpan, personOfThread } from './person-id.ts';
import type { PersonCluster, Persons } from './resolve-persons.ts';
import { BEGINNING, END, isWithin, type TimeSpan } from './time-span.ts';

/** Whose rows of a thread are, in a span of event time. Rows that no entry covers are the thread's own person's. */
export type ThreadMapEntry = TimeSpan & { readonly thread: Thread; readonly person: PersonNumber };

/** The journal position at which each node was first seen; a node not in it counts as seen last. */
export type FirstSeen = ReadonlyMap<NodeId, number>;

/** The identifier that names a person or a terminal: the one seen first, the strongest of those seen at once. */
export function anchorOf(nodes: readonly Node[], firstSeen: FirstSeen): Node | undefined {
  let anchor: Node | undefined;
  for (const node of nodes) if (anchor === undefined || isOlder(node, anchor, firstSeen)) anchor = node;
  return anchor;
}

/** The person of a cluster: oldest wins, so that a merge keeps the elder's id and an un-merge gives back both. */
export function personOfCluster(cluster: PersonCluster, firstSeen: FirstSeen): PersonNumber {
  const anchor = anchorOf(cluster.nodes, firstSeen);
  return anchor === undefined ? NOBODY : personOfThread(threadOf(anchor.id));
}

/** Entries of identifiers of person type: of the younger ones of each person, and of the blocked. */
export function personEntries(persons: Persons, firstSeen: FirstSeen): readonly ThreadMapEntry[] {
  const entries: ThreadMapEntry[] = [];
  for (const cluster of persons.clusters) {
    if (cluster.nodes.length === 1) continue;
    const person = personOfCluster(cluster, firstSeen);
    for (const node of cluster.nodes) pushEntry(entries, threadOf(node.id), BEGINNING, END, person);
  }
  for (const node of persons.blocked.keys()) pushEntry(entries, threadOf(node), BEGINNING, END, NOBODY);
  return entries;
}

/**
 * Entries of the names of one terminal, span by span. An anonymous span is a person of its own: the first one (since
 * ever) is the terminal's eldest name's, a later one is known by that name and its beginning.
 */
export function deviceEntries(
  timeline: DeviceTimeline,
  firstSeen: FirstSeen,
  personOf: (node: Node) => PersonNumber,
): readonly ThreadMapEntry[] {
  const entries: ThreadMapEntry[] = [];
  const { devices } = timeline.group;
  const anchor = anchorOf(devices, firstSeen);
  if (anchor === undefined) return entries;
  const terminal = threadOf(anchor.id);
  for (const device of devices) {
    const thread = threadOf(device.id);
    for (const { from, to, owner } of timeline.spans) {
      const anonymous = from === BEGINNING ? personOfThread(terminal) : personOfSpan(terminal, from);
      pushEntry(entries, thread, from, to, owner === 'anonymous' ? anonymous : personOf(owner));
    }
  }
  return entries;
}

/** The person of a node that is in a set of persons; a node unknown to it is a person of its own. */
export function personNumberIn(persons: Persons, firstSeen: FirstSeen): (node: Node) => PersonNumber {
  return (node) => {
    if (persons.blocked.has(node.id)) return NOBODY;
    const cluster = persons.byNode.get(node.id);
    return cluster === undefined ? personOfThread(threadOf(node.id)) : personOfCluster(cluster, firstSeen);
  };
}

/** The whole map of a set of facts (S13): only entries that say something. */
export function threadMap(
  persons: Persons,
  timelines: readonly DeviceTimeline[],
  firstSeen: FirstSeen,
): readonly ThreadMapEntry[] {
  const personOf = personNumberIn(persons, firstSeen);
  return [
    ...personEntries(persons, firstSeen),
    ...timelines.flatMap((timeline) => deviceEntries(timeline, firstSeen, personOf)),
  ];
}

/** The map as readers ask it: entries by thread. */
export type ThreadIndex = ReadonlyMap<Thread, readonly ThreadMapEntry[]>;

export function indexThreadMap(entries: Iterable<ThreadMapEntry>): ThreadIndex {
  const index = new Map<Thread, ThreadMapEntry[]>();
  for (const entry of entries) {
    const known = index.get(entry.thread);
    if (known === undefined) index.set(entry.thread, [entry]);
    else known.push(entry);
  }
  return index;
}

/** Whose a row is that carries this thread and this event time. */
export function personAt(index: ThreadIndex, thread: Thread, t: Instant): PersonNumber {
  if (thread === NO_THREAD) return NOBODY;
  return index.get(thread)?.find((entry) => isWithin(entry, t))?.person ?? personOfThread(thread);
}

function isOlder(node: Node, than: Node, firstSeen: FirstSeen): boolean {
  const mine = firstSeen.get(node.id) ?? Number.POSITIVE_INFINITY;
  const theirs = firstSeen.get(than.id) ?? Number.POSITIVE_INFINITY;
  return mine < theirs || (mine === theirs && compareNodes(node, than) < 0);
}

/** Leaves out what the thread says by itself, and lengthens the entry before where the person stays. */
function pushEntry(entries: ThreadMapEntry[], thread: Thread, from: Instant, to: Instant, person: PersonNumber): void {
  if (person === personOfThread(thread)) return;
  const before = entries.at(-1);
  if (before !== undefined && before.thread === thread && before.to === from && before.person === person) {
    entries[entries.length - 1] = { ...before, to };
  } else entries.push({ thread, from, to, person });
}
