import type { Instant, Json } from '@filrouge/domain/base';
import type { Permitted } from '@filrouge/domain/consent';
import { isWithin, type Namespace, type NodeId } from '@filrouge/domain/identity';
import { COMPUTED_TRAITS, currentTraits, type TraitEntry, type TraitHistory } from '@filrouge/domain/profile';
import type { ReadingStore, SealedNode, Vault } from '@filrouge/ports';
import { openTraits } from '../projector/profile-step.ts';
import type { FoundPerson, PersonThread } from './find-person.ts';
import { type PersonPermission, type PersonRow, RIGHTS } from './person-permission.ts';
import { type ShownSpan, shownSpan } from './shown-span.ts';

/** One value of a profile, with its source and time; computed ones say so. */
export type ShownTrait = {
  readonly value: Json;
  readonly at: string;
  readonly source: string;
  readonly computed?: true;
  /** Said by a public key without a proof of whom it spoke: shown where nothing proven is known. */
  readonly verified?: false;
};

export type ShownIdentifier = {
  readonly namespace: Namespace;
  readonly value: string;
  /** `verified`: joined to the person; `device`: used by the person in the spans given. */
  readonly standing: 'verified' | 'device';
  readonly spans?: readonly ShownSpan[];
};

type ReadDeps = { readonly reading: ReadingStore; readonly vault: Vault };

/** Stated and computed traits that a purpose may see (S10), newest value first of each. */
export async function readTraits(
  { reading, vault }: ReadDeps,
  person: FoundPerson,
  permission: PersonPermission,
): Promise<Readonly<Record<string, Permitted<ShownTrait>>>> {
  const { traits: rows } = person;
  const threads = [...person.members, ...person.devices];
  const owners = rows.map((row) => threads.find(({ node }) => node.node.id === row.node) as PersonThread);
  const histories = rows.map((row, at) => ({ owner: owners[at] as PersonThread, history: openTraits(vault, row) }));
  await permission.meet(histories.flatMap(({ history }) => devicesIn(history)));
  const shown = Object.fromEntries(statedTraits(histories, permission));
  return { ...shown, ...(await computedTraits(reading, person, permission)) };
}

/** What was stated of a person on its threads, as far as the purpose may see it: by name, newest value of each. */
export function statedTraits(
  histories: readonly { readonly owner: PersonThread; readonly history: TraitHistory }[],
  permission: PersonPermission,
): ReadonlyMap<string, Permitted<ShownTrait>> {
  const shown = new Map<string, Permitted<ShownTrait>>();
  const allowed = new Map<TraitEntry, Permitted<ShownTrait>>();
  const stated = histories.map(({ history }) => history);
  const current = currentTraits(stated, (entry, at) => {
    const { owner } = histories[at] as (typeof histories)[number];
    const permitted = owner.spans.some((span) => isWithin(span, entry.t))
      ? permitTrait(entry, owner, permission)
      : undefined;
    if (permitted !== undefined) allowed.set(entry, permitted);
    return permitted !== undefined;
  });
  for (const [name, entry] of [...current].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const permitted = allowed.get(entry);
    if (permitted !== undefined) shown.set(name, permitted);
  }
  return shown;
}

function permitTrait(
  entry: TraitEntry,
  owner: PersonThread,
  permission: PersonPermission,
): Permitted<ShownTrait> | undefined {
  const { value, t, c, source, purposes, terminal, device, unproven } = entry;
  const row = { purposes: BigInt(purposes), t, c, terminal, bot: false, claim: owner.node.node.id, device };
  const shown: ShownTrait = { value, at: iso(t), source, ...(unproven === true ? { verified: false } : {}) };
  return permission.permit(shown, row);
}

/** A computed trait serves one purpose and is folded from what that purpose may see; for another it is not there. */
async function computedTraits(
  reading: ReadingStore,
  person: FoundPerson,
  permission: PersonPermission,
): Promise<Readonly<Record<string, Permitted<ShownTrait>>>> {
  const traits = COMPUTED_TRAITS.filter(
    ({ purpose }) => purpose === permission.purpose.id || permission.purpose === RIGHTS,
  );
  if (traits.length === 0) return {};
  const threads = new Map([...person.members, ...person.devices].map((thread) => [thread.node.node.id, thread]));
  const purchases = await reading.purchases([...threads.keys()]);
  await permission.meet(purchases.flatMap(({ device }) => device ?? []));
  const usable = purchases.flatMap((purchase) => {
    const owner = threads.get(purchase.node);
    if (owner === undefined || !owner.spans.some((span) => isWithin(span, purchase.t))) return [];
    const { purposes, t, c, terminal } = purchase;
    const row: PersonRow = { purposes, t, c, terminal, bot: false, claim: purchase.node, device: purchase.device };
    return permission.permit(purchase, row) === undefined ? [] : [{ purchase, row }];
  });
  const [first] = usable;
  const shown: Record<string, Permitted<ShownTrait>> = {};
  for (const { name, compute } of traits) {
    const computed = compute(usable.map(({ purchase }) => purchase));
    if (computed === undefined || first === undefined) continue;
    const value: ShownTrait = { value: computed.value, at: iso(computed.at), source: 'computed', computed: true };
    const permitted = permission.permit(value, first.row);
    if (permitted !== undefined) shown[name] = permitted;
  }
  return shown;
}

/** The terminals on which traits were stated. */
function devicesIn(history: TraitHistory): readonly NodeId[] {
  return Object.values(history).flatMap((entries) => entries.flatMap(({ device }) => device ?? []));
}

/**
 * The identifiers of a person that the purpose may see, opened for showing: those that stand on it themselves, so that
 * a yes given on one terminal shows neither another terminal nor an address. One whose key was destroyed is left out.
 */
export function openIdentifiers(
  vault: Vault,
  person: Pick<FoundPerson, 'members' | 'devices'>,
  permission: PersonPermission,
): readonly ShownIdentifier[] {
  const members = person.members.flatMap(({ node }) => {
    const value = permission.shows(node.node.id) ? openNode(vault, node) : undefined;
    return value === undefined ? [] : [{ namespace: node.node.namespace, value, standing: 'verified' } as const];
  });
  const devices = person.devices.flatMap(({ node, spans }) => {
    const value = permission.shows(node.node.id) ? openNode(vault, node) : undefined;
    return value === undefined
      ? []
      : [{ namespace: node.node.namespace, value, standing: 'device', spans: spans.map(shownSpan) } as const];
  });
  return [...members, ...devices];
}

export function openNode(vault: Vault, { node, sealed }: SealedNode): string | undefined {
  const opened = vault.openRecord(`node/${node.id}`, sealed);
  return opened.ok ? opened.value.toString('utf8') : undefined;
}

function iso(at: Instant): string {
  return new Date(at).toISOString();
}
