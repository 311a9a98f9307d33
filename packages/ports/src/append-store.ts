import type { Instant } from '@filrouge/domain/base';
import {
  type ConsentChannel,
  type ConsentFact,
  type LedgerMark,
  type LinkedDevice,
  PURPOSE_BITS_MAX,
  type Purpose,
  type PurposeId,
  type WithheldReason,
} from '@filrouge/domain/consent';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import type { Node, NodeId, Separation } from '@filrouge/domain/identity';
import { EngineError } from './engine-error.ts';
import type { ImportNote, ImportTally } from './import-store.ts';
import type { DataKeyRow, KeyId, MessageKey } from './vault.ts';

/** Where the two logs stand: everything up to these positions is durable. */
export type Head = {
  readonly journalPosition: number;
  readonly ledgerPosition: number;
  /** Moves whenever the projector changes what is known of who is who. */
  readonly identityVersion: number;
};

/** What makes an item the same item (S16). */
export type SeenKey = {
  /** Day of the raw client time, `YYYY-MM-DD`; undefined where the client gave none. */
  readonly day: string | undefined;
  readonly id: MessageKey;
  /** Hash of the body, 32 hexadecimal digits. */
  readonly body: string;
  /** The run of the import that brings it: undone, it frees the id. */
  readonly run?: number;
};
export type SeenAnswer = 'new' | 'duplicate' | 'other-body';

/**
 * The consent facts around one node, as S8 needs them. Facts of all purposes together; of an erased identifier those
 * that outlived the erasure (S7).
 */
export type Subject = {
  readonly node: NodeId;
  /** Facts of the node itself. */
  readonly self: readonly ConsentFact[];
  /**
   * Facts of all nodes joined to it by verified links, its own included, and what was decided on a device while the
   * person was signed in there through a verified link.
   */
  readonly own: readonly ConsentFact[];
  /** One list per person on the far side of an unverified link, and per device on which the person is merely said to be. */
  readonly neighbours: readonly (readonly ConsentFact[])[];
  /**
   * For a person: the devices it was seen on, kiosks and blocked ones left out, each with what was decided there before
   * the person was first seen and after whoever was there before had left. For a device: empty.
   */
  readonly devices: readonly LinkedDevice[];
  /** Day of the last click or purchase of the person. */
  readonly lastActAt?: Instant;
  readonly tombstone?: { readonly erasedAt: Instant; readonly liftedAt?: Instant };
  /** Identifiers that verified links join to it, itself included; empty for a device and for one that is not known. */
  readonly members: readonly Node[];
  /** Terminals on which the person was seen through a proof (S11); kiosks and blocked ones left out. */
  readonly provenOn: readonly NodeId[];
  /** What staff say of it or of a member: standing separations (S13), one of each pair, whether the far end is known or not. */
  readonly separations: readonly Separation[];
  /** Found to be nobody's (S13). */
  readonly blocked: boolean;
  /** For a device: how many spans are known, so that a new person at it gets a new key. */
  readonly spans: number;
  /** Every node whose facts or links this answer rests on. */
  readonly dependsOn: readonly NodeId[];
};

/** One row of the journal: the items of one group commit, sealed one by one. */
export type JournalRow = {
  readonly position: number;
  readonly items: number;
  readonly body: Buffer;
  /** Of `items` those that came in on an earlier day, and left quarantine now: day -> how many. */
  readonly earlier?: Readonly<Record<string, number>>;
};

/** All that is ever written of a withheld item (S2). */
export type WithheldHeader = {
  readonly brand: BrandId;
  readonly source: SourceId;
  readonly name: string;
  readonly reason: WithheldReason;
  readonly message: MessageKey;
};

export type QuarantineEntry = {
  readonly id: string;
  readonly brand: BrandId;
  readonly source: SourceId;
  readonly name: string;
  readonly reason: string;
  readonly key: KeyId;
  readonly sealed: Buffer;
  readonly run?: number;
};

/** A consent record: one act of a person, with one decision per purpose, as the ledger keeps it (append-only). */
export type ConsentRecord = {
  readonly recordId: string;
  readonly brand: BrandId;
  /** All brands for which the person decided: the one whose notice it was first, then those that the record lists (S1). */
  readonly brands: readonly BrandId[];
  readonly source: SourceId;
  readonly channel: ConsentChannel;
  readonly noticeId: string;
  readonly noticeVersion: string;
  readonly indicatedBy: 'subject' | 'agent';
  readonly marks: readonly LedgerMark[];
  readonly key: KeyId;
  /** Subject identifiers in clear, evidence, agent: under the subject's key. */
  readonly sealed: Buffer;
  readonly decisions: readonly ConsentDecisionRow[];
  /** The run of the import that brought it. */
  readonly run?: number;
  readonly nodes: readonly { readonly node: NodeId; readonly standing: 'own' | 'named' }[];
};

export type ConsentDecisionRow = Omit<ConsentFact, 'standing' | 'recordId'> & {
  readonly purpose: PurposeId;
  readonly basis?: string;
};

/** Counters of S2 by day of receipt. `name` and `reason` are empty where the outcome has none. */
export type FlowCount = {
  readonly brand: BrandId;
  readonly source: SourceId;
  readonly outcome: 'accepted' | 'withheld' | 'duplicate' | 'refused' | 'bot';
  readonly reason: string;
  readonly name: string;
  readonly count: number;
  /** Where it is not the commit's: what leaves quarantine counts on the day on which it came in. */
  readonly receivedAt?: Instant;
};

export type TombstoneLift = { readonly brand: BrandId; readonly node: NodeId; readonly liftedAt: Instant };

/** What one group commit writes, all or nothing. */
export type AppendBatch = {
  readonly receivedAt: Instant;
  readonly journal: JournalRow | undefined;
  readonly withheld: readonly WithheldHeader[];
  readonly quarantined: readonly QuarantineEntry[];
  readonly keys: readonly DataKeyRow[];
  /** Keys of claims whose own was destroyed, and may still be named by a row: these take its place. */
  readonly renewed: readonly DataKeyRow[];
  readonly flow: readonly FlowCount[];
  /** Told to every door, like a link that moved. */
  readonly lifted: readonly TombstoneLift[];
  /** Ids of quarantined entries that enter again with this batch, each once; `write` throws when one is not open. */
  readonly released: readonly string[];
  /** What of it came with imports, by run. */
  readonly imports?: readonly ImportTally[];
};

/** Work under the appender's lock: what it reads cannot change before it commits. */
export type AppendTransaction = {
  readonly head: Head;
  /** Answers on the ids that the append was given, in their order. */
  readonly claimed: readonly SeenAnswer[];
  /**
   * Claims the ids for this batch; two claims of one id inside the call are the caller's to tell apart. An id without
   * day is looked for on every day. One with a day that is past or ahead too far (`SEEN_DAYS_BACK`, `SEEN_DAYS_AHEAD`) is looked for on
   * that day and among those without: this is what an import of old rows should state.
   */
  claim(keys: readonly SeenKey[]): Promise<readonly SeenAnswer[]>;
  /**
   * The open run of an import, begun where there is none. Throws `ImportClosed` while the import is being undone, and
   * where the note names a run that is not the open one.
   */
  importRun(note: ImportNote, source: { readonly brand: BrandId; readonly id: SourceId }): Promise<number>;
  /** Throws `ImportClosed` where the run is not open. */
  requireOpenRun(number: number): Promise<void>;
  /** Nodes whose facts or links moved after the given head; `everything` when that can no longer be told. */
  changedSince(known: Head): Promise<readonly NodeId[] | 'everything'>;
  subjects(nodes: readonly NodeId[]): Promise<readonly Subject[]>;
  keys(claims: readonly { readonly brand: BrandId; readonly claim: NodeId }[]): Promise<readonly DataKeyRow[]>;
  /** Of these quarantined entries the ones still open. Nobody else can decide on them until this commits. */
  stillOpen(ids: readonly string[]): Promise<readonly string[]>;
  /** Writes consent records; `subjects` called afterwards sees them. Throws when their positions leave a gap. */
  record(records: readonly ConsentRecord[], receivedAt: Instant): Promise<void>;
  /** Throws when the journal row is not at the next position. */
  write(batch: AppendBatch): Promise<void>;
};

/** Deduplication is exact for so long from the first receipt (S16); the day more is the one begun. Unit: days. */
export const SEEN_DAYS_KEPT: number = 35 + 1;
/** An item that came in later than this after the day it states is remembered by the day of its receipt. Unit: days. */
export const SEEN_DAYS_BACK = 7;
/** How far a client's clock may be ahead. Unit: days. */
export const SEEN_DAYS_AHEAD = 1;
/** Ids by stated day are forgotten when the latest of them was received so long ago that it need not be known. Unit: days. */
export const SEEN_STATED_DAYS_KEPT: number = SEEN_DAYS_KEPT + SEEN_DAYS_BACK;

/** What was forgotten: whole days of dated ids, and single undated ones. */
export type ExpiredIds = { readonly days: readonly string[]; readonly ids: number };

/** The one writer of journal and ledger. */
export interface AppendStore {
  /**
   * Everything that `work` wrote is fsynced when it resolves. The ids of `claiming`, no two of them equal, are claimed
   * before the lock is waited for, so that this goes on while an earlier append is being committed. They are claimed for
   * good with the commit, and not at all where the work fails.
   */
  append<T>(work: (transaction: AppendTransaction) => Promise<T>, claiming?: readonly SeenKey[]): Promise<T>;
  /** Counts refusals, which write nothing else. */
  count(flow: readonly FlowCount[], receivedAt: Instant): Promise<void>;
  /**
   * Forgets ids that were received more than `SEEN_DAYS_KEPT` ago; those filed by the day they state, whole days at a
   * time, when that is so of all. Appending goes on meanwhile. Does nothing while another process does it; one that was
   * interrupted is finished by the next.
   */
  expire(): Promise<ExpiredIds>;
  /**
   * The purposes with the bits that stored rows carry for them: given once, kept for life, never another's (`allotBits`).
   * Throws `EngineError` where more purposes were configured in the life of the installation than there are bits.
   */
  allot(purposes: readonly Purpose[]): Promise<readonly Purpose[]>;
}

/** What `allot` throws. */
export function noBitLeft(purpose: PurposeId): EngineError {
  return new EngineError(
    'other',
    `no more than ${PURPOSE_BITS_MAX} purposes can be configured in the life of an installation: there is none left for ${purpose}; give it to a purpose that is there, or leave it out`,
  );
}
