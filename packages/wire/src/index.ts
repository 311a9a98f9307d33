export { isBlockedValue } from './collect/blocked.ts';
export { type CredentialInput, type Credentials, credentialsOf } from './collect/credentials.ts';
export { type Frame, frameSize, readFrame } from './collect/frame.ts';
export { type NormalIdentifier, normaliseIdentifier } from './collect/identifiers.ts';
export {
  IMPORT_HEADER,
  IMPORT_RUN_HEADER,
  importHeader,
  readImportNote,
  type ToldImport,
} from './collect/import-note.ts';
export { isUnheardSale } from './collect/item-name.ts';
export { readPixel } from './collect/pixel.ts';
export {
  type AnswerStyle,
  type BatchRoute,
  CALL_TYPES,
  type CallType,
  COLLECT_ROUTES,
  type CollectRoute,
  type Dialect,
  findRoute,
  type IgnoredRoute,
  IMPORT_SOURCE_HEADER,
  type ItemRoute,
  type PixelRoute,
} from './collect/route.ts';
export { isPreferenceEvent, readStamp } from './collect/stamp.ts';
export { type StampConfigError, type StampRules, stampVerdict } from './collect/stamp-verdict.ts';
export { readTime } from './collect/time.ts';
export { type ItemOrigin, understandItem } from './collect/understand.ts';
export { type FrameOrigin, type Understood, understandFrame } from './collect/understand-frame.ts';
export {
  type ConfirmationRequest,
  confirmationJsonSchema,
  parseConfirmationRequest,
} from './consents/parse-confirmation.ts';
export {
  consentSubmissionJsonSchema,
  consentSubmissionOf,
  parseConsentSubmission,
} from './consents/parse-submission.ts';
export { IMPORT_CONSENTS_ROUTE, understandConsents } from './consents/understand-consents.ts';
export { claimedIdentifiers } from './identity-token/claimed-identifiers.ts';
export { CUSTOMER_COLUMNS, customerFromRow } from './import/customer-row.ts';
export { EVENT_COLUMNS, eventFromRow } from './import/event-row.ts';
export { itemFromLine } from './import/json-line.ts';
export {
  type Columns,
  type FileRow,
  type Header,
  isRowProblem,
  type NamedRow,
  type RowProblem,
  readHeader,
  rowProblem,
} from './import/row.ts';
export {
  createTicketReader,
  type ImportItem,
  type ImportStep,
  TICKET_COLUMNS,
  type TicketReader,
} from './import/ticket-reader.ts';
export { understandImported, understandRow } from './import/understand-import.ts';
export { COLLECT_LIMITS, IDENTIFIER_LENGTH_MAX, type JsonLimits } from './json/limits.ts';
export { parseBody } from './json/parse-body.ts';
export { type ParsedItem, parseText } from './json/parse-item.ts';
export { PROBLEMS, type ProblemCode } from './problem/catalogue.ts';
export { type ProblemDocument, type ProblemLanguage, problemLanguage, problemOf } from './problem/problem.ts';
export type { Problem, ProblemKind, ProblemText } from './problem/problem-text.ts';
export { type ItemRefusal, pointerOf, type Refusal, refusalOf } from './problem/refusal.ts';
export { parseReference, REFERENCE_SCHEMAS } from './reference/parse-reference.ts';
export { REFERENCE_ROUTES, type UnderstoodReference, understandReference } from './reference/understand-reference.ts';
export { rudderSettings } from './settings/rudder-settings.ts';
export { type SettingsInput, segmentSettings } from './settings/segment-settings.ts';
