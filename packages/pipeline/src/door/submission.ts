import type { Instant } from '@filrouge/domain/base';
import type {
  ConsentRefusal,
  ConsentStatus,
  ConsentSubmission,
  LedgerMark,
  PurposeId,
  WithheldReason,
} from '@filrouge/domain/consent';
import type { BrandId, Source } from '@filrouge/domain/deployment';
import type { IncomingItem } from '@filrouge/domain/event';
import type { NodeId } from '@filrouge/domain/identity';
import type { ImportNote } from '@filrouge/ports';

/** One request, or one chunk of a file, after `wire` understood it. */
export type Submission = {
  readonly source: Source;
  readonly items: readonly IncomingItem[];
  readonly consents: readonly ConsentSubmission[];
  readonly receivedAt: Instant;
  /** Rows of a file: no past limit, c = t (S4). */
  readonly imported: boolean;
  /** The request carried `Sec-GPC: 1` (R39). */
  readonly globalPrivacyControl: boolean;
  /** Items that were refused before, by code: they are counted with the rest. */
  readonly refused: ReadonlyMap<string, number>;
  /** Items that a limit refused: of these a no that they carry is heard, and nothing else. */
  readonly overheard?: readonly IncomingItem[];
  /** Whose turn it takes while much waits: work of one lane never makes that of another wait longer than a turn. */
  readonly lane?: string;
  /** Ids of quarantined entries that these items replace, in the order of `items`. */
  readonly releases?: readonly string[];
  /** r of what enters again: its first receipt (S4). Absent, it is `receivedAt`. */
  readonly firstReceivedAt?: Instant;
  /** Who vouches for the consents, where it is not the source's key. */
  readonly witness?: 'token';
  /** A till or tablet that signs its queue; its clock is believed (S6). */
  readonly signed?: boolean;
  /** The import that it belongs to; `number`: the run of what leaves quarantine. */
  readonly import?: ImportNote | { readonly number: number };
};

/** r: when the items of a submission were first received (S4). */
export function firstReceiptOf({ firstReceivedAt, receivedAt }: Submission): Instant {
  return firstReceivedAt ?? receivedAt;
}

/** What became of one item at the door (S2). */
export type ItemOutcome =
  | { readonly kind: 'pending' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'withheld'; readonly reason: WithheldReason }
  | { readonly kind: 'quarantined'; readonly reason: string }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

export type DecisionOutcome = {
  readonly purpose: PurposeId;
  readonly status: string;
  readonly effective: ConsentStatus;
};

/** What became of one consent record. */
export type ConsentOutcome =
  | {
      readonly kind: 'recorded';
      readonly recordId: string;
      readonly position: number;
      /** The strongest identifier of the subject that the sender may speak for; none where it merely named one. */
      readonly spokenFor: NodeId | undefined;
      readonly marks: readonly LedgerMark[];
      /** Empty for what a file brings: nobody is told row by row how it left the person. */
      readonly decisions: readonly DecisionOutcome[];
      /** What it also decided and what cannot stand: a no is never lost to the fault of another decision. */
      readonly left: readonly ConsentRefusal[];
      /** The records of other brands for which it counts too (S1). */
      readonly brands: readonly { readonly brand: BrandId; readonly recordId: string; readonly position: number }[];
    }
  /** A row of a file that is in the ledger already. */
  | { readonly kind: 'duplicate' }
  | (ConsentRefusal & { readonly kind: 'refused' });

export type SubmissionOutcome = {
  readonly items: readonly ItemOutcome[];
  readonly consents: readonly ConsentOutcome[];
  /** The run of the import that took it in. */
  readonly run?: number;
};
