import type { Instant } from '@filrouge/domain/base';
import {
  type Allowance,
  isErasedAt,
  nearestReason,
  type Permitted,
  type Purpose,
  type PurposeId,
  type PurposeStates,
  permit,
  type StoredItem,
  standingOn,
  type WithheldReason,
} from '@filrouge/domain/consent';
import type { NodeId } from '@filrouge/domain/identity';
import type { ReadingStore, Subject } from '@filrouge/ports';
import { type KnownSubject, knownSubject } from '../consents/known-subject.ts';
import type { FoundPerson } from './find-person.ts';

/**
 * The person's own request for access or portability (GDPR 15, 20): it opens every row that was not erased, whatever
 * it was collected for (S10). It is no purpose of collection, and no row carries it.
 */
export const RIGHTS: Purpose = {
  id: 'rights' as PurposeId,
  bit: 0,
  basis: 'legal-obligation',
  scope: { device: true, person: true },
};

/** A row of the person, and on which of its threads it stands. */
export type PersonRow = Pick<StoredItem, 'purposes' | 'c' | 'terminal' | 'bot'> & {
  readonly t: Instant;
  readonly claim: NodeId;
  readonly device: NodeId | undefined;
};

/** How one person and its devices stand on one purpose at the moment of reading. */
export type PersonPermission = {
  readonly purpose: Purpose;
  readonly now: Instant;
  readonly ledgerPosition: number;
  /** What allows to see anything of the person for the purpose; undefined where nothing does. */
  readonly allowedBy: Allowance | undefined;
  /** How the person stands where nothing allows: of its identifiers and devices the one nearest to a yes (S9). */
  readonly closedAs: WithheldReason;
  /** Whether an identifier of the person may itself be shown for the purpose. */
  readonly shows: (node: NodeId) => boolean;
  /** Whether an identifier of the person is an erased one's at the moment of reading. */
  readonly isErased: (node: NodeId) => boolean;
  /** Takes in terminals that rows name and the person does not own, such as a store's kiosk. */
  readonly meet: (devices: readonly NodeId[]) => Promise<void>;
  /** The one decision on a row at the moment of its use (S10); undefined is no. */
  readonly permit: <T>(value: T, row: PersonRow) => Permitted<T> | undefined;
};

/** Folds for one purpose what the ledger said of one person when it was found (S8, S10). */
export function permissionOf(
  reading: ReadingStore,
  person: Pick<FoundPerson, 'members' | 'devices' | 'standing'>,
  purpose: Purpose,
  now: Instant,
): PersonPermission {
  const members = person.members.map(({ node }) => node.node.id);
  const devices = new Set(person.devices.map(({ node }) => node.node.id));
  const known = new Map<NodeId, KnownSubject>();
  const know = (subjects: readonly Subject[]): void => {
    for (const subject of subjects) known.set(subject.node, knownSubject(subject));
  };
  const { ledgerPosition, subjects } = person.standing;
  know(subjects);
  const isErased = (node: NodeId, t: Instant): boolean => isErasedAt(known.get(node)?.subject.tombstone, t);
  const allowances = new Map<NodeId, Allowance>();
  const closed: WithheldReason[] = ['unknown'];
  for (const node of [...members, ...devices]) {
    const terminal = devices.has(node);
    const states = statesFrom(known, devices, purpose, terminal ? (members[0] ?? node) : node, node);
    const standing = standingOn(purpose, states, { now, terminal, use: 'individual' });
    if (!standing.ok) closed.push(standing.status);
    else if (!isErased(node, now)) allowances.set(node, standing.allowance);
  }
  return {
    purpose,
    now,
    ledgerPosition,
    allowedBy: [...allowances.values()][0],
    closedAs: nearestReason(closed),
    shows: (node) => allowances.has(node) && !(devices.has(node) && isOfPersonsOnly(purpose)),
    isErased: (node) => isErased(node, now),
    meet: async (met) => know(await reading.subjects(met.filter((node) => !known.has(node)))),
    permit: (value, row) => {
      const { claim, device, t, c, terminal } = row;
      const rights = purpose === RIGHTS;
      const item: StoredItem = {
        purposes: rights ? 1n << BigInt(RIGHTS.bit) : row.purposes,
        c,
        terminal,
        bot: rights ? false : row.bot,
        ...(isErased(claim, t) ? { closed: 'erased' } : {}),
      };
      const states = statesFrom(known, devices, purpose, claim, device);
      const permitted = permit(value, item, states, { purpose, use: 'individual', now, ledgerPosition });
      return permitted.ok ? permitted.value : undefined;
    },
  };
}

/** Nobody said yes on a terminal to what needs no yes: it is shown only for a purpose that is decided there (S8). */
function isOfPersonsOnly({ basis, scope }: Purpose): boolean {
  return basis !== 'consent' && !scope.device;
}

function statesFrom(
  known: ReadonlyMap<NodeId, KnownSubject>,
  devices: ReadonlySet<NodeId>,
  { id }: Purpose,
  claim: NodeId,
  device: NodeId | undefined,
): PurposeStates {
  const isPerson = !devices.has(claim);
  const terminal = isPerson ? (device === claim ? undefined : device) : claim;
  const onTerminal = terminal === undefined ? undefined : known.get(terminal);
  const onClaim = known.get(claim);
  return {
    ...(onTerminal === undefined ? {} : { device: onTerminal.deviceState(id) }),
    ...(onClaim === undefined ? {} : { person: isPerson ? onClaim.personState(id) : onClaim.anonymousState(id) }),
    ...(isPerson && onTerminal !== undefined ? { onDevice: onTerminal.deviceState(id) } : {}),
  };
}
