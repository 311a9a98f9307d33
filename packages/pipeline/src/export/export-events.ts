import { instant, type JsonObject } from '@filrouge/domain/base';
import type { ItemKind } from '@filrouge/domain/event';
import {
  BEGINNING,
  END,
  isDeviceNamespace,
  NO_THREAD,
  type NodeId,
  type Thread,
  threadOf,
} from '@filrouge/domain/identity';
import type { EventRow, ScanCursor, SealedNode } from '@filrouge/ports';
import { type PersonPermission, type PersonRow, permissionOf } from '../profile/person-permission.ts';
import { openNode } from '../profile/read-profile.ts';
import type { SealedEvent } from '../projector/event-row.ts';
import {
  type ExportDeps,
  type Exporter,
  type ExportPage,
  type ExportQuery,
  type ExportRow,
  IDENTIFIER_FIELDS,
  iso,
  type RowBasis,
} from './export-row.ts';

/** Rows that are looked at in one go. */
const PAGE_ROWS = 5_000;
const ALWAYS = [{ from: BEGINNING, to: END }];

/** What a file of events may hold. Customers are told as people; an alias says nothing but a link, which people carry too. */
const KINDS: Readonly<Record<'events' | 'tickets' | 'orders', readonly ItemKind[]>> = {
  events: ['page', 'screen', 'track', 'identify', 'group', 'mail-open', 'mail', 'call', 'location'],
  tickets: ['ticket'],
  orders: ['order'],
};
/** Calls of the tracking API, which have no name of their own. */
const CALLS: ReadonlySet<ItemKind> = new Set(['page', 'screen', 'identify', 'group']);

/**
 * Events, tickets or orders that the purpose may have: the event store's predicate lets them through, and each is
 * decided on again with the ledger of this instant before it is opened (S10). Receipts of nobody come too: they speak of
 * no person, and without them no total would be the same.
 */
export function exportEvents(deps: ExportDeps, query: ExportQuery, kind: keyof typeof KINDS): Exporter {
  return {
    async *pages() {
      for (const each of KINDS[kind]) yield* pagesOf(deps, query, each, kind !== 'events');
    },
    async again(rows) {
      const claims = rows.flatMap(({ basis }) => (basis.kind === 'event' ? [basis] : []));
      const ids = new Set(claims.flatMap(({ claim, device }) => (device === undefined ? [claim] : [claim, device])));
      const permission = await permissionFor(deps, query, await deps.reading.nodes([...ids]));
      return rows.map((row) => (isStillOpen(row, permission) ? row : undefined));
    },
  };
}

async function* pagesOf(
  deps: ExportDeps,
  query: ExportQuery,
  kind: ItemKind,
  nobodys: boolean,
): AsyncGenerator<ExportPage> {
  const { brand, purpose, now, span } = query;
  let after: ScanCursor | undefined;
  do {
    const { rows, seen, next } = await deps.events.scan({
      ...span,
      brand,
      kind,
      nobodys,
      permission: { purpose, use: 'individual', now },
      limit: PAGE_ROWS,
      ...(after === undefined ? {} : { after }),
    });
    const nodes = await nodesOf(deps, rows);
    const permission = await permissionFor(deps, query, [...nodes.values()]);
    const read = rows.map((row) => rowOf(deps, row, nodes, permission));
    const open = read.filter((one) => typeof one !== 'string');
    const unreadable = read.filter((one) => one === 'unreadable').length;
    yield { rows: open, seen, closed: seen - open.length - unreadable, unreadable, superseded: 0 };
    after = next;
  } while (after !== undefined);
}

/** The node behind each thread of the rows. */
async function nodesOf({ reading }: ExportDeps, rows: readonly EventRow[]): Promise<ReadonlyMap<Thread, SealedNode>> {
  const threads = [...new Set(rows.flatMap(({ thread, device }) => [thread, device]))].filter(
    (thread) => thread !== NO_THREAD,
  );
  const nodes = await reading.nodes(await reading.nodesOfThreads(threads));
  return new Map(nodes.map((node) => [threadOf(node.node.id), node]));
}

/** One question for all who are named on a page: each row is then decided on by its own. */
async function permissionFor(
  { reading }: ExportDeps,
  { brand, purpose, now }: ExportQuery,
  nodes: readonly SealedNode[],
): Promise<PersonPermission> {
  const threads = nodes
    .filter((node) => node.brand === brand)
    .map((node) => ({ node, thread: threadOf(node.node.id), spans: ALWAYS }));
  return permissionOf(
    reading,
    {
      members: threads.filter(({ node }) => !isDeviceNamespace(node.node.namespace)),
      devices: threads.filter(({ node }) => isDeviceNamespace(node.node.namespace)),
      standing: await reading.standing(threads.map(({ node }) => node.node.id)),
    },
    purpose,
    now,
  );
}

function isStillOpen({ basis }: ExportRow, permission: PersonPermission): boolean {
  if (basis.kind === 'nobody') return true;
  return basis.kind === 'event' && permission.permit(true, personRow(basis)) !== undefined;
}

function personRow({ purposes, device, ...row }: Extract<RowBasis, { kind: 'event' }>): PersonRow {
  return { ...row, t: instant(row.t), c: instant(row.c), purposes: BigInt(purposes), device };
}

function rowOf(
  deps: ExportDeps,
  row: EventRow,
  nodes: ReadonlyMap<Thread, SealedNode>,
  permission: PersonPermission,
): ExportRow | 'closed' | 'unreadable' {
  const [claim, device] = [nodes.get(row.thread), nodes.get(row.device)];
  if (row.thread === NO_THREAD && row.device === NO_THREAD) {
    const item = openItem(deps, row, {});
    return item === undefined ? 'unreadable' : { items: [item], rests: [], basis: { kind: 'nobody' } };
  }
  if (claim === undefined) return 'closed';
  const { t, c, terminal, bot } = row;
  const on = device === undefined ? {} : { device: device.node.id };
  const basis = {
    kind: 'event',
    purposes: row.purposes.toString(),
    t,
    c,
    terminal,
    bot,
    claim: claim.node.id,
    ...on,
  } as const;
  // Opened only for who said yes: the value of the permission is what is shown.
  if (permission.permit(true, personRow(basis)) === undefined) return 'closed';
  const identifiers = identifiersOf(deps, device === undefined ? [claim] : [claim, device], permission);
  if (Object.keys(identifiers).length === 0) return 'closed';
  const item = openItem(deps, row, identifiers);
  const rests: readonly NodeId[] = [...new Set([claim.node.id, ...Object.values(on)])];
  return item === undefined ? 'unreadable' : { items: [item], rests, basis };
}

/** Those that stand on the purpose themselves: a yes given on a terminal names no address (S8). */
function identifiersOf({ vault }: ExportDeps, nodes: readonly SealedNode[], permission: PersonPermission): JsonObject {
  const shown: Record<string, string> = {};
  for (const node of nodes) {
    const field = IDENTIFIER_FIELDS[node.node.namespace];
    const value = permission.shows(node.node.id) ? openNode(vault, node) : undefined;
    if (field !== undefined && value !== undefined) shown[field] ??= value;
  }
  return shown;
}

/**
 * The item as it was sent, without what the device and the door said around it; undefined where its key is gone. That a
 * terminal sent it is told: wherever it is imported the terminal has to be asked too (S8).
 */
function openItem({ vault }: ExportDeps, row: EventRow, identifiers: JsonObject): JsonObject | undefined {
  const opened = vault.openRecord(`event/${row.eventId}`, Buffer.from(row.sealed, 'base64'));
  if (!opened.ok) return undefined;
  const { messageId, name, properties, traits, receipt } = JSON.parse(opened.value.toString('utf8')) as SealedEvent;
  const type = row.kind === 'mail-open' ? 'track' : row.kind;
  const head = {
    type,
    ...(CALLS.has(row.kind) || receipt !== undefined ? {} : { event: name }),
    messageId,
    timestamp: iso(row.t),
    ...(Object.keys(identifiers).length === 0 ? {} : { identifiers }),
    ...(row.terminal ? { terminal: true } : {}),
  };
  if (receipt !== undefined)
    return { ...head, receipt: { ...receipt, lines: receipt.lines.map((line) => ({ ...line })) } };
  return {
    ...head,
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(Object.keys(traits).length === 0 ? {} : { traits }),
  };
}
