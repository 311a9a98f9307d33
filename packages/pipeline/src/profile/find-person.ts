import type { Instant } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import {
  BEGINNING,
  END,
  isDeviceNamespace,
  isWithin,
  NOBODY,
  type NodeId,
  type PersonId,
  type PersonNumber,
  personIdOf,
  personNumberOf,
  personOfThread,
  type Thread,
  type ThreadMapEntry,
  type TimeSpan,
  threadOf,
} from '@filrouge/domain/identity';
import type { ReadingStore, SealedNode } from '@filrouge/ports';

/** A thread of a person, and when it was the person's. */
export type PersonThread = {
  readonly node: SealedNode;
  readonly thread: Thread;
  readonly spans: readonly TimeSpan[];
};

/** One person of one brand, with everything that is told under it. */
export type FoundPerson = {
  readonly id: PersonId;
  readonly number: PersonNumber;
  readonly brand: BrandId;
  /** Identifiers of person type, joined by verified links; empty for an anonymous device. */
  readonly members: readonly PersonThread[];
  readonly devices: readonly PersonThread[];
};

const ALWAYS: readonly TimeSpan[] = [{ from: BEGINNING, to: END }];

/**
 * The person an identifier stands for now; undefined where it was never seen, is nobody's, or was erased. For a device
 * it is who is signed in at `now`, or the device itself as an anonymous person.
 */
export async function findPerson(
  reading: ReadingStore,
  brand: BrandId,
  node: NodeId,
  now: Instant,
): Promise<FoundPerson | undefined> {
  const [row] = await reading.nodes([node]);
  if (row === undefined || row.brand !== brand) return undefined;
  const spans = (await reading.spans([node])).get(node) ?? [];
  return personFrom(reading, row, numberAt(row, spans, now));
}

/**
 * The person an id stands for now. A person that was merged into an older one is found by its own id too, and answers
 * under the older one's; after the un-merge it is itself again.
 */
export async function findPersonById(
  reading: ReadingStore,
  brand: BrandId,
  id: PersonId,
  now: Instant,
): Promise<FoundPerson | undefined> {
  const number = personNumberOf(id);
  const anchors = await reading.nodes(await reading.nodesOfThreads([number as string as Thread]));
  const anchor = anchors.find((row) => row.brand === brand);
  if (anchor !== undefined && !isDeviceNamespace(anchor.node.namespace)) {
    return findPerson(reading, brand, anchor.node.id, now);
  }
  const rows = anchor === undefined ? await reading.nodes(await reading.nodesOfPersons([number])) : [anchor];
  const row = rows.find((candidate) => candidate.brand === brand);
  const person = row === undefined ? undefined : await personFrom(reading, row, number);
  return person === undefined || person.members.length + person.devices.length === 0 ? undefined : person;
}

async function personFrom(
  reading: ReadingStore,
  row: SealedNode,
  number: PersonNumber,
): Promise<FoundPerson | undefined> {
  const id = personIdOf(number);
  if (id === undefined) return undefined;
  const members = await membersOf(reading, row, number);
  const devices = await devicesOf(reading, row, number, members);
  return { id, number, brand: row.brand, members, devices };
}

function numberAt(row: SealedNode, spans: readonly ThreadMapEntry[], at: Instant): PersonNumber {
  if (row.blocked !== undefined && row.blocked !== 'device') return NOBODY;
  return spans.find((span) => isWithin(span, at))?.person ?? personOfThread(threadOf(row.node.id));
}

/** The identifiers of a person: by its component, or, from a device, by the node the person is named after. */
async function membersOf(
  reading: ReadingStore,
  row: SealedNode,
  number: PersonNumber,
): Promise<readonly PersonThread[]> {
  const component = isDeviceNamespace(row.node.namespace) ? await componentOf(reading, number) : row.component;
  if (component === undefined) return [];
  return (await reading.members([component]))
    .filter(({ blocked }) => blocked === undefined)
    .map((node) => ({ node, thread: threadOf(node.node.id), spans: ALWAYS }));
}

async function componentOf(reading: ReadingStore, number: PersonNumber): Promise<NodeId | undefined> {
  const anchors = await reading.nodesOfThreads([number as string as Thread]);
  const rows = await reading.nodes(anchors);
  return rows.find(({ component }) => component !== undefined)?.component;
}

/** The devices that were the person's at some time, with the spans in which they were. */
async function devicesOf(
  reading: ReadingStore,
  row: SealedNode,
  number: PersonNumber,
  members: readonly PersonThread[],
): Promise<readonly PersonThread[]> {
  const mapped = await reading.nodesOfPersons([number]);
  // The eldest name of a terminal is its own person's without any entry that says so.
  const eldest = await reading.nodesOfThreads([number as string as Thread]);
  const seen = await reading.devicesOf(members.map(({ node }) => node.node.id));
  const own = isDeviceNamespace(row.node.namespace) ? [row.node.id] : [];
  const rows = await reading.nodes([...new Set([...mapped, ...eldest, ...seen, ...own])]);
  const terminals = rows.filter(({ node }) => isDeviceNamespace(node.namespace));
  const spans = await reading.spans(terminals.map(({ node }) => node.id));
  return terminals.flatMap((node) => {
    const entries = spans.get(node.node.id) ?? [];
    const owned = ownedSpans(threadOf(node.node.id), entries, number);
    return owned.length === 0 ? [] : [{ node, thread: threadOf(node.node.id), spans: owned }];
  });
}

/** The times at which a thread is a person's: those its map says, and, for its own person, those it says nothing of. */
export function ownedSpans(
  thread: Thread,
  entries: readonly ThreadMapEntry[],
  number: PersonNumber,
): readonly TimeSpan[] {
  const named = entries.filter(({ person }) => person === number).map(({ from, to }) => ({ from, to }));
  if (personOfThread(thread) !== number) return named;
  const gaps: TimeSpan[] = [];
  let from: Instant = BEGINNING;
  for (const entry of [...entries].sort((a, b) => a.from - b.from)) {
    if (from < entry.from) gaps.push({ from, to: entry.from });
    from = entry.to;
  }
  if (from < END) gaps.push({ from, to: END });
  return [...named, ...gaps].sort((a, b) => a.from - b.from);
}
