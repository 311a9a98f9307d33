export { allotBits, PURPOSE_BITS_MAX } from './allot-bits.ts';
export {
  ANY_VENDOR,
  CONSENT_CHANNELS,
  type ConsentChannel,
  type ConsentFact,
  FACT_STATUSES,
  type FactStatus,
  isNegative,
} from './consent-fact.ts';
export type { ConsentRefusal } from './consent-refusal.ts';
export {
  type ClosedState,
  type ConsentState,
  type ConsentStatus,
  type GivenState,
  isClosed,
  isObjected,
  statusAt,
  UNKNOWN,
} from './consent-state.ts';
export type { ConsentSubmission, DecisionBasis, SubmittedDecision } from './consent-submission.ts';
export { contradictions } from './contradictions.ts';
export { type DoorItem, decideItem, MEMORY_QUEUE_MS_MAX, type Verdict } from './decide-item.ts';
export { DEFAULT_PURPOSES } from './default-purposes.ts';
export { type DeviceStay, type StayFact, withStays } from './device-stay.ts';
export { factsAbout } from './facts-about.ts';
export { DEVICE_TIME_TO_LIVE_MS, foldConsent, type Lifetime, PERSON_IDLE_MS_MAX } from './fold-consent.ts';
export {
  GLOBAL_PRIVACY_CONTROL_NOTICE,
  globalPrivacyControlDecisions,
  isGlobalPrivacyControl,
  isUnderGlobalPrivacyControl,
  subjectOfSubmission,
} from './global-privacy-control.ts';
export { IMPORTED_WITH_TEXT, IMPORTED_WITHOUT_NOTICE, importedNotice, isSameNotice } from './imported-notice.ts';
export { otherBrands } from './joint-brands.ts';
export { type JudgedSubject, type JudgedSubmission, judgeSubmission, type Witness } from './judge-submission.ts';
export { dateInLedger, LEDGER_MARKS, type LedgerMark } from './ledger-date.ts';
export { isProven, orderTime, placedAt, UNTRUSTED_BACKDATING_MS_MAX } from './order-time.ts';
export { type Ask, type Permitted, permit, purposeOf } from './permit.ts';
export {
  isDirectMarketing,
  LEGAL_BASES,
  type LegalBasis,
  type Purpose,
  type PurposeId,
  type PurposeScope,
  parsePurposeId,
} from './purpose.ts';
export type { PurposeStates } from './purpose-states.ts';
export { SERVED_BY_DEFAULT, servedPurposes } from './served-purposes.ts';
export { isNews, narrowedPurposes, stampDecisions } from './stamp-facts.ts';
export { type Allowance, type Standing, standingOn, type Use } from './standing.ts';
export {
  anonymousState,
  deviceState,
  type LinkedDevice,
  type PersonFacts,
  personState,
  restrictedBy,
} from './subject-state.ts';
export {
  type ErasureOutcome,
  erased,
  isErasedAt,
  isForgotten,
  isRegisteringConsent,
  isRegistration,
  lifted,
  REGISTRATION_EVENTS,
  type RegisteringItem,
  type Tombstone,
  withoutErased,
} from './tombstone.ts';
export { type StoredItem, type Usability, usable } from './usable.ts';
export { nearestReason, WITHHELD_REASONS, type WithheldReason } from './withheld-reason.ts';
