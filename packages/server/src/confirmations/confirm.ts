import type { Instant } from '@filrouge/domain/base';
import type { ConsentRefusal, ConsentSubmission, SubmittedDecision } from '@filrouge/domain/consent';
import type { Source } from '@filrouge/domain/deployment';
import type { IncomingItem } from '@filrouge/domain/event';
import { CLAIM_PRIORITY } from '@filrouge/domain/identity';
import type { Submission } from '@filrouge/pipeline';
import type { ConsentService } from '../collect/consent-routes.ts';
import { tokenSource } from '../collect/consent-witness.ts';
import { type Confirmation, type ConfirmationStanding, standingOf } from './confirmation.ts';

export type ConfirmService = Pick<ConsentService, 'door' | 'reading' | 'vault' | 'deployment'>;

/** What a click led to. */
export type Confirmed =
  | { readonly kind: 'confirmed' | 'already-confirmed'; readonly decisions: readonly SubmittedDecision[] }
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'refused'; readonly refusal: ConsentRefusal };

/** How a confirmation stands against the ledger now. */
export async function readStanding(service: ConfirmService, confirmation: Confirmation): Promise<ConfirmationStanding> {
  const { brand, subject } = confirmation;
  const nodes = subject.map(({ namespace, value }) => service.vault.lookup(brand, namespace, value));
  const known = await service.reading.subjects(nodes);
  return standingOf(confirmation, {
    facts: known.flatMap(({ self, own }) => [...self, ...own]),
    erasedAt: known.flatMap(({ tombstone }) => tombstone?.erasedAt ?? []),
  });
}

/**
 * Records the click: once, whoever clicks how often. The address is proven by it, so the yes is verified and on a clock
 * of ours, and the account that was named with it is joined to it (S11).
 */
export async function confirm(service: ConfirmService, confirmation: Confirmation, now: Instant): Promise<Confirmed> {
  const { left, recorded } = await readStanding(service, confirmation);
  if (left.length === 0) return { kind: 'overtaken' };
  if (recorded) return { kind: 'already-confirmed', decisions: left };
  const { consents } = await service.door.submit(submissionOf(service, confirmation, left, now));
  const [outcome] = consents;
  if (outcome?.kind === 'refused') return { kind: 'refused', refusal: outcome };
  return { kind: outcome?.kind === 'recorded' ? 'confirmed' : 'already-confirmed', decisions: left };
}

function submissionOf(
  { deployment }: ConfirmService,
  confirmation: Confirmation,
  decisions: readonly SubmittedDecision[],
  now: Instant,
): Submission {
  const asked = deployment.sources.get(confirmation.source);
  const source = asked?.brand === confirmation.brand ? asked : tokenSource(confirmation.brand);
  return {
    source: servingWhatIsConfirmed(source, confirmation, decisions),
    items: confirmation.subject.length > 1 ? [identifyOf(confirmation)] : [],
    consents: [consentOf(confirmation, decisions, now)],
    receivedAt: now,
    imported: false,
    globalPrivacyControl: false,
    refused: new Map(),
    // The person clicked: whatever the key that asked for the link has become since.
    witness: 'token',
  };
}

/**
 * That an address is an account's may be kept for what was just confirmed, and for nothing that was not: the item serves
 * those purposes, so a yes to letters alone is enough to keep it, and a no from elsewhere withholds it (S9).
 */
function servingWhatIsConfirmed(
  source: Source,
  { property }: Confirmation,
  decisions: readonly SubmittedDecision[],
): Source {
  return {
    ...source,
    kind: 'server',
    property,
    serves: { identify: [...new Set(decisions.map(({ purpose }) => purpose))] },
  };
}

function consentOf(
  { id, source, issuedAt, ...request }: Confirmation,
  decisions: readonly SubmittedDecision[],
  now: Instant,
): ConsentSubmission {
  return {
    ...request,
    decisions,
    recordId: id,
    indicatedAt: now,
    indicatedBy: { kind: 'subject' },
    evidence: { kind: 'double-opt-in', requestedAt: new Date(issuedAt).toISOString(), requestedBy: source },
    proof: { by: 'double-opt-in', covers: request.subject },
    row: { messageId: `confirmation/${id}`, body: bodyOf(id), day: issuedAt },
  };
}

function identifyOf({ id, subject }: Confirmation): IncomingItem {
  const rank = (each: Confirmation['subject'][number]): number => CLAIM_PRIORITY.indexOf(each.namespace);
  return {
    kind: 'identify',
    name: 'Identify',
    messageId: `confirmation/${id}`,
    times: {},
    identifiers: subject.toSorted((a, b) => rank(a) - rank(b)),
    traits: {},
    properties: {},
    context: {},
    proof: { by: 'double-opt-in', covers: subject },
    marks: [],
    bodyHash: bodyOf(id),
  };
}

/** 32 hexadecimal digits: one confirmation has one body. */
function bodyOf(id: string): string {
  return id.replaceAll('-', '');
}
