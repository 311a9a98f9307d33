import {
  type ConsentSubmission,
  GLOBAL_PRIVACY_CONTROL_NOTICE,
  globalPrivacyControlDecisions,
  isNegative,
  isNews,
  type PurposeId,
  type SubmittedDecision,
  stampDecisions,
  UNKNOWN,
} from '@filrouge/domain/consent';
import type { Deployment } from '@filrouge/domain/deployment';
import { correctTimes } from '@filrouge/domain/event';
import type { Vault } from '@filrouge/ports';
import type { KnownSubject } from '../consents/known-subject.ts';
import { deviceOf, type HashedItem } from './hashed-item.ts';
import { hashConsent, type JudgedConsent, judgeConsent } from './judge-consents.ts';
import type { SubjectBook } from './subject-book.ts';

type SignalDeps = { readonly vault: Vault; readonly deployment: Deployment; readonly newId: () => string };

/**
 * The decisions that events carry beside their content: the stamps of another CMP where the source declares them
 * (wire.md 4.5), and Global Privacy Control (S7, R39). Both ride on every request, so only what changes a state is
 * recorded. Of what a limit refused every no is heard, at once, and no yes: that one comes again with a later item.
 */
export function recordsFromSignals(
  deps: SignalDeps,
  book: SubjectBook,
  fresh: readonly HashedItem[],
  overheard: readonly HashedItem[] = [],
): readonly JudgedConsent[] {
  const told = new Map<string, SubmittedDecision>();
  const judged: JudgedConsent[] = [];
  const refused = new Set(overheard);
  for (const hashed of [...fresh, ...overheard]) {
    const device = deviceOf(hashed.identifiers);
    if (device === undefined) continue;
    const known = book.get(device.node);
    for (const { consent, isNew } of signalsOf(deps, hashed, known)) {
      const news = consent.decisions.filter(
        (decision) =>
          (isNegative(decision.status) || !refused.has(hashed)) &&
          isNew(decision) &&
          !isTold(told, device.node, decision),
      );
      if (news.length === 0) continue;
      for (const decision of news) told.set(`${device.node}/${decision.purpose}`, decision);
      const one = { ...consent, subject: [device], decisions: news };
      const record = hashConsent(deps.vault, one, hashed.submission, -1);
      const run = hashed.run === undefined ? {} : { run: hashed.run };
      judged.push(judgeConsent(deps, { ...record, ...run, witness: { kind: consent.channel, signed: false } }));
    }
  }
  return judged;
}

function isTold(told: ReadonlyMap<string, SubmittedDecision>, node: string, decision: SubmittedDecision): boolean {
  return told.get(`${node}/${decision.purpose}`)?.status === decision.status;
}

/** A signal is the terminal's word. Whatever key relayed it, nobody but the terminal has seen it (S6, S11). */
type TerminalChannel = 'web' | 'app';

type Signal = {
  readonly consent: Omit<ConsentSubmission, 'subject'> & { readonly channel: TerminalChannel };
  readonly isNew: (decision: SubmittedDecision) => boolean;
};

function signalsOf(deps: SignalDeps, hashed: HashedItem, known: KnownSubject | undefined): readonly Signal[] {
  const { item, source, submission } = hashed;
  const signals: Signal[] = [];
  // The browser's no is of this request, the stamp's yes of some time before: beside it the yes is not heard.
  const isClosedBy = (purpose: PurposeId): boolean =>
    submission.globalPrivacyControl && globalPrivacyControlDecisions().some((no) => no.purpose === purpose);
  const base = {
    brand: source.brand,
    property: source.property,
    channel: source.kind === 'app' ? 'app' : 'web',
    indicatedBy: { kind: 'subject' },
    evidence: { messageId: item.messageId },
  } as const;
  if (source.stamps !== undefined && item.stamp !== undefined) {
    const { noticeId, noticeVersion } = source.stamps;
    const decisions = stampDecisions(item.stamp, source.stamps).filter(
      ({ purpose, status }) => deps.deployment.purposes.has(purpose) && !(status === 'given' && isClosedBy(purpose)),
    );
    signals.push({
      consent: {
        ...base,
        decisions,
        notice: { id: noticeId, version: noticeVersion },
        indicatedAt: correctTimes({ ...item.times, r: submission.receivedAt, imported: submission.imported }).t,
      },
      isNew: (decision) => isNews(decision, known?.deviceState(decision.purpose) ?? UNKNOWN),
    });
  }
  if (submission.globalPrivacyControl) {
    const decisions = globalPrivacyControlDecisions().filter(({ purpose }) => deps.deployment.purposes.has(purpose));
    signals.push({
      consent: { ...base, decisions, notice: GLOBAL_PRIVACY_CONTROL_NOTICE, indicatedAt: submission.receivedAt },
      isNew: (decision) => isNews(decision, known?.deviceState(decision.purpose) ?? UNKNOWN),
    });
  }
  return signals;
}
