export { createDoor, type Door, type DoorDeps } from './door/door.ts';
export { Overloaded } from './door/group-commit.ts';
export type {
  ConsentOutcome,
  DecisionOutcome,
  ItemOutcome,
  Submission,
  SubmissionOutcome,
} from './door/submission.ts';
export { decodeJournaledItem, encodeJournaledItem, type JournaledItem } from './journaled-item.ts';
