import type { Instant } from '@filrouge/domain/base';
import {
  type ConsentFact,
  type ConsentState,
  type PurposeId,
  type PurposeStates,
  restrictedBy,
  UNKNOWN,
} from '@filrouge/domain/consent';
import {
  BEGINNING,
  evidenceOf,
  isPersonNamespace,
  type LinkFact,
  type Node,
  type NodeId,
  resolvePersons,
} from '@filrouge/domain/identity';
import type { Subject } from '@filrouge/ports';
import { type KnownSubject, knownSubject } from '../consents/known-subject.ts';
import { deviceOf, type HashedIdentifier, type HashedItem } from './hashed-item.ts';
import type { SubjectBook } from './subject-book.ts';

/** How the item's subject stands on each purpose: its terminal, its person, or the terminal as an anonymous person (S8). */
export function statesAtDoor(
  book: SubjectBook,
  hashed: HashedItem,
  identifiers: readonly HashedIdentifier[],
  t: Instant,
): (purpose: PurposeId) => PurposeStates {
  const deviceNode = deviceOf(identifiers)?.node;
  const device = deviceNode === undefined ? undefined : book.get(deviceNode);
  const person = personAtDoor(book, hashed, identifiers, t);
  const proven = person !== undefined && isProven(hashed, identifiers, person.subject, deviceNode);
  const alone = (purpose: PurposeId): ConsentState => device?.anonymousState(purpose) ?? UNKNOWN;
  if (person === undefined) {
    return device === undefined
      ? nobodyStates
      : (purpose) => ({ device: device.deviceState(purpose), person: alone(purpose) });
  }
  const ofPerson = (purpose: PurposeId): ConsentState =>
    proven ? person.personState(purpose) : restrictedBy(alone(purpose), [person.personState(purpose)]);
  if (device === undefined) return (purpose) => ({ person: ofPerson(purpose) });
  return (purpose) => {
    const onDevice = device.deviceState(purpose);
    return { device: onDevice, person: ofPerson(purpose), onDevice };
  };
}

const NOBODY: PurposeStates = {};
const nobodyStates = (): PurposeStates => NOBODY;

/**
 * Whether it is proven whom an item speaks of (S11): its key is a secret, it bears a proof, or the person was proven on
 * this terminal before. Else a page that names somebody, as anybody's page can, would open with that one's yes; it
 * carries their noes alone.
 */
function isProven(
  { source, verifiedBy }: HashedItem,
  identifiers: readonly HashedIdentifier[],
  person: Subject,
  device: NodeId | undefined,
): boolean {
  if (source.kind === 'server' || source.kind === 'store') return true;
  const strongest = identifiers.find(({ namespace }) => isPersonNamespace(namespace));
  if (strongest !== undefined && verifiedBy?.covers.includes(strongest.node) === true) return true;
  return device !== undefined && person.provenOn.includes(device);
}

/**
 * The person an item speaks of, by all identifiers in it and the links already known (S3). What the item itself proves
 * to be one person's counts as joined, under the limits of S13: the first identify that brings a card to an account
 * stands on the card's consents too. Across what it merely states, and between what staff keep apart, only negatives
 * count (S8).
 */
function personAtDoor(
  book: SubjectBook,
  hashed: HashedItem,
  identifiers: readonly HashedIdentifier[],
  t: Instant,
): KnownSubject | undefined {
  const persons = identifiers.filter(({ namespace }) => isPersonNamespace(namespace));
  if (persons.length === 0) return undefined;
  const [strongest, ...others] = persons.flatMap(({ node }) => book.get(node) ?? []);
  if (strongest === undefined || others.length === 0) return strongest;
  const known = [strongest, ...others].map(({ subject }) => subject);
  const joined = joinedBy(known, linksOf(hashed, identifiers, t));
  const same = known.filter(({ node }) => joined.has(node));
  const apart = known.filter(({ node }) => !joined.has(node));
  return same.length === 1 && apart.length === 0 ? strongest : knownSubject(asOne(strongest.subject, same, apart));
}

/** The nodes of the person that the first of these is, were the item kept. */
function joinedBy(known: readonly Subject[], stated: readonly LinkFact[]): ReadonlySet<NodeId> {
  const links = [...known.flatMap(linksAround), ...stated];
  const [first] = known;
  const separations = known.flatMap((subject) => subject.separations);
  const cluster = first === undefined ? undefined : resolvePersons({ links, separations }).byNode.get(first.node);
  return new Set([first?.node, ...(cluster?.nodes ?? []).map(({ id }) => id)].filter((node) => node !== undefined));
}

function linksOf({ source, item, seen, verifiedBy }: HashedItem, identifiers: readonly HashedIdentifier[], t: Instant) {
  return evidenceOf({
    nodes: identifiers.map(({ namespace, node }) => ({ namespace, id: node })),
    ...(item.session === undefined ? {} : { session: item.session }),
    ...(verifiedBy === undefined ? {} : { verifiedBy }),
    sourceKind: source.kind,
    source: source.id,
    kiosk: source.kiosk,
    kind: item.kind,
    t,
    messageId: seen.id,
  }).links;
}

/** What is joined already stands before all that an item says. */
function linksAround({ node, members }: Subject): readonly LinkFact[] {
  const self = members.find(({ id }) => id === node);
  if (self === undefined) return [];
  const link = (b: Node): LinkFact => ({
    a: self,
    b,
    verified: true,
    evidence: 'customer-record',
    sourceKind: 'server',
    t: BEGINNING,
    messageId: '',
  });
  return members.filter(({ id }) => id !== node).map(link);
}

/** Several subjects as one person, with those that it may be and that are not proven to be as neighbours. */
function asOne(strongest: Subject, same: readonly Subject[], apart: readonly Subject[]): Subject {
  const own = same.flatMap((subject) => subject.own);
  const positions = new Set(own.map(({ position }) => position));
  const isOwn = (facts: readonly ConsentFact[]): boolean => facts.every(({ position }) => positions.has(position));
  const acts = same.flatMap(({ lastActAt }) => lastActAt ?? []);
  return {
    ...strongest,
    own,
    neighbours: [...same.flatMap(({ neighbours }) => neighbours), ...apart.map((subject) => subject.own)].filter(
      (facts) => !isOwn(facts),
    ),
    devices: same.flatMap(({ devices }) => devices),
    provenOn: same.flatMap(({ provenOn }) => provenOn),
    ...(acts.length === 0 ? {} : { lastActAt: Math.max(...acts) as Instant }),
  };
}
