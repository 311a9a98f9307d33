import { type ConsentFact, type Purpose, UNKNOWN } from '@filrouge/domain/consent';
import type { BrandId } from '@filrouge/domain/deployment';
import { isDeviceNamespace, type Node, type NodeId, threadOf } from '@filrouge/domain/identity';
import type { ConsentStanding, ProjectionTransaction } from '@filrouge/ports';
import { type KnownSubject, knownSubject } from '../consents/known-subject.ts';

type BrandNode = Node & { readonly brand: BrandId };

/** Neighbourhoods that are held in memory together: what was decided in each comes with it. */
const NODES_AT_ONCE = 2_000;

/**
 * Folds consent again for everyone whose facts or links moved, for the event store's predicate (S7, S8, S10). Every
 * purpose is stated, the unknown ones too: after an un-merge a silence would leave the other person's yes standing. Of
 * `untold` nodes the event store has nothing, which says unknown as well. Around nodes that moved `alone` nobody did.
 */
export async function standingsOf(
  transaction: ProjectionTransaction,
  purposes: readonly Purpose[],
  { moved, alone = [] }: { readonly moved: readonly NodeId[]; readonly alone?: readonly BrandNode[] },
  untold: ReadonlySet<NodeId> = new Set(),
): Promise<readonly ConsentStanding[]> {
  const dependents = await transaction.dependents(moved);
  const nodes = [...new Map([...dependents, ...alone].map((node) => [node.id, node])).values()];
  const standings: ConsentStanding[] = [];
  for (let from = 0; from < nodes.length; from += NODES_AT_ONCE) {
    const some = nodes.slice(from, from + NODES_AT_ONCE);
    const subjects = await transaction.subjects(some.map(({ id }) => id));
    const alike: Alike = new Map();
    const known = new Map(subjects.map((subject) => [subject.node, knownSubject(subject)]));
    for (const node of some) {
      const subject = known.get(node.id);
      if (subject === undefined) continue;
      for (const standing of standingsAt(node, subject, purposes, alike)) {
        if (!untold.has(node.id) || says(standing)) standings.push(standing);
      }
    }
  }
  return standings;
}

/** How a terminal on which nothing was decided stands, by the one list of facts that is all there is around it. */
type Alike = Map<readonly ConsentFact[], readonly States[]>;
type States = Pick<ConsentStanding, 'device' | 'person'>;

function standingsAt(
  node: BrandNode,
  subject: KnownSubject,
  purposes: readonly Purpose[],
  alike: Alike,
): readonly ConsentStanding[] {
  const thread = threadOf(node.id);
  const states = statesAt(node, subject, purposes, alike);
  return purposes.map(({ bit }, at) => ({ brand: node.brand, thread, bit, ...(states[at] as States) }));
}

/** A person may be met at thousands of terminals: where nothing else is known of them they stand alike, and one is folded. */
function statesAt(
  { namespace }: BrandNode,
  subject: KnownSubject,
  purposes: readonly Purpose[],
  alike: Alike,
): readonly States[] {
  if (!isDeviceNamespace(namespace)) return purposes.map(({ id }) => ({ person: subject.personState(id) }));
  const { self, neighbours } = subject.subject;
  const [around, ...others] = neighbours;
  const shared = self.length === 0 && others.length === 0 ? around : undefined;
  const known = shared === undefined ? undefined : alike.get(shared);
  if (known !== undefined) return known;
  const states = purposes.map(({ id }) => ({ device: subject.deviceState(id), person: subject.anonymousState(id) }));
  if (shared !== undefined) alike.set(shared, states);
  return states;
}

function says({ device = UNKNOWN, person }: ConsentStanding): boolean {
  return device.kind !== 'unknown' || person?.kind !== 'unknown';
}
