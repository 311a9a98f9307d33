import type { Instant, JsonObject } from '@filrouge/domain/base';
import {
  type ConsentRefusal,
  type ConsentSubmission,
  dateInLedger,
  isUnderGlobalPrivacyControl,
  type JudgedSubject,
  type JudgedSubmission,
  judgeSubmission,
  otherBrands,
  type PurposeId,
  statusAt,
  subjectOfSubmission,
  UNKNOWN,
  type Witness,
} from '@filrouge/domain/consent';
import type { BrandId, Deployment, Source } from '@filrouge/domain/deployment';
import { CLAIM_PRIORITY, type IdentityProof, isDeviceNamespace, type NodeId } from '@filrouge/domain/identity';
import type { ConsentRecord, KeyId, Vault } from '@filrouge/ports';
import type { HashedIdentifier } from './hashed-item.ts';
import { runIn } from './import-runs.ts';
import type { Claim } from './key-ring.ts';
import type { SubjectBook } from './subject-book.ts';
import type { ConsentOutcome, DecisionOutcome, Submission } from './submission.ts';

/** A consent submission with its subject hashed, and where its answer goes. */
export type HashedConsent = {
  readonly consent: ConsentSubmission;
  readonly source: Source;
  readonly witness: Witness;
  readonly submission: Submission;
  /** -1 for a decision that an event carried: nobody waits for its answer. */
  readonly submissionAt: number;
  /** The run of the import that brings it. */
  readonly run?: number;
  readonly identifiers: readonly HashedIdentifier[];
  readonly nodes: readonly NodeId[];
};

export type JudgedConsent =
  | { readonly kind: 'refused'; readonly refusal: ConsentRefusal; readonly submissionAt: number }
  | { readonly kind: 'duplicate'; readonly submissionAt: number }
  | AcceptedConsent;

export type AcceptedConsent = HashedConsent & {
  readonly kind: 'accepted';
  /** The strongest identifier that the sender may speak for; of the others it is told nothing. */
  readonly spokenFor: HashedIdentifier | undefined;
  readonly own: PlannedRecord;
  /** The same for each other brand that it lists (S1), on identifiers of that brand. */
  readonly shared: readonly PlannedRecord[];
  /** Decisions that it brought and that cannot stand. */
  readonly left: readonly ConsentRefusal[];
};

/** A record of one brand's ledger before its place is known. */
export type PlannedRecord = {
  readonly brand: BrandId;
  readonly recordId: string;
  readonly claim: Claim;
  readonly nodes: readonly NodeId[];
  readonly receivedAt: Instant;
  /** Ledger position of its first decision, once recorded. */
  position: number;
  readonly toRecord: (position: number, key: KeyId) => ConsentRecord;
};

type JudgeDeps = { readonly vault: Vault; readonly deployment: Deployment; readonly newId: () => string };

export function hashSubmittedConsents(
  deps: JudgeDeps,
  group: readonly Submission[],
  runs: ReadonlyMap<Submission, number>,
): readonly HashedConsent[] {
  return group.flatMap((submission, submissionAt) =>
    submission.consents.map((consent) => ({
      ...hashConsent(deps.vault, consent, submission, submissionAt),
      ...runIn(runs, submission),
    })),
  );
}

export function hashConsent(
  vault: Vault,
  consent: ConsentSubmission,
  submission: Submission,
  submissionAt: number,
): HashedConsent {
  const { source } = submission;
  const identifiers = [...subjectOfSubmission(consent)]
    .sort((a, b) => CLAIM_PRIORITY.indexOf(a.namespace) - CLAIM_PRIORITY.indexOf(b.namespace))
    .map((identifier) => ({
      ...identifier,
      node: vault.lookup(consent.brand, identifier.namespace, identifier.value),
    }));
  return {
    consent: { ...consent, subject: identifiers },
    source,
    witness: witnessOf(submission, consent),
    submission,
    submissionAt,
    identifiers,
    nodes: identifiers.map((identifier) => identifier.node),
  };
}

/** A row of a file is believed with its proof, which is its evidence (S6). */
function witnessOf({ source, witness, signed, imported }: Submission, { evidence }: ConsentSubmission): Witness {
  const proof = evidence !== undefined && Object.keys(evidence).length > 0;
  return { kind: witness ?? source.kind, signed: signed === true, ...(imported ? { imported: { proof } } : {}) };
}

export function judgeConsents(deps: JudgeDeps, consents: readonly HashedConsent[]): readonly JudgedConsent[] {
  return consents.map((hashed) => judgeConsent(deps, hashed));
}

export function judgeConsent(
  deps: JudgeDeps,
  brought: HashedConsent,
): Exclude<JudgedConsent, { readonly kind: 'duplicate' }> {
  const judged = judgeSubmission(brought.consent, brought.witness, deps.deployment);
  if (!judged.ok) return { kind: 'refused', refusal: judged.refusal, submissionAt: brought.submissionAt };
  const { own, shared, decisions, left } = judged.value;
  const hashed = { ...brought, consent: { ...brought.consent, decisions } };
  const origin = hashed.consent.recordId ?? deps.newId();
  return {
    ...hashed,
    kind: 'accepted',
    left,
    spokenFor: hashed.identifiers[own.standings.indexOf('own')],
    own: planRecord(deps.vault, hashed, judged.value, { ...own, recordId: origin }),
    shared: shared.map((other) =>
      planRecord(deps.vault, hashed, judged.value, { ...other, recordId: deps.newId(), origin }),
    ),
  };
}

/** Whom a record is about, in the ledger of one brand; `origin`: the record of which it is the other brand's part. */
type Place = JudgedSubject & { readonly recordId: string; readonly origin?: string };

function planRecord(vault: Vault, hashed: HashedConsent, judged: JudgedSubmission, place: Place): PlannedRecord {
  const { brand, recordId } = place;
  const identifiers = place.subject.map((identifier) => ({
    ...identifier,
    node: vault.lookup(brand, identifier.namespace, identifier.value),
  }));
  const strongest = identifiers[0] as HashedIdentifier;
  return {
    brand,
    recordId,
    claim: { brand, kind: 'node', node: strongest.node },
    nodes: identifiers.map(({ node }) => node),
    receivedAt: hashed.submission.receivedAt,
    position: 0,
    toRecord: (position, key) => recordOf(hashed, judged, { ...place, identifiers, position, key, vault }),
  };
}

type RecordPlace = Place & {
  readonly identifiers: readonly HashedIdentifier[];
  readonly position: number;
  readonly key: KeyId;
  readonly vault: Vault;
};

function recordOf(hashed: HashedConsent, judged: JudgedSubmission, at: RecordPlace): ConsentRecord {
  const { consent, submission } = hashed;
  const { receivedAt } = submission;
  const { indicatedAt, marks } = dateInLedger(consent.indicatedAt, receivedAt);
  const device = at.identifiers.find(({ namespace }) => isDeviceNamespace(namespace))?.node;
  const personal: JsonObject = {
    subject: at.subject.map(({ namespace, value }) => ({ namespace, value })),
    property: consent.property,
    indicatedBy: { ...consent.indicatedBy },
    ...(consent.evidence === undefined ? {} : { evidence: consent.evidence }),
    ...(consent.proof === undefined ? {} : { proof: provenBy(consent.proof) }),
    ...(consent.claimed === undefined ? {} : { claimed: consent.claimed }),
    // The number of an order or contract names its holder: it is proof, and nothing is looked up by it.
    references: Object.fromEntries(
      consent.decisions.flatMap(({ purpose, reference }) => (reference === undefined ? [] : [[purpose, reference]])),
    ),
    ...(at.origin === undefined ? {} : { origin: at.origin }),
    // What was said stays part of the proof.
    ...(marks.length === 0 ? {} : { indicatedAt: new Date(consent.indicatedAt).toISOString() }),
  };
  return {
    recordId: at.recordId,
    brand: at.brand,
    brands: [consent.brand, ...otherBrands(consent)],
    source: hashed.source.id,
    channel: consent.channel,
    noticeId: consent.notice.id,
    noticeVersion: consent.notice.version,
    indicatedBy: consent.indicatedBy.kind,
    marks,
    key: at.key,
    sealed: at.vault.sealRecord(at.key, `consent/${at.recordId}`, JSON.stringify(personal)),
    decisions: consent.decisions.map((decision, i) => ({
      position: at.position + i,
      purpose: decision.purpose,
      vendor: decision.vendor,
      status: decision.status,
      indicatedAt,
      receivedAt,
      clock: judged.clock,
      verified: judged.verified,
      ...(isUnderGlobalPrivacyControl(consent) ? { signal: true } : {}),
      ...(consent.sequence === undefined || device === undefined
        ? {}
        : { sequence: { device, number: consent.sequence } }),
      ...(decision.basis === undefined ? {} : { basis: decision.basis }),
    })),
    ...(hashed.run === undefined ? {} : { run: hashed.run }),
    nodes: at.identifiers.map(({ node }, i) => ({ node, standing: at.standings[i] ?? 'named' })),
  };
}

/** The kind of proof and the kinds of identifier it covered; their values stand in the subject. */
function provenBy({ by, covers }: IdentityProof): JsonObject {
  return { by, covers: covers.map(({ namespace }) => namespace) };
}

/** The answer to who submitted the record: each decision with the status it led to. */
export function outcomeOf(
  { deployment }: Pick<JudgeDeps, 'deployment'>,
  judged: JudgedConsent,
  book: SubjectBook,
  now: Instant,
): ConsentOutcome {
  if (judged.kind === 'refused') return { ...judged.refusal, kind: 'refused' };
  if (judged.kind === 'duplicate') return { kind: 'duplicate' };
  return {
    kind: 'recorded',
    recordId: judged.own.recordId,
    position: judged.own.position,
    spokenFor: judged.spokenFor?.node,
    marks: dateInLedger(judged.consent.indicatedAt, judged.own.receivedAt).marks,
    decisions: judged.submission.imported ? [] : decisionOutcomes(deployment, judged, book, now),
    left: judged.left,
    // How the person stands there is the other brand's to tell.
    brands: judged.shared.map(({ brand, recordId, position }) => ({ brand, recordId, position })),
  };
}

function decisionOutcomes(
  { purposes }: Deployment,
  judged: AcceptedConsent,
  book: SubjectBook,
  now: Instant,
): readonly DecisionOutcome[] {
  return judged.consent.decisions.map(({ purpose, status }) => {
    const state = stateToTell(judged, book, purpose, purposes.get(purpose)?.scope.device === true);
    const unproven = status === 'given' ? 'requested' : status;
    return { purpose, status, effective: state === undefined ? unproven : statusAt(state, now) };
  });
}

/**
 * The person part where the sender may speak for the person, else the device part, else the device as an anonymous
 * person. Undefined where a person is merely named: how a stranger stands is not told to who types the address.
 */
function stateToTell(
  { identifiers, spokenFor }: AcceptedConsent,
  book: SubjectBook,
  purpose: PurposeId,
  onDevice: boolean,
) {
  if (spokenFor === undefined) return undefined;
  const known = book.get(spokenFor.node);
  if (known === undefined) return UNKNOWN;
  if (!isDeviceNamespace(spokenFor.namespace)) return known.personState(purpose);
  const namesPerson = identifiers[0] !== spokenFor;
  if (namesPerson && !onDevice) return undefined;
  const device = known.deviceState(purpose);
  return device.kind === 'unknown' ? known.anonymousState(purpose) : device;
}
