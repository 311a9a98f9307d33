import { accept, type Result, refuse } from '../base/result.ts';
import type { Deployment, Notice } from '../deployment/deployment.ts';
import type { BrandId, SourceKind } from '../deployment/source.ts';
import { type Identifier, isDeviceNamespace } from '../identity/identifier.ts';
import { type IdentityProof, isCovered } from '../identity/identity-proof.ts';
import { CONSENT_CHANNELS, type ConsentChannel, isNegative } from './consent-fact.ts';
import type { ConsentRefusal } from './consent-refusal.ts';
import type { ConsentSubmission, SubmittedDecision } from './consent-submission.ts';
import { isUnderGlobalPrivacyControl } from './global-privacy-control.ts';
import { IMPORTED_WITH_TEXT, IMPORTED_WITHOUT_NOTICE, isSameNotice } from './imported-notice.ts';
import { otherBrands, refusalOfBrands, sharedSubject } from './joint-brands.ts';
import { isDirectMarketing, type Purpose } from './purpose.ts';

/** Who brought the decision: a source's key, or a member of staff or system with an API token. */
export type Witness = {
  readonly kind: SourceKind | 'token';
  /** A till or tablet that signs its queue, so that its clock is believed (S6). Of another key it says nothing. */
  readonly signed: boolean;
  /** A row of a file: believed with its proof, a mere request without; in no case does it lift an objection (R31). */
  readonly imported?: { readonly proof: boolean };
};

/** Who a record is about in one brand's ledger. `standings` follow the order of `subject`. */
export type JudgedSubject = {
  readonly brand: BrandId;
  readonly subject: readonly Identifier[];
  readonly standings: readonly ('own' | 'named')[];
};

/** What the ledger makes of a submission (S6, S11): a record in its brand, and one in each other brand that it lists (S1). */
export type JudgedSubmission = {
  /** What is recorded of it: all it decided, but for `left`. */
  readonly decisions: readonly SubmittedDecision[];
  /** Decisions that cannot stand, beside a no that can. */
  readonly left: readonly ConsentRefusal[];
  readonly clock: 'trusted' | 'untrusted';
  readonly verified: boolean;
  readonly own: JudgedSubject;
  readonly shared: readonly JudgedSubject[];
};

/** Channels that a key can have witnessed (invariant 11: a web key cannot write a store consent). */
function channelsOf({ kind, signed }: Witness): readonly ConsentChannel[] {
  switch (kind) {
    case 'web':
      return ['web'];
    case 'app':
      return ['app', 'tv'];
    case 'store':
      return signed ? ['store', 'paper', 'phone', 'field'] : ['store', 'paper', 'phone'];
    case 'server':
    case 'token':
      return CONSENT_CHANNELS;
  }
}

/** Purposes for which something else than consent may be shown: similar products (R16), a current contract (R17). */
const STAND_INS: Readonly<Record<'soft-opt-in' | 'current-contract', readonly string[]>> = {
  'soft-opt-in': ['email_marketing', 'sms_marketing'],
  'current-contract': ['phone_marketing'],
};

/**
 * Judges who may say this, for whom, and with whose clock. A web or app key speaks for its own device and for what an
 * identity token proves to be its visitor's: whatever else it names stays `named`, so a given on it is requested until
 * confirmed, while a no counts at once. Refuses what the ledger could not stand for later: a submission whole where any
 * of it has a fault, for nobody waits for half a yes; but a no is never lost to the fault of another decision (GDPR
 * 7(3)), so beside one what can stand is recorded and the rest is `left`.
 */
export function judgeSubmission(
  submission: ConsentSubmission,
  bringer: Witness,
  known: Pick<Deployment, 'purposes' | 'notices' | 'jointControllers'>,
): Result<JudgedSubmission, ConsentRefusal> {
  const witness = witnessUnder(submission, bringer);
  const refusal =
    refusalOfShape(submission) ??
    refusalOfChannel(submission, witness) ??
    refusalOfNotice(submission, witness, known.notices) ??
    refusalOfBrands(submission, known);
  if (refusal !== undefined) return refuse(refusal);
  const faults = submission.decisions.map((_, at) => faultOf(submission, at, known));
  const left = faults.filter((fault) => fault !== undefined);
  const decisions = submission.decisions.filter((_, at) => faults[at] === undefined);
  const [first] = left;
  if (first !== undefined && !decisions.some(({ status }) => isNegative(status))) return refuse(first);
  const believed = isBelieved(witness);
  const { proof, subject } = submission;
  const covers = subject.some((identifier) => isCovered(proof, identifier));
  const voice: Voice = { witness, ...(proof === undefined ? {} : { proof }) };
  return accept({
    decisions,
    left,
    clock: believed ? 'trusted' : 'untrusted',
    // A token proves who decided and says nothing of the sender's clock.
    verified: (believed || covers) && witness.imported === undefined,
    own: judgedSubject(submission.brand, submission.subject, voice),
    shared: otherBrands(submission).map((brand) => judgedSubject(brand, sharedSubject(submission.subject), voice)),
  });
}

/** Without the text that was shown nothing proves what a yes was a yes to. */
function witnessUnder({ notice, decisions }: ConsentSubmission, witness: Witness): Witness {
  if (witness.imported === undefined || !isSameNotice(notice, IMPORTED_WITHOUT_NOTICE)) return witness;
  return decisions.every(({ status }) => isNegative(status)) ? witness : { ...witness, imported: { proof: false } };
}

/** A witness and what was proven beside its word. */
type Voice = { readonly witness: Witness; readonly proof?: IdentityProof };

/** The same trust in every brand: who cannot vouch for an address in one cannot in another. */
function judgedSubject(brand: BrandId, subject: readonly Identifier[], voice: Voice): JudgedSubject {
  return {
    brand,
    subject,
    standings: subject.map((identifier) => (speaksFor(voice, identifier) ? 'own' : 'named')),
  };
}

function isBelieved({ kind, signed, imported }: Witness): boolean {
  if (imported !== undefined && !imported.proof) return false;
  return kind === 'store' ? signed : kind === 'server' || kind === 'token';
}

function speaksFor({ witness: { kind, imported }, proof }: Voice, identifier: Identifier): boolean {
  if (imported !== undefined && !imported.proof) return false;
  return (kind !== 'web' && kind !== 'app') || isDeviceNamespace(identifier.namespace) || isCovered(proof, identifier);
}

function refusalOfShape({ subject, decisions }: ConsentSubmission): ConsentRefusal | undefined {
  if (subject.length === 0) {
    return { code: 'no-subject', message: 'The subject has no identifier that can be read.', pointer: '/subject' };
  }
  if (decisions.length === 0) {
    return { code: 'no-decision', message: 'The submission decides nothing.', pointer: '/decisions' };
  }
  return undefined;
}

function refusalOfChannel({ channel, decisions }: ConsentSubmission, witness: Witness): ConsentRefusal | undefined {
  // A file tells of what others witnessed, and a no in it is taken from whoever brings it.
  if (witness.imported !== undefined && decisions.every(({ status }) => isNegative(status))) return undefined;
  const channels = channelsOf(witness);
  if (channels.includes(channel)) return undefined;
  const own = witness.kind === 'store' && !witness.signed ? 'A store key without a signature' : `A ${witness.kind} key`;
  return {
    code: 'channel-not-allowed',
    message: `${own} records decisions of channel ${channels.join(', ')}, not of ${channel}; use the key of a source that witnessed it, or a server key.`,
    pointer: '/channel',
  };
}

/** A standing signal has no text; it is recorded under its own name, and can only say no, though the name is configured. */
function refusalOfNotice(
  submission: ConsentSubmission,
  witness: Witness,
  notices: readonly Notice[],
): ConsentRefusal | undefined {
  const { id, version } = submission.notice;
  const ofSignal = isUnderGlobalPrivacyControl(submission);
  if (ofSignal && submission.decisions.every(({ status }) => isNegative(status))) return undefined;
  const ofFile = isOfFile(submission);
  if (ofFile && witness.imported !== undefined) return undefined;
  if (!ofFile && !ofSignal && noticeOf(submission, notices) !== undefined) return undefined;
  return {
    code: 'unknown-notice',
    message: `No notice ${id} in version ${version} is configured for ${submission.brand}: what the person saw could not be shown again.`,
    pointer: '/notice',
  };
}

function isOfFile({ notice }: ConsentSubmission): boolean {
  return isSameNotice(notice, IMPORTED_WITHOUT_NOTICE) || isSameNotice(notice, IMPORTED_WITH_TEXT);
}

function noticeOf({ brand, notice }: ConsentSubmission, notices: readonly Notice[]): Notice | undefined {
  return notices.find((one) => one.brand === brand && isSameNotice(one, notice));
}

/** Why one decision cannot stand in the ledger. */
function faultOf(
  submission: ConsentSubmission,
  at: number,
  { purposes, notices }: Pick<Deployment, 'purposes' | 'notices'>,
): ConsentRefusal | undefined {
  const decision = submission.decisions[at] as SubmittedDecision;
  const pointer = `/decisions/${at}`;
  const purpose = purposes.get(decision.purpose);
  if (purpose === undefined) {
    const message = `The purpose ${decision.purpose} is not configured.`;
    return { code: 'unknown-purpose', message, pointer: `${pointer}/purpose` };
  }
  return (
    refusalOfRepeated(submission.decisions, at) ??
    refusalOfBasis(decision, purpose, pointer) ??
    refusalOfStatus(decision, purpose, pointer) ??
    refusalOfUninformed(submission, at, notices)
  );
}

/** Of several decisions on one purpose the first no stands, else the first: a yes beside a no is no clear yes (R1). */
function refusalOfRepeated(decisions: readonly SubmittedDecision[], at: number): ConsentRefusal | undefined {
  const { purpose, vendor } = decisions[at] as SubmittedDecision;
  const same = decisions.filter((one) => one.purpose === purpose && one.vendor === vendor);
  const stands = same.find(({ status }) => isNegative(status)) ?? same[0];
  if (stands === decisions[at]) return undefined;
  const message = `${purpose} is decided twice in one record.`;
  return { code: 'repeated-decision', message, pointer: `/decisions/${at}` };
}

/**
 * A yes to what the text did not name was not informed (GDPR 4(11), R5, R8), so it is none; a no needs no text. What
 * stands in for consent rests on its reference, and a row of a file on the text that it brings, or on none: then its
 * yes is only requested.
 */
function refusalOfUninformed(
  submission: ConsentSubmission,
  at: number,
  notices: readonly Notice[],
): ConsentRefusal | undefined {
  const { status, basis, purpose } = submission.decisions[at] as SubmittedDecision;
  if (isNegative(status) || basis === 'soft-opt-in' || basis === 'current-contract') return undefined;
  if (isOfFile(submission)) return undefined;
  const named = noticeOf(submission, notices)?.purposes ?? [];
  if (named.includes(purpose)) return undefined;
  const { id, version } = submission.notice;
  const names = named.length === 0 ? 'no purpose' : named.join(', ');
  return {
    code: 'purpose-not-in-notice',
    message: `The notice ${id} in version ${version} names ${names}, not ${purpose}, so nobody agreed to it there: name it in a new version of the notice, and ask in front of that.`,
    pointer: `/decisions/${at}/purpose`,
  };
}

function refusalOfBasis(decision: SubmittedDecision, purpose: Purpose, pointer: string): ConsentRefusal | undefined {
  const { basis, reference } = decision;
  if (basis === undefined || basis === 'consent') return undefined;
  const fits = basis === 'legitimate-interest' ? purpose.basis === basis : STAND_INS[basis].includes(purpose.id);
  if (!fits) {
    const message = `The basis ${basis} does not exist for ${purpose.id}.`;
    return { code: 'basis-not-possible', message, pointer: `${pointer}/basis` };
  }
  if (basis !== 'legitimate-interest' && (reference === undefined || reference === '')) {
    return {
      code: 'reference-missing',
      message: `The basis ${basis} needs the reference of the order or contract it rests on.`,
      pointer: `${pointer}/reference`,
    };
  }
  return undefined;
}

/**
 * One objects to a legitimate interest and to direct marketing (GDPR 21), and to nothing else. To a legitimate interest
 * the other noes would say nothing, and a no that is recorded without effect is worse than one that is refused.
 */
function refusalOfStatus(decision: SubmittedDecision, purpose: Purpose, pointer: string): ConsentRefusal | undefined {
  const interest = purpose.basis === 'legitimate-interest';
  if (decision.status === 'objected' && !interest && !(purpose.basis === 'consent' && isDirectMarketing(purpose.id))) {
    return {
      code: 'objection-not-possible',
      message: `${purpose.id} rests on ${purpose.basis}, to which one cannot object${purpose.basis === 'consent' ? '; say refused or withdrawn' : ''}.`,
      pointer: `${pointer}/status`,
    };
  }
  if (interest && (decision.status === 'refused' || decision.status === 'withdrawn')) {
    return {
      code: 'objection-expected',
      message: `${purpose.id} rests on a legitimate interest: a no to it is "objected", not "${decision.status}".`,
      pointer: `${pointer}/status`,
    };
  }
  return undefined;
}
