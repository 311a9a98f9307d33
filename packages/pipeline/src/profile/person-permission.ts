import type { Instant } from '@filrouge/domain/base';
import { type Purpose, type PurposeStates, standingOn } from '@filrouge/domain/consent';
import type { NodeId } from '@filrouge/domain/identity';
import type { ReadingStore } from '@filrouge/ports';
import { type KnownSubject, knownSubject } from '../consents/known-subject.ts';
import type { FoundPerson } from './find-person.ts';

/** How one person and its devices stand on one purpose at the moment of reading. */
export type PersonPermission = {
  readonly purpose: Purpose;
  readonly now: Instant;
  readonly ledgerPosition: number;
  /** Whether anything of the person may be seen for the purpose at all. */
  readonly permitted: boolean;
  /** The states that decide on an item of this claim and terminal. */
  readonly statesOf: (claim: NodeId, device: NodeId | undefined) => PurposeStates;
};

/** Reads the ledger as it stands now and folds it for one person and purpose (S8, S10). */
export async function permissionOf(
  reading: ReadingStore,
  person: FoundPerson,
  purpose: Purpose,
  now: Instant,
): Promise<PersonPermission> {
  // The position is read first: what is decided below is at least as new.
  const ledgerPosition = await reading.ledgerPosition();
  const nodes = [...person.members, ...person.devices].map(({ node }) => node.node.id);
  const known = new Map((await reading.subjects(nodes)).map((subject) => [subject.node, knownSubject(subject)]));
  const devices = new Set(person.devices.map(({ node }) => node.node.id));
  const statesOf = (claim: NodeId, device: NodeId | undefined): PurposeStates =>
    statesFrom(known, devices, purpose, claim, device);
  const members = person.members.map(({ node }) => node.node.id);
  const seen = [
    ...members.map((claim) => ({ states: statesOf(claim, undefined), terminal: false })),
    ...[...devices].map((device) => ({ states: statesOf(members[0] ?? device, device), terminal: true })),
  ];
  const permitted = seen.some(
    ({ states, terminal }) => standingOn(purpose, states, { now, terminal, use: 'individual' }).ok,
  );
  return { purpose, now, ledgerPosition, permitted, statesOf };
}

function statesFrom(
  known: ReadonlyMap<NodeId, KnownSubject>,
  devices: ReadonlySet<NodeId>,
  { id }: Purpose,
  claim: NodeId,
  device: NodeId | undefined,
): PurposeStates {
  const terminal = devices.has(claim) ? claim : device;
  const onTerminal = terminal === undefined ? undefined : known.get(terminal);
  const onClaim = known.get(claim);
  const isPerson = !devices.has(claim);
  return {
    ...(onTerminal === undefined ? {} : { device: onTerminal.deviceState(id) }),
    ...(onClaim === undefined ? {} : { person: isPerson ? onClaim.personState(id) : onClaim.anonymousState(id) }),
    ...(isPerson && onTerminal !== undefined ? { onDevice: onTerminal.deviceState(id) } : {}),
  };
}
