import { type Purpose, servedPurposes } from '@filrouge/domain/consent';
import type { Deployment, Source } from '@filrouge/domain/deployment';
import type { ItemKind } from '@filrouge/domain/event';

type ByKind = Map<ItemKind, readonly Purpose[]>;
const known = new WeakMap<Deployment, WeakMap<Source, ByKind>>();

/** The purposes that items of a kind from a source serve (S12), of those that are configured; worked out once for each. */
export function servedAtDoor(deployment: Deployment, source: Source, kind: ItemKind): readonly Purpose[] {
  const byKind = kindsOf(deployment, source);
  const before = byKind.get(kind);
  if (before !== undefined) return before;
  const served = servedPurposes(source, kind).flatMap((id) => deployment.purposes.get(id) ?? []);
  byKind.set(kind, served);
  return served;
}

function kindsOf(deployment: Deployment, source: Source): ByKind {
  const before = known.get(deployment)?.get(source);
  if (before !== undefined) return before;
  const bySource = known.get(deployment) ?? new WeakMap<Source, ByKind>();
  const byKind: ByKind = new Map();
  known.set(deployment, bySource.set(source, byKind));
  return byKind;
}
