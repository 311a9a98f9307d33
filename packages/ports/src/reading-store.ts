import type { Instant } from '@filrouge/domain/base';
import type { ConsentFact, LedgerMark } from '@filrouge/domain/consent';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import type {
  DeviceRecord,
  NodeId,
  PersonNumber,
  PersonRecord,
  SeparationFact,
  Thread,
  ThreadMapEntry,
} from '@filrouge/domain/identity';
import type { Purchase } from '@filrouge/domain/profile';
import type { ConsentRecord, Head, Subject } from './append-store.ts';
import type { NodeRow, PurchaseRow, SealedTraits } from './projection-store.ts';
import type { KeyId } from './vault.ts';

/** A node with its sealed value, for showing it. */
export type SealedNode = NodeRow & { readonly key: KeyId; readonly sealed: Buffer };

/** Neighbourhoods of consent, and where the ledger stood when they were read. */
export type Standing = { readonly ledgerPosition: number; readonly subjects: readonly Subject[] };

/** One person, and all that may be told under it, as of one instant. */
export type PersonParts = {
  /** Of the identifier asked by. */
  readonly brand: BrandId;
  readonly number: PersonNumber;
  /** Identifiers of person type that are joined, those left out that are nobody's; first seen first. */
  readonly members: readonly SealedNode[];
  /**
   * Devices that are or may have been the person's, first seen first, each with all its map entries: those the map names
   * for it, those that bear its number, those its members were seen at, and the one asked by.
   */
  readonly devices: readonly (SealedNode & { readonly spans: readonly ThreadMapEntry[] })[];
  /** How each of its identifiers and devices stands. */
  readonly standing: Standing;
  /** What was stated on them, sealed: it is read before it is settled whether anything of it may be seen. */
  readonly traits: readonly SealedTraits[];
};

/** Why an item of the journal waits in quarantine: it does not open, its row cannot be taken apart, or it is no item. */
export const JOURNAL_DAMAGE = ['damaged', 'row-damaged', 'unreadable'] as const;
export type JournalDamage = (typeof JOURNAL_DAMAGE)[number];

/** The sums of S2 read at one instant; `balanced` is worked out by who reads them. */
export type FlowReading = {
  readonly accepted: number;
  readonly pending: number;
  readonly kept: number;
  readonly withheld: number;
  readonly quarantined: number;
  /** Of those the ones that were damaged in the journal, after they were accepted. */
  readonly damaged: number;
  readonly discarded: number;
  readonly duplicates: number;
  readonly refused: number;
  readonly bots: number;
  readonly bySource: Readonly<Record<string, FlowBySource>>;
};

export type FlowBySource = {
  readonly accepted: number;
  readonly kept: number;
  readonly withheld: number;
  readonly duplicates: number;
  readonly refused: number;
  readonly bots: number;
  /** Why, as `reason` -> `name` -> count. */
  readonly withheldBy: Readonly<Record<string, Readonly<Record<string, number>>>>;
};

export type QuarantineItem = {
  readonly id: string;
  readonly brand: BrandId;
  readonly source: SourceId;
  readonly name: string;
  readonly reason: string;
  readonly receivedAt: Instant;
  readonly state: 'open' | 'released' | 'discarded';
  /** Of an entry that is not open any more. `by`: who gave it up, and why; nobody is on record for one that was let in. */
  readonly decided?: { readonly at: Instant; readonly by?: string };
  readonly key: KeyId;
  readonly sealed: Buffer;
};

export type LedgerEntry = {
  readonly position: number;
  readonly recordId: string;
  readonly purpose: string;
  readonly vendor: string;
  readonly status: string;
  readonly indicatedAt: Instant;
  readonly receivedAt: Instant;
  /** For whom the person decided, the brand whose notice it was first (S1). */
  readonly brands: readonly string[];
  readonly channel: string;
  readonly noticeId: string;
  readonly noticeVersion: string;
  readonly marks: readonly LedgerMark[];
  readonly own: boolean;
};

/** A decision as it stands in the ledger of its brand, with the sealed record it came with. */
export type LedgerFact = Omit<ConsentFact, 'standing'> &
  Pick<ConsentRecord, 'source' | 'channel' | 'noticeId' | 'noticeVersion' | 'indicatedBy' | 'sealed'> & {
    readonly basis?: string;
    /** Whom it was recorded on, those left out that were erased since (S7). */
    readonly nodes: readonly { readonly node: NodeId; readonly own: boolean }[];
  };

/** What questions about persons, flow and quarantine are answered from. Every call reads the present state. */
export interface ReadingStore {
  nodes(ids: readonly NodeId[]): Promise<readonly SealedNode[]>;
  members(components: readonly NodeId[]): Promise<readonly SealedNode[]>;
  spans(nodes: readonly NodeId[]): Promise<ReadonlyMap<NodeId, readonly ThreadMapEntry[]>>;
  /** Nodes that have one of these threads: one each, but for a collision of their first 63 bits. */
  nodesOfThreads(threads: readonly Thread[]): Promise<readonly NodeId[]>;
  /** Nodes whose map names one of these persons. */
  nodesOfPersons(persons: readonly string[]): Promise<readonly NodeId[]>;
  devicesOf(persons: readonly NodeId[]): Promise<readonly NodeId[]>;
  /**
   * The person that an identifier stood for at an instant, or the one of this number it is asked for as, in one question;
   * undefined where the identifier was never seen, or is nobody's.
   */
  person(
    node: NodeId,
    whose: { readonly at: Instant } | { readonly number: PersonNumber },
  ): Promise<PersonParts | undefined>;
  personRecords(nodes: readonly NodeId[]): Promise<readonly PersonRecord[]>;
  deviceRecords(nodes: readonly NodeId[]): Promise<readonly DeviceRecord[]>;
  separation(id: string): Promise<(SeparationFact & { readonly brand: BrandId; readonly reason: string }) | undefined>;
  subjects(nodes: readonly NodeId[]): Promise<readonly Subject[]>;
  /** The same with the position of the ledger, both as of one instant. */
  standing(nodes: readonly NodeId[]): Promise<Standing>;
  /** How many persons have an identifier of their own (terminals that nobody signed in on are none). Reads all of them. */
  persons(): Promise<number>;
  ledgerPosition(): Promise<number>;
  /** Where ledger, journal and links stand. */
  head(): Promise<Head>;
  /**
   * Every known identifier whose consent may be another than it was at a head: by a decision, an erasure, or a link that
   * moved. `everything` when that can no longer be told.
   */
  consentMovedSince(head: Head): Promise<readonly NodeId[] | 'everything'>;
  /** Keys of the components of a brand, ascending; the first after the given one. */
  componentsAfter(brand: BrandId, after: NodeId | undefined, limit: number): Promise<readonly NodeId[]>;
  /** The decisions of a brand in the order of the ledger, after a position; without those of imports that were undone. */
  ledgerAfter(brand: BrandId, after: number, limit: number): Promise<readonly LedgerFact[]>;
  /** What was decided of these, newest first; of an erased identifier what outlived the erasure (S7). */
  ledger(nodes: readonly NodeId[], limit: number): Promise<readonly LedgerEntry[]>;
  traits(nodes: readonly NodeId[]): Promise<readonly SealedTraits[]>;
  purchases(nodes: readonly NodeId[]): Promise<readonly (Purchase & Pick<PurchaseRow, 'node' | 'device'>)[]>;
  /**
   * Days of receipt that the half-open span touches; all without one. For one brand what is pending is the rest of its
   * sums, since a journal row holds items of all brands; over all brands it is counted by itself.
   */
  flow(span?: { readonly from: Instant; readonly to: Instant }, brand?: BrandId): Promise<FlowReading>;
  quarantined(query: {
    readonly state: QuarantineItem['state'];
    readonly brand?: BrandId;
    readonly limit: number;
    readonly after?: string;
  }): Promise<readonly QuarantineItem[]>;
  quarantineItem(id: string): Promise<QuarantineItem | undefined>;
  /** False when it is not open any more. */
  discard(id: string, by: string, at: Instant): Promise<boolean>;
}
