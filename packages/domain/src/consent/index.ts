export {
  ANY_VENDOR,
  CONSENT_CHANNELS,
  type ConsentChannel,
  type ConsentFact,
  FACT_STATUSES,
  type FactStatus,
  isNegative,
} from './consent-fact.ts';
export {
  type ConsentState,
  type ConsentStatus,
  type GivenState,
  isClosed,
  statusAt,
  UNKNOWN,
} from './consent-state.ts';
export type { ConsentSubmission, DecisionBasis, SubmittedDecision } from './consent-submission.ts';
export { type DoorItem, decideItem, MEMORY_QUEUE_MS_MAX, type Verdict } from './decide-item.ts';
export { DEFAULT_PURPOSES } from './default-purposes.ts';
export { DEVICE_TIME_TO_LIVE_MS, foldConsent, PERSON_IDLE_MS_MAX } from './fold-consent.ts';
export { orderTime } from './order-time.ts';
export { type Ask, type Permitted, permit, purposeOf } from './permit.ts';
export { type LegalBasis, type Purpose, type PurposeId, type PurposeScope, parsePurposeId } from './purpose.ts';
export type { PurposeStates } from './purpose-states.ts';
export { SERVED_BY_DEFAULT, servedPurposes } from './served-purposes.ts';
export { type Allowance, type Standing, standingOn, type Use } from './standing.ts';
export { anonymousState, deviceState, type LinkedDevice, type PersonFacts, personState } from './subject-state.ts';
export { type StoredItem, type Usability, usable } from './usable.ts';
export { nearestReason, WITHHELD_REASONS, type WithheldReason } from './withheld-reason.ts';
