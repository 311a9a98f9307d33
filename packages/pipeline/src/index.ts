export { type PurposeStanding, readConsents } from './consents/read-consents.ts';
export { subjectOfToken, subjectTokenOf } from './consents/subject-token.ts';
export { createDoor, type Door } from './door/door.ts';
export type { DoorDeps } from './door/door-deps.ts';
export { Overloaded } from './door/group-commit.ts';
export type {
  ConsentOutcome,
  DecisionOutcome,
  ItemOutcome,
  Submission,
  SubmissionOutcome,
} from './door/submission.ts';
export { decodeJournaledItem, encodeJournaledItem, type JournaledItem } from './journaled-item.ts';
export { type FoundPerson, findPerson, ownedSpans, type PersonThread } from './profile/find-person.ts';
export { type PersonPermission, permissionOf } from './profile/person-permission.ts';
export {
  openIdentifiers,
  openNode,
  readTraits,
  type ShownIdentifier,
  type ShownTrait,
} from './profile/read-profile.ts';
export { createProjector, type Projector, type ProjectorDeps, RANGE_ITEMS_MAX } from './projector/projector.ts';
