import type { Instant } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import {
  BEGINNING,
  END,
  isDeviceNamespace,
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
import type { PersonParts, ReadingStore, SealedNode, SealedTraits, Standing } from '@filrouge/ports';

/** A thread of a person, and when it was the person's. */
export type PersonThread = {
  readonly node: SealedNode;
  readonly thread: Thread;
  readonly spans: readonly TimeSpan[];
};

/** One person of one brand, with everything that is told under it, as it stood at the moment of the look. */
export type FoundPerson = {
  readonly id: PersonId;
  readonly number: PersonNumber;
  readonly brand: BrandId;
  /** Identifiers of person type, joined by verified links; empty for an anonymous device. */
  readonly members: readonly PersonThread[];
  readonly devices: readonly PersonThread[];
  /** How these identifiers and devices stand. */
  readonly standing: Standing;
  /** What was stated on them, sealed: nothing is settled yet about who may see it. */
  readonly traits: readonly SealedTraits[];
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
  const parts = await reading.person(node, { at: now });
  return parts?.brand === brand ? personOf(parts) : undefined;
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
  const parts = row === undefined ? undefined : await reading.person(row.node.id, { number });
  const person = parts === undefined ? undefined : personOf(parts);
  return person === undefined || person.members.length + person.devices.length === 0 ? undefined : person;
}

function personOf(parts: PersonParts): FoundPerson | undefined {
  const { brand, number, standing, traits } = parts;
  const id = personIdOf(number);
  if (id === undefined) return undefined;
  const members = parts.members.map((node) => ({ node, thread: threadOf(node.node.id), spans: ALWAYS }));
  const devices = parts.devices.flatMap(({ spans, ...node }) => {
    const thread = threadOf(node.node.id);
    const owned = ownedSpans(thread, spans, number);
    return owned.length === 0 ? [] : [{ node, thread, spans: owned }];
  });
  const own = new Set([...members, ...devices].map(({ node }) => node.node.id));
  return {
    id,
    number,
    brand,
    members,
    devices,
    standing: { ...standing, subjects: standing.subjects.filter(({ node }) => own.has(node)) },
    traits: traits.filter(({ node }) => own.has(node)),
  };
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
