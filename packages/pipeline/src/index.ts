export { type PurposeStanding, readConsents } from './consents/read-consents.ts';
export { subjectOfToken, subjectTokenOf } from './consents/subject-token.ts';
export { createDoor, type Door } from './door/door.ts';
export type { DoorDeps } from './door/door-deps.ts';
export { GroupCommit, Overloaded } from './door/group-commit.ts';
export type {
  ConsentOutcome,
  DecisionOutcome,
  ItemOutcome,
  Submission,
  SubmissionOutcome,
} from './door/submission.ts';
export { createExporter } from './export/create-exporter.ts';
export {
  EXPORT_KINDS,
  type Exporter,
  type ExportKind,
  type ExportQuery,
  type ExportRow,
} from './export/export-row.ts';
export { isBalanced } from './flow-balance.ts';
export { decodeJournaledItem, encodeJournaledItem, type JournaledItem } from './journaled-item.ts';
export { explainIdentity, type IdentityExplanation } from './profile/explain-identity.ts';
export { type FoundPerson, findPerson, findPersonById, type PersonThread } from './profile/find-person.ts';
export { type HeldEntry, heldEntries } from './profile/held-entries.ts';
export { type PersonPermission, permissionOf, RIGHTS } from './profile/person-permission.ts';
export {
  openIdentifiers,
  openNode,
  readTraits,
  type ShownIdentifier,
  type ShownTrait,
} from './profile/read-profile.ts';
export { readTimeline, type ShownEvent, type TimelineDeps, type TimelinePart } from './profile/read-timeline.ts';
export { shownSpan } from './profile/shown-span.ts';
export { type HorizonKept, JOURNAL_DAYS_DEFAULT, keepHorizon } from './projector/keep-horizon.ts';
export {
  createProjector,
  hasReached,
  ProjectedElsewhere,
  type Projector,
  type Replayed,
} from './projector/projector.ts';
export { type ProjectorDeps, RANGE_ITEMS_MAX } from './projector/range-steps.ts';
export { SnapshotDamaged } from './projector/replay-base.ts';
export { ImportTooOld, undoBase } from './projector/undo-import.ts';
export { incomingFrom, openQuarantined, releaseOf, type Unreadable } from './quarantine/release-entry.ts';
