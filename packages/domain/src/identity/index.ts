export {
  AFFECTED_NODES_MAX,
  AFFECTED_ROUNDS_MAX,
  type Affected,
  affectedDevices,
  affectedPersons,
  type DeviceRecord,
  type LoadPlan,
  loadAffected,
  type PersonRecord,
  regroupAffected,
  resolveAffected,
} from './affected-component.ts';
export { type BlockedBy, blockedValues } from './blocked-value.ts';
export {
  compareLinks,
  firstLinks,
  isKnownLink,
  type LinkWorth,
  linkKey,
  pairKey,
  worthOf,
} from './canonical-order.ts';
export type { JoinRefusal } from './cluster-forest.ts';
export { blockedDevices, type DeviceFacts, type DeviceGroup, deviceGroups, firstDeviceLinks } from './device-groups.ts';
export type { PersonKey } from './device-moments.ts';
export { type DeviceSpan, type DeviceTimeline, type SpanReason, spanAt, timelineOf } from './device-timeline.ts';
export { evidenceOf, type ItemEvidence, type ItemFacts, type Proof } from './evidence-of.ts';
export {
  type ExplainedIdentifier,
  type ExplainedStep,
  type ExplainInput,
  explainPerson,
  type PersonExplanation,
} from './explain-person.ts';
export {
  CLAIM_PRIORITY,
  DEVICE_NAMESPACES,
  type Identifier,
  isDeviceNamespace,
  isLoginNamespace,
  isPersonNamespace,
  LOGIN_NAMESPACES,
  NAMESPACES,
  type Namespace,
  PERSON_NAMESPACES,
} from './identifier.ts';
export {
  type DeviceLink,
  type Evidence,
  type IdentityFacts,
  isTrusted,
  type LinkFact,
  type LogoutFact,
  type Separation,
  type SeparationFact,
  type SightingFact,
} from './identity-fact.ts';
export { IDENTITY_LIMITS, type IdentityLimits } from './identity-limits.ts';
export { type IdentityProof, isCovered, proofOf } from './identity-proof.ts';
export { NO_THREAD, type Node, type NodeId, parseNodeId, type Thread, threadOf } from './node.ts';
export { compareNodes, compareText, strongestOf } from './node-order.ts';
export {
  NOBODY,
  type PersonId,
  type PersonNumber,
  parsePersonId,
  parsePersonNumber,
  personIdOf,
  personNumberOf,
  personOfSpan,
  personOfThread,
} from './person-id.ts';
export { hourOf, type Presence, presenceKey, presenceOf, presencesOf, unitePresences } from './presence.ts';
export { personKeyIn, type ResolvedIdentity, resolveIdentity } from './resolve-identity.ts';
export {
  type AppliedLink,
  type LinkRefusal,
  type PersonCluster,
  type PersonFacts,
  type Persons,
  type RefusedLink,
  resolvePersons,
} from './resolve-persons.ts';
export { standingSeparations } from './separation.ts';
export {
  anchorOf,
  deviceEntries,
  type FirstSeen,
  indexThreadMap,
  personAt,
  personEntries,
  personNumberIn,
  personOfCluster,
  type ThreadIndex,
  type ThreadMapEntry,
  threadMap,
} from './thread-map.ts';
export { BEGINNING, END, isWithin, type TimeSpan } from './time-span.ts';
export { shownOn, type UnverifiedNeighbour, unverifiedNeighbours } from './unverified-neighbour.ts';
