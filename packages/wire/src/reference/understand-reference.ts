import { refuse } from '@filrouge/domain/base';
import { REFERENCE_KINDS, type ReferenceEntry, type ReferenceKind } from '@filrouge/domain/reference';
import type { Frame } from '../collect/frame.ts';
import type { BatchRoute } from '../collect/route.ts';
import { parsedSlices } from '../collect/understand-frame.ts';
import { type ItemRefusal, refusalOf } from '../problem/refusal.ts';
import { parseReference } from './parse-reference.ts';

/** Where what the retailer knows of its own things enters: they are no events. */
export const REFERENCE_ROUTES: Readonly<Record<ReferenceKind, BatchRoute>> = Object.fromEntries(
  REFERENCE_KINDS.map((kind) => [
    kind,
    { method: 'POST', path: `/v1/import/${kind}`, dialect: 'rudderstack', answer: 'success', shape: 'batch' },
  ]),
) as Record<ReferenceKind, BatchRoute>;

export type UnderstoodReference = {
  readonly entries: readonly ReferenceEntry[];
  readonly rejected: readonly ItemRefusal[];
};

/** The rows of a request -> what is kept; one bad row costs only itself, and of two with one id the later counts. */
export function understandReference(frame: Frame, kind: ReferenceKind): UnderstoodReference {
  const entries = new Map<string, ReferenceEntry>();
  const rejected: ItemRefusal[] = [];
  if (frame.kind !== 'batch') return { entries: [], rejected };
  let index = 0;
  for (const parsed of parsedSlices(frame)) {
    const [inexact] = parsed.ok ? parsed.value.inexact : [];
    const read = !parsed.ok
      ? parsed
      : inexact === undefined
        ? parseReference(kind, parsed.value.json)
        : refuse(refusalOf('number-not-exact', inexact));
    if (read.ok) entries.set(read.value.id, read.value);
    else rejected.push({ index, ...read.refusal });
    index += 1;
  }
  const count = frame.itemsBeyond;
  if (count > 0) rejected.push({ index, count, ...refusalOf('too-many-items', `/batch/${index}`, `${count} items`) });
  return { entries: [...entries.values()], rejected };
}
