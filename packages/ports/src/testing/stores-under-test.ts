import { randomBytes } from 'node:crypto';
import { DAY_MS, type Instant, instant } from '@filrouge/domain/base';
import type { FactStatus, PurposeId } from '@filrouge/domain/consent';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import type { LinkFact, Namespace, Node, NodeId, Presence } from '@filrouge/domain/identity';
import type { AccessEntry, AccessStore } from '../access-store.ts';
import type {
  AppendBatch,
  AppendStore,
  ConsentRecord,
  QuarantineEntry,
  SeenKey,
  Subject,
  WithheldHeader,
} from '../append-store.ts';
import type { LedgerCopyStore } from '../ledger-copy-store.ts';
import type { JournalEntry, NewNode, ProjectionStore, ProjectionTransaction } from '../projection-store.ts';
import type { ReadingStore } from '../reading-store.ts';
import type { ReferenceStore } from '../reference-store.ts';
import type { KeyId, MessageKey } from '../vault.ts';

/** The stores of one fresh, empty database, and what only a test looks at or does. */
export type StoresUnderTest = {
  readonly append: AppendStore;
  readonly projection: ProjectionStore;
  readonly reading: ReadingStore;
  readonly access: AccessStore;
  readonly reference: ReferenceStore;
  readonly ledger: LedgerCopyStore;
  /** The clock of the append store; it begins at `NOON`. */
  readonly setNow: (at: Instant) => void;
  /** What an erasure leaves (S14). */
  readonly entomb: (brand: BrandId, node: NodeId, erasedAt: Instant) => Promise<void>;
  readonly withheld: () => Promise<readonly WithheldHeader[]>;
  readonly logged: () => Promise<readonly AccessEntry[]>;
  readonly close: () => Promise<void>;
};

export type OpenStores = () => Promise<StoresUnderTest>;

export const ATELIER = 'atelier' as BrandId;
export const MAISON = 'maison' as BrandId;
export const WEB = 'web' as SourceId;
export const TILL = 'till' as SourceId;
const PROFILING = 'profiling' as PurposeId;

export const NOON = instant(Date.UTC(2026, 10, 20, 12));

/** Minutes after noon. */
export function minute(minutes: number): Instant {
  return instant(NOON + minutes * 60_000);
}

/** The day so many days after today. */
export function day(days: number): string {
  return new Date(NOON + days * DAY_MS).toISOString().slice(0, 10);
}

/** An identifier nobody else has. */
export function aNode(namespace: Namespace = 'user_id'): Node {
  return { namespace, id: randomBytes(16).toString('hex') as NodeId };
}

export function aUuid(): MessageKey {
  const hex = randomBytes(16).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') as MessageKey;
}

export function aKey(): KeyId {
  return randomBytes(6).readUIntBE(0, 6) as KeyId;
}

export function aSeenKey(said: Partial<SeenKey> = {}): SeenKey {
  return { day: day(0), id: aUuid(), body: randomBytes(16).toString('hex'), ...said };
}

export function aNewNode(node: Node, said: Partial<NewNode> = {}): NewNode {
  return { node, brand: ATELIER, firstPosition: 1, key: aKey(), sealed: Buffer.from(`sealed ${node.id}`), ...said };
}

export function aLink(a: Node, b: Node, said: Partial<LinkFact> = {}): LinkFact {
  const origin = { t: NOON, messageId: aUuid(), source: WEB };
  return { a, b, verified: true, evidence: 'login', sourceKind: 'web', ...origin, ...said };
}

export function anUnverifiedLink(a: Node, b: Node): LinkFact {
  return aLink(a, b, { verified: false, evidence: 'identify' });
}

export function aPresence(device: Node, person: Node, first: Instant, said: Partial<Presence> = {}): Presence {
  return { device, person, first, last: first, verified: true, kiosk: false, ...said };
}

/** A batch that writes nothing but what is said. */
export function aBatch(said: Partial<AppendBatch> = {}): AppendBatch {
  const nothing = {
    journal: undefined,
    withheld: [],
    quarantined: [],
    keys: [],
    renewed: [],
    flow: [],
    lifted: [],
    released: [],
  };
  return { receivedAt: NOON, ...nothing, ...said };
}

export function aQuarantineEntry(said: Partial<QuarantineEntry> = {}): QuarantineEntry {
  const entry = { id: aUuid() as string, brand: ATELIER, source: WEB, name: 'Product Viewed', reason: 'other-body' };
  return { ...entry, key: aKey(), sealed: Buffer.from('sealed content'), ...said };
}

export type SaidDecision = {
  readonly status?: FactStatus;
  readonly at?: Instant;
  readonly receivedAt?: Instant;
  readonly purpose?: PurposeId;
  readonly clock?: 'trusted' | 'untrusted';
  readonly signal?: true;
};

/** A consent record of one decision, at this ledger position. */
export function aRecord(
  position: number,
  nodes: readonly (Node | { readonly node: Node; readonly standing: 'own' | 'named' })[],
  said: SaidDecision = {},
): ConsentRecord {
  const { status = 'given', at = NOON, receivedAt = at, purpose = PROFILING, clock = 'trusted' } = said;
  const times = { indicatedAt: at, receivedAt };
  const mark = said.signal === undefined ? {} : { signal: said.signal };
  return {
    recordId: aUuid(),
    brand: ATELIER,
    brands: [ATELIER],
    source: WEB,
    channel: 'web',
    noticeId: 'banner',
    noticeVersion: '3',
    indicatedBy: 'subject',
    marks: [],
    key: aKey(),
    sealed: Buffer.from('sealed subject'),
    decisions: [{ position, purpose, vendor: '*', status, ...times, clock, verified: false, ...mark }],
    nodes: nodes.map((one) =>
      'id' in one ? { node: one.id, standing: 'own' as const } : { node: one.node.id, standing: one.standing },
    ),
  };
}

/** Records one decision on these identifiers; answers its ledger position. */
export async function decide(
  { append }: StoresUnderTest,
  nodes: Parameters<typeof aRecord>[1],
  said: SaidDecision = {},
): Promise<number> {
  return append.append(async (transaction) => {
    await transaction.record(
      [aRecord(transaction.head.ledgerPosition + 1, nodes, said)],
      said.receivedAt ?? said.at ?? NOON,
    );
    return transaction.head.ledgerPosition + 1;
  });
}

/** Appends one journal row of so many items; answers its position. */
export async function journal(
  { append }: StoresUnderTest,
  items: number,
  said: Partial<AppendBatch> = {},
): Promise<number> {
  return append.append(async (transaction) => {
    const position = transaction.head.journalPosition + 1;
    await transaction.write(aBatch({ ...said, journal: { position, items, body: Buffer.from(`body ${position}`) } }));
    return position;
  });
}

/** Knows these identifiers, each a component of its own. */
export async function know(
  { projection }: StoresUnderTest,
  nodes: readonly Node[],
  then: (transaction: ProjectionTransaction) => Promise<unknown> = async () => undefined,
): Promise<void> {
  await projection.project(async (transaction) => {
    await transaction.addNodes(nodes.map((node) => aNewNode(node)));
    await then(transaction);
  });
}

/** Makes one component of these, named by the first. */
export async function join(transaction: ProjectionTransaction, nodes: readonly Node[]): Promise<void> {
  const [key] = nodes;
  await transaction.putResolved(nodes.map(({ id }) => ({ node: id, component: key?.id, blocked: undefined })));
}

/** The one subject of a node, its lists in one order: engines answer them in any. */
export async function subjectOf({ append }: StoresUnderTest, node: Node): Promise<Subject> {
  const [subject] = await append.append((transaction) => transaction.subjects([node.id]));
  if (subject === undefined) throw new Error('subjects() left out a node');
  return inOrder(subject);
}

/** Positions stand for facts: they are what tells two of them apart. */
export function inOrder(subject: Subject): Subject {
  const facts = (list: Subject['self']): Subject['self'] => [...list].sort((a, b) => a.position - b.position);
  const text = (list: Subject['self']): string => list.map(({ position }) => position).join();
  return {
    ...subject,
    self: facts(subject.self),
    own: facts(subject.own),
    neighbours: subject.neighbours.map(facts).sort((a, b) => (text(a) < text(b) ? -1 : 1)),
    devices: subject.devices
      .map((device) => ({ ...device, facts: facts(device.facts) }))
      .sort((a, b) => (a.linkedAt ?? 0) - (b.linkedAt ?? 0) || (text(a.facts) < text(b.facts) ? -1 : 1)),
    members: [...subject.members].sort((a, b) => (a.id < b.id ? -1 : 1)),
    separations: [...subject.separations].sort((a, b) => (a.id < b.id ? -1 : 1)),
    dependsOn: [...subject.dependsOn].sort(),
  };
}

export function positions(facts: Subject['self']): readonly number[] {
  return facts.map(({ position }) => position);
}

/** The journal rows of a range. */
export async function rowsOf(
  { projection }: StoresUnderTest,
  after: number,
  upTo: number,
): Promise<readonly JournalEntry[]> {
  const rows: JournalEntry[] = [];
  for await (const row of projection.journal(after, upTo)) rows.push(row);
  return rows;
}
