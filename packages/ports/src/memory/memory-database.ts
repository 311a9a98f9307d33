import type { Instant } from '@filrouge/domain/base';
import type { ConsentFact, Purpose } from '@filrouge/domain/consent';
import type { BrandId } from '@filrouge/domain/deployment';
import type {
  DeviceLink,
  LinkFact,
  LogoutFact,
  NodeId,
  Presence,
  SeparationFact,
  ThreadMapEntry,
} from '@filrouge/domain/identity';
import type { ReferenceEntry, ReferenceKind } from '@filrouge/domain/reference';
import type { AccessEntry, Account, ApiTokenEntry, SourceKeyEntry } from '../access-store.ts';
import type { ConsentRecord, FlowCount, Head, JournalRow, WithheldHeader } from '../append-store.ts';
import type { ImportRun } from '../import-store.ts';
import type {
  JournalEntry,
  KeptCount,
  NewNode,
  ProjectorPosition,
  PurchaseRow,
  ResolvedNode,
  SealedTraits,
} from '../projection-store.ts';
import type { QuarantineItem } from '../reading-store.ts';
import type { ToldReference } from '../reference-store.ts';
import type { Snapshot } from '../snapshot-store.ts';
import type { DataKeyRow } from '../vault.ts';

/** A node with everything that is known of it. */
export type StoredNode = NewNode & Omit<ResolvedNode, 'node'> & { readonly lastActAt?: Instant };
export type StoredFact = Omit<ConsentFact, 'standing'> & { readonly record: ConsentRecord };

type Hashed<T> = T & { readonly hash: Buffer };

/** What the rows of each table are. */
export type MemoryRows = {
  readonly head: Head;
  readonly purposeBit: Pick<Purpose, 'id' | 'bit'>;
  readonly journal: JournalEntry & Pick<JournalRow, 'earlier'>;
  /** By the day it states, or of receipt. */
  readonly seen: {
    readonly id: string;
    readonly body: string;
    readonly day: string;
    readonly dated: boolean;
    readonly run?: number;
  };
  readonly withheld: { readonly receivedAt: Instant; readonly header: WithheldHeader };
  readonly flow: FlowCount & { readonly day: string };
  readonly quarantine: QuarantineItem & { readonly run?: number };
  readonly dataKey: DataKeyRow;
  readonly fact: StoredFact;
  readonly voidFact: { readonly position: number };
  readonly factNode: { readonly node: NodeId; readonly position: number; readonly own: boolean };
  readonly tombstone: { readonly node: NodeId; readonly erasedAt: Instant; readonly liftedAt?: Instant };
  readonly node: StoredNode;
  readonly link: LinkFact;
  readonly deviceLink: DeviceLink;
  readonly presence: Presence;
  readonly logout: LogoutFact;
  readonly separation: SeparationFact & {
    readonly brand: BrandId;
    readonly reason: string;
    readonly position: number;
  };
  readonly span: { readonly node: NodeId; readonly entries: readonly ThreadMapEntry[] };
  readonly change: { readonly version: number; readonly nodes: readonly NodeId[] };
  readonly projector: ProjectorPosition;
  readonly traits: SealedTraits;
  readonly purchase: PurchaseRow;
  readonly kept: KeptCount;
  readonly sourceKey: Hashed<SourceKeyEntry>;
  readonly apiToken: Hashed<ApiTokenEntry>;
  readonly account: Account;
  readonly access: AccessEntry;
  readonly importRun: ImportRun;
  readonly reference: Omit<ToldReference, 'content' | 'kind'> & {
    readonly kind: ReferenceKind;
    readonly content: ReferenceEntry['content'];
    readonly brand: BrandId;
    /** 0 for none. */
    readonly run: number;
    readonly told: number;
  };
};

type TableName = keyof MemoryRows;
/** Tables that are built from the journal. */
export type ProjectionName = 'node' | 'link' | 'deviceLink' | 'presence' | 'logout' | 'span' | 'traits' | 'purchase';

/** A snapshot with its copies: rows are never changed, so that their keys and the rows themselves are enough. */
export type MemorySnapshot = Snapshot & {
  readonly separationPosition: number;
  readonly tables: ReadonlyMap<ProjectionName, ReadonlyMap<string, unknown>>;
};

/** A table as readers see it. `stamp`: another whenever a row of it is another, in any database. */
export type MemoryTable<Row> = { readonly stamp: number; get(key: string): Row | undefined; values(): Iterable<Row> };
export type MemoryView = { readonly [Name in TableName]: MemoryTable<MemoryRows[Name]> };
/** All tables inside one transaction. */
export type MemoryDraft = { readonly [Name in TableName]: DraftTable<MemoryRows[Name]> };

let stamps = 0;

function nextStamp(): number {
  stamps += 1;
  return stamps;
}

/** A table as its transactions left it. */
class Table<Row> implements MemoryTable<Row> {
  readonly rows = new Map<string, Row>();
  stamp = nextStamp();

  get(key: string): Row | undefined {
    return this.rows.get(key);
  }

  values(): Iterable<Row> {
    return this.rows.values();
  }

  set(key: string, row: Row | undefined): void {
    if (row === undefined) this.rows.delete(key);
    else this.rows.set(key, row);
  }
}

/** A table with the changes of one transaction laid over it. */
export class DraftTable<Row> implements MemoryTable<Row> {
  readonly #table: Table<Row>;
  readonly #changed = new Map<string, Row | undefined>();
  #stamp: number | undefined;

  constructor(table: Table<Row>) {
    this.#table = table;
  }

  get stamp(): number {
    return this.#stamp ?? this.#table.stamp;
  }

  get(key: string): Row | undefined {
    return this.#changed.has(key) ? this.#changed.get(key) : this.#table.rows.get(key);
  }

  values(): Iterable<Row> {
    return this.#changed.size === 0 ? this.#table.rows.values() : this.#rows().values();
  }

  entries(): Iterable<readonly [string, Row]> {
    return this.#rows().entries();
  }

  put(key: string, row: Row): void {
    this.#change(key, row);
  }

  delete(key: string): void {
    this.#change(key, undefined);
  }

  clear(): void {
    for (const key of [...this.#table.rows.keys(), ...this.#changed.keys()]) this.delete(key);
  }

  /** Answers how to take the changes back. */
  commit(): () => void {
    const table = this.#table;
    const before = [...this.#changed.keys()].map((key) => [key, table.rows.get(key)] as const);
    for (const [key, row] of this.#changed) table.set(key, row);
    table.stamp = this.stamp;
    return () => {
      for (const [key, row] of before) table.set(key, row);
      table.stamp = nextStamp();
    };
  }

  #change(key: string, row: Row | undefined): void {
    this.#changed.set(key, row);
    this.#stamp = nextStamp();
  }

  /** What was changed comes last. */
  #rows(): Map<string, Row> {
    const rows = new Map<string, Row>();
    for (const [key, row] of this.#table.rows) if (!this.#changed.has(key)) rows.set(key, row);
    for (const [key, row] of this.#changed) if (row !== undefined) rows.set(key, row);
    return rows;
  }
}

/** The tables of one transaction, each laid open when it is first asked for. */
class Draft {
  readonly #tables: Tables;
  readonly #opened = new Map<TableName, DraftTable<unknown>>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  open(name: TableName): DraftTable<unknown> {
    const known = this.#opened.get(name);
    if (known !== undefined) return known;
    const table = new DraftTable(this.#tables[name] as Table<unknown>);
    this.#opened.set(name, table);
    return table;
  }

  /** Answers how to take all of it back. */
  commit(): () => void {
    const undo = [...this.#opened.values()].map((table) => table.commit());
    return () => {
      for (const one of undo) one();
    };
  }
}

/** The one row of `head` and of `projector`. */
export const ONE = 'one';

/** What stands under a database whose power may go. */
export type MemoryDisk = {
  /** Resolves when what a transaction wrote is on the disk; rejects where it never will be. Then it was not committed. */
  readonly sync: () => Promise<void>;
  /** Hears of a commit, and how to take it back. */
  readonly committed: (undo: () => void) => void;
};

/**
 * What PostgreSQL holds, held in memory: the in-memory stores of one installation share one. Transactions run one after
 * the other, none sees another's work in progress, and one that throws leaves nothing.
 */
export class MemoryDatabase {
  /** Who may project. */
  projectorLease: object | undefined;
  /** Eldest first. */
  readonly snapshots: MemorySnapshot[] = [];
  /** Journal rows up to here may be gone. */
  prunedUpTo = 0;
  /** How far the undoing of a run has read: told while its transaction is under way. */
  readonly undoProgress = new Map<number, { readonly read: number; readonly total: number }>();
  readonly #tables = emptyTables();
  readonly #disk: MemoryDisk | undefined;
  #start = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(disk?: MemoryDisk) {
    this.#disk = disk;
    this.#tables.head.set(ONE, { journalPosition: 0, ledgerPosition: 0, identityVersion: 0 });
    this.#tables.projector.set(ONE, {
      generation: generationOf(1),
      position: 0,
      planned: undefined,
      ledgerPosition: 0,
      separationPosition: 0,
      version: 0,
      lost: false,
      counted: 0,
      born: false,
      takenBack: 0,
    });
  }

  /** What is committed now. */
  get view(): MemoryView {
    return this.#tables;
  }

  /** Nothing that was asked for before is begun any more. */
  dropWaiting(): void {
    this.#start += 1;
    this.projectorLease = undefined;
  }

  transaction<T>(work: (draft: MemoryDraft) => Promise<T> | T): Promise<T> {
    const start = this.#start;
    const turn = this.#last.then(async () => {
      if (start !== this.#start) throw new Error('the database went down before this was begun');
      const draft = new Draft(this.#tables);
      const answer = await work(draft as Draft & MemoryDraft);
      await this.#disk?.sync();
      const undo = draft.commit();
      this.#disk?.committed(undo);
      return answer;
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

/** The name of the nth life of the projections. */
export function generationOf(life: number): string {
  return `00000000-0000-4000-8000-${life.toString(16).padStart(12, '0')}`;
}

/** The day of an instant, `YYYY-MM-DD`. */
export function dayOf(at: Instant): string {
  return new Date(at).toISOString().slice(0, 10);
}

export function claimKey({ brand, claim }: { readonly brand: BrandId; readonly claim: NodeId }): string {
  return `${claim} ${brand}`;
}

type Tables = { readonly [Name in TableName]: Table<MemoryRows[Name]> };

const TABLES: Readonly<Record<TableName, true>> = {
  head: true,
  purposeBit: true,
  journal: true,
  seen: true,
  withheld: true,
  flow: true,
  quarantine: true,
  dataKey: true,
  fact: true,
  voidFact: true,
  factNode: true,
  tombstone: true,
  node: true,
  link: true,
  deviceLink: true,
  presence: true,
  logout: true,
  separation: true,
  span: true,
  change: true,
  projector: true,
  traits: true,
  purchase: true,
  kept: true,
  sourceKey: true,
  apiToken: true,
  account: true,
  access: true,
  importRun: true,
  reference: true,
};
const TABLE_NAMES = Object.keys(TABLES) as readonly TableName[];

for (const name of TABLE_NAMES) {
  Object.defineProperty(Draft.prototype, name, {
    get(this: Draft) {
      return this.open(name);
    },
  });
}

function emptyTables(): Tables {
  return Object.fromEntries(TABLE_NAMES.map((name) => [name, new Table()])) as unknown as Tables;
}
