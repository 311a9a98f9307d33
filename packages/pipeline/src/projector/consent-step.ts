import { type Purpose, UNKNOWN } from '@filrouge/domain/consent';
import { isDeviceNamespace, type NodeId, threadOf } from '@filrouge/domain/identity';
import type { ConsentStanding, ProjectionTransaction } from '@filrouge/ports';
import { knownSubject } from '../consents/known-subject.ts';

/**
 * Folds consent again for everyone whose facts or links moved, for the event store's predicate (S7, S8, S10). Every
 * purpose is stated, the unknown ones too: after an un-merge a silence would leave the other person's yes standing. Of
 * `untold` nodes the event store has nothing, which says unknown as well.
 */
export async function standingsOf(
  transaction: ProjectionTransaction,
  purposes: readonly Purpose[],
  moved: readonly NodeId[],
  untold: ReadonlySet<NodeId> = new Set(),
): Promise<readonly ConsentStanding[]> {
  const nodes = await transaction.dependents(moved);
  if (nodes.length === 0) return [];
  const known = new Map(
    (await transaction.subjects(nodes.map(({ id }) => id))).map((subject) => [subject.node, knownSubject(subject)]),
  );
  return nodes.flatMap((node): readonly ConsentStanding[] => {
    const subject = known.get(node.id);
    if (subject === undefined) return [];
    const isDevice = isDeviceNamespace(node.namespace);
    const standings = purposes.map(({ id, bit }) => ({
      brand: node.brand,
      thread: threadOf(node.id),
      bit,
      ...(isDevice ? { device: subject.deviceState(id) } : {}),
      person: isDevice ? subject.anonymousState(id) : subject.personState(id),
    }));
    return untold.has(node.id) ? standings.filter(says) : standings;
  });
}

function says({ device = UNKNOWN, person }: ConsentStanding): boolean {
  return device.kind !== 'unknown' || person?.kind !== 'unknown';
}
