import type { Instant } from '@filrouge/domain/base';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import type {
  BlockedBy,
  DeviceLink,
  DeviceRecord,
  LinkFact,
  LogoutFact,
  Node,
  NodeId,
  PersonRecord,
  Presence,
  SeparationFact,
  ThreadMapEntry,
} from '@filrouge/domain/identity';
import type { Purchase } from '@filrouge/domain/profile';
import type { QuarantineEntry, Subject } from './append-store.ts';
import type { ThreadSpans } from './event-store.ts';
import type { ImportStore } from './import-store.ts';
import type { Snapshot, SnapshotStore } from './snapshot-store.ts';
import type { KeyId } from './vault.ts';

/** Where the projector stands. */
export type ProjectorPosition = {
  /** Names one life of the projections; a replay begins another. */
  readonly generation: string;
  /** Last journal position whose projections are committed. */
  readonly position: number;
  /** End of the range that may have reached ClickHouse already; it must be tried again as it was. */
  readonly planned: number | undefined;
  readonly ledgerPosition: number;
  /** Last separation that was taken in. */
  readonly separationPosition: number;
  /** Number of the last attempt at a range, whether it was committed or not: the version of map and consent rows. */
  readonly version: number;
  /** The last attempt was begun and never committed: it may have told the event store of other results. */
  readonly lost: boolean;
  /** Journal position up to which kept items were counted: a replay counts none of them again. */
  readonly counted: number;
  /** Whether anything of this life was committed. Until then the event store holds what an earlier one left there. */
  readonly born: boolean;
  /** How often facts were taken back in this installation: what memory holds of them is void where it has moved. */
  readonly takenBack: number;
};

export type JournalHead = {
  readonly journalPosition: number;
  readonly ledgerPosition: number;
  readonly separationPosition: number;
  /** The eldest run that is to be taken back. */
  readonly undoing: number | undefined;
};

/** What is known of an identifier. */
export type NodeRow = {
  readonly node: Node;
  readonly brand: BrandId;
  /** Key of its verified component, which is one of its members; undefined for a device. */
  readonly component: NodeId | undefined;
  readonly blocked: BlockedBy | 'device' | undefined;
  readonly firstPosition: number;
};

export type NewNode = {
  readonly node: Node;
  readonly brand: BrandId;
  readonly firstPosition: number;
  readonly key: KeyId;
  /** The identifier's value under its claim's key. */
  readonly sealed: Buffer;
  /** As by `touch`. */
  readonly lastActAt?: Instant;
};

/** The result of resolving some identifiers again. */
export type ResolvedNode = {
  readonly node: NodeId;
  readonly component: NodeId | undefined;
  readonly blocked: BlockedBy | 'device' | undefined;
};

/** What was stated of a node under one key: a terminal that several persons used has a row for each of their keys (S14). */
export type SealedTraits = {
  readonly node: NodeId;
  readonly brand: BrandId;
  readonly key: KeyId;
  readonly sealed: Buffer;
};

export type PurchaseRow = Purchase & {
  readonly eventId: string;
  readonly brand: BrandId;
  readonly node: NodeId;
  /** The terminal it was made on. */
  readonly device?: NodeId;
};

export type KeptCount = {
  readonly brand: BrandId;
  readonly source: SourceId;
  /** `YYYY-MM-DD` of receipt. */
  readonly day: string;
  readonly count: number;
  readonly bots: number;
};

/**
 * Reads and writes of one projected range; all of it is committed with the new position, or nothing. Calls that answer
 * `touched` nodes say around which ones consent may have moved: every subject whose answer changed rests on one of
 * them. The two ends of a link that was put are touched too. They are what `announce` and `dependents` are to be given.
 */
export type ProjectionTransaction = {
  nodes(ids: readonly NodeId[]): Promise<readonly NodeRow[]>;
  addNodes(nodes: readonly NewNode[]): Promise<void>;
  /** Raises the last act of these nodes; earlier instants change nothing. */
  touch(acts: ReadonlyMap<NodeId, Instant>): Promise<void>;

  /** Keeps of each pair and worth the first link in canonical order. */
  putLinks(brand: BrandId, links: readonly LinkFact[]): Promise<void>;
  putDeviceLinks(brand: BrandId, links: readonly DeviceLink[]): Promise<void>;
  /** Unites with what is known of the same device, person and hour; answers the touched nodes. */
  putPresences(brand: BrandId, presences: readonly Presence[]): Promise<readonly NodeId[]>;
  /** Answers the touched nodes: the devices of those that are new. */
  putLogouts(brand: BrandId, logouts: readonly LogoutFact[]): Promise<readonly NodeId[]>;
  /** Durable with this transaction, effective with the range that takes it in. */
  putSeparation(brand: BrandId, separation: SeparationFact & { readonly reason: string }): Promise<void>;
  /** Separations after this position, up to and including the head read with them. */
  separationsAfter(position: number): Promise<{
    readonly pairs: readonly { readonly brand: BrandId; readonly a: Node; readonly b: Node }[];
    readonly head: number;
  }>;

  personRecords(nodes: readonly NodeId[]): Promise<readonly PersonRecord[]>;
  deviceRecords(nodes: readonly NodeId[]): Promise<readonly DeviceRecord[]>;
  /** Devices on which any of these identifiers was seen. */
  devicesOf(persons: readonly NodeId[]): Promise<readonly Node[]>;
  /** All identifiers of the components of these. */
  members(components: readonly NodeId[]): Promise<readonly NodeRow[]>;

  /** Answers the touched nodes: those that moved, the keys of what they left and entered, and who met a value that was (un)blocked. */
  putResolved(nodes: readonly ResolvedNode[]): Promise<readonly NodeId[]>;
  /** Replaces the map entries of these nodes; answers the nodes whose entries changed. */
  replaceSpans(
    brand: BrandId,
    nodes: readonly NodeId[],
    entries: ReadonlyMap<NodeId, readonly ThreadMapEntry[]>,
  ): Promise<readonly NodeId[]>;

  /** Nodes that the facts after this ledger position were recorded on, at most so many facts, and where those end. */
  factNodesAfter(
    position: number,
    factsMax: number,
  ): Promise<{ readonly nodes: readonly NodeId[]; readonly head: number }>;
  /** Every known node whose consent rests on one of these: `subjects(...).dependsOn` read the other way. */
  dependents(nodes: readonly NodeId[]): Promise<readonly (Node & { readonly brand: BrandId })[]>;
  /** Of these the nodes on which something was decided, or on one of their component, or on a terminal of one of it. */
  decided(nodes: readonly NodeId[]): Promise<readonly NodeId[]>;
  subjects(nodes: readonly NodeId[]): Promise<readonly Subject[]>;

  /** All rows of these nodes, whatever their key. */
  traits(nodes: readonly NodeId[]): Promise<readonly SealedTraits[]>;
  /** Replaces the rows of the same node and key. */
  putTraits(rows: readonly SealedTraits[]): Promise<void>;
  putPurchases(rows: readonly PurchaseRow[]): Promise<void>;
  /** Of these keys the ones that there are. */
  knownKeys(keys: readonly KeyId[]): Promise<readonly KeyId[]>;
  /** Entries that are there already, open or decided, stay as they are. */
  quarantine(entries: readonly (QuarantineEntry & { readonly receivedAt: Instant })[]): Promise<void>;
  /** Releases the open ones of these entries, whose items can be read again; answers them. */
  mend(ids: readonly string[]): Promise<readonly string[]>;
  countKept(counts: readonly KeptCount[]): Promise<void>;

  /** Runs of imports that are undone, or are to be. */
  undoneRuns(): Promise<ReadonlySet<number>>;
  /**
   * Forgets all that is projected of these nodes: what they are, links and sightings with either end among them, map,
   * traits, purchases. What a snapshot held of them stands again in its place.
   */
  forget(nodes: readonly NodeId[], base: Snapshot | undefined): Promise<void>;
  /** From here on no yes of the run is folded; answers the nodes that they were recorded on. A no stays. */
  voidFacts(run: number): Promise<readonly NodeId[]>;

  /** Tells the door which nodes to forget. */
  announce(nodes: readonly NodeId[] | 'everything'): Promise<void>;
  /** Ends the range of an attempt. Throws `AttemptSuperseded` where another was begun since. */
  commit(to: {
    /** What `begin` answered. */
    readonly attempt: number;
    readonly position: number;
    readonly items: number;
    readonly ledgerPosition: number;
    readonly separationPosition: number;
    /** Facts were taken back. */
    readonly takesBack?: true;
  }): Promise<void>;
};

export type JournalEntry = {
  readonly position: number;
  readonly receivedAt: Instant;
  readonly items: number;
  readonly body: Buffer;
};

/** The right to project: one process has it, the others stand by. It ends with the process, whatever ends that. */
export type ProjectorLease = {
  /** False once it is lost: the store may have given it to another process. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
};

/** Another process began an attempt since: what this one was about to do rests on a position that is no more. */
export class AttemptSuperseded extends Error {
  override readonly name = 'AttemptSuperseded';
}

/** What the projector reads and writes in the transactional engine. */
export interface ProjectionStore {
  /** The lease; undefined while somebody has it. It keeps processes apart in peace; `begin` and `commit` keep them apart always. */
  lease(): Promise<ProjectorLease | undefined>;
  position(): Promise<ProjectorPosition>;
  head(): Promise<JournalHead>;
  /** End of the range after `position` that holds at most `itemsMax` items, but at least one row; undefined when there is none. */
  rangeAfter(position: number, itemsMax: number): Promise<number | undefined>;
  /** How many items the journal holds behind `after` up to `upTo`; none of them is read. */
  itemsBetween(after: number, upTo: number): Promise<number>;
  /**
   * Begins an attempt at the range from `at` to `upTo` (none: facts alone), durably, before anything of it leaves for
   * another engine; answers its number, greater than any before. Throws `AttemptSuperseded` where `at` is not where the
   * projector stands any more: of two that read the same position, one goes on.
   */
  begin(at: ProjectorPosition, upTo: number | undefined): Promise<number>;
  journal(after: number, upTo: number): AsyncIterable<JournalEntry>;
  project<T>(work: (transaction: ProjectionTransaction) => Promise<T>): Promise<T>;
  /**
   * Empties all projections, or puts those of a snapshot in their place, and begins another generation at its position;
   * journal, ledger, keys, quarantine, separations and counters stay. All decisions of the ledger are taken in anew.
   */
  reset(from?: Snapshot): Promise<void>;
  /** The whole map of threads, some nodes at a time. */
  threadSpans(): AsyncIterable<readonly ThreadSpans[]>;
  readonly snapshots: SnapshotStore;
  readonly imports: ImportStore;
  /** Order-independent digest of all projections kept here, for comparing two rebuilds. Sealed values are left out. */
  digest(): Promise<Readonly<Record<string, string>>>;
}
