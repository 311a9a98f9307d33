import type { Instant } from '@filrouge/domain/base';
import { DEFAULT_PURPOSES, type Purpose } from '@filrouge/domain/consent';
import { findPerson } from '../../../profile/find-person.ts';
import { permissionOf } from '../../../profile/person-permission.ts';
import { readTimeline } from '../../../profile/read-timeline.ts';
import { MAISON } from '../../example-deployment.ts';
import type { Act } from '../script.ts';
import { orDeath, type SimWorld } from '../sim-world.ts';
import type { Stores } from '../stores-of-process.ts';

type Shown = {
  readonly ids: readonly string[];
  readonly members: readonly string[];
  readonly recordId: string | undefined;
};

/** Looks at a person's timeline for a purpose; a look that dies shows nothing. */
export async function look(world: SimWorld, { who, purpose }: Extract<Act, { do: 'look' }>): Promise<void> {
  const { process, stores } = world.anyDoor();
  const since = world.time.now;
  const now = process.now();
  const shown = await orDeath(process, timeline(world, stores, { who, purpose, now })).catch(() => undefined);
  if (shown === undefined || !process.isAlive) return;
  world.trace(`saw ${shown.ids.join()} of ${who} for ${purpose.id}`);
  judge(world, shown, purpose, since);
}

function judge({ facts, violations, database }: SimWorld, shown: Shown, { id: purpose }: Purpose, since: number): void {
  const { ids, members, recordId } = shown;
  const who = new Set(members);
  const closed = facts.isClosed({ brand: MAISON, who, whole: true, purpose, since });
  const unheard = facts.isUnheard(MAISON, purpose);
  for (const id of ids) {
    if (closed && facts.namesPerson(id))
      violations.push(`5: ${id} of ${members.join()} was shown for ${purpose} after a no`);
    if (unheard) violations.push(`6: ${id} was shown for ${purpose}, to which nobody said yes`);
  }
  if (ids.length === 0 || recordId === undefined) return;
  const proof = [...database.view.fact.values()].find(
    (fact) => fact.recordId === recordId && fact.purpose === purpose && fact.status === 'given',
  );
  if (proof === undefined) violations.push(`14: record ${recordId}, on which a look rested, is no yes to ${purpose}`);
}

async function timeline(
  world: SimWorld,
  { reading, events }: Stores,
  asked: { readonly who: string; readonly purpose: Purpose; readonly now: Instant },
): Promise<Shown | undefined> {
  const { who, purpose, now } = asked;
  const person = await findPerson(reading, MAISON, world.node(who), now);
  if (person === undefined) return undefined;
  const permission = permissionOf(reading, person, purpose, now);
  const deps = { reading, events, vault: world.vault, purposes: DEFAULT_PURPOSES };
  const { items } = await readTimeline(deps, person, permission, { limit: 100 });
  const { allowedBy } = permission;
  return {
    ids: items.map(({ value }) => value.id),
    members: person.members.map(({ node }) => world.nameOf(node.node.id)),
    recordId: allowedBy?.by === 'consent' ? allowedBy.recordId : undefined,
  };
}
