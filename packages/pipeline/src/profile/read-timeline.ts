import type { JsonObject } from '@filrouge/domain/base';
import type { Permitted, Purpose, PurposeId } from '@filrouge/domain/consent';
import type { Channel } from '@filrouge/domain/deployment';
import type { ItemKind, Mark, Receipt } from '@filrouge/domain/event';
import { NO_THREAD, type NodeId, type Thread, type TimeSpan, threadOf } from '@filrouge/domain/identity';
import {
  type EventRow,
  type EventStore,
  type ReadingStore,
  TIMELINE_THREADS_MAX,
  type TimelineCursor,
  type Vault,
} from '@filrouge/ports';
import type { SealedEvent } from '../projector/event-row.ts';
import type { FoundPerson } from './find-person.ts';
import { type PersonPermission, type PersonRow, RIGHTS } from './person-permission.ts';

/** One event of a timeline, as the client sent it. */
export type ShownEvent = {
  /** The client's messageId. */
  readonly id: string;
  /** Under which an explanation names it: the same for the same messageId of a source. */
  readonly eventId: string;
  readonly type: ItemKind;
  readonly name: string;
  readonly at: string;
  readonly receivedAt: string;
  readonly source: string;
  readonly channel: Channel;
  readonly property: string;
  readonly store?: string;
  readonly properties: JsonObject;
  readonly traits?: JsonObject;
  readonly receipt?: Receipt;
  /** What the device and the door said around it; for the person's own request only. */
  readonly context?: JsonObject;
  /** Purposes allowed when it was collected (S9). */
  readonly purposes: readonly PurposeId[];
  readonly marks: readonly Mark[];
};

export type TimelinePart = { readonly items: readonly Permitted<ShownEvent>[]; readonly next?: TimelineCursor };

export type TimelineDeps = {
  readonly reading: ReadingStore;
  readonly events: EventStore;
  readonly vault: Vault;
  /** All purposes, to name the bits of a row. */
  readonly purposes: readonly Purpose[];
};

/**
 * One page of a person's timeline over all channels, newest first. The event store's predicate lets rows through, and
 * each is decided on again here, with the ledger of this instant, before it becomes a value (S10).
 */
export async function readTimeline(
  deps: TimelineDeps,
  person: FoundPerson,
  permission: PersonPermission,
  page: { readonly limit: number; readonly kinds?: readonly ItemKind[]; readonly after?: TimelineCursor },
): Promise<TimelinePart> {
  const { purpose, now } = permission;
  const found = await deps.events.timeline({
    brand: person.brand,
    threads: threadsOf(person),
    permission: purpose === RIGHTS ? 'every-row' : { purpose, use: 'individual', now },
    ...page,
  });
  const nodes = await nodesOf(deps.reading, person, found.rows);
  await permission.meet(found.rows.flatMap(({ device }) => nodes.get(device) ?? []));
  const items = found.rows.flatMap((row) => {
    const claim = nodes.get(row.thread);
    const shown = claim === undefined ? undefined : showEvent(deps, row, purpose === RIGHTS);
    if (claim === undefined || shown === undefined) return [];
    const permitted = permission.permit(shown, personRow(row, claim, nodes.get(row.device)));
    return permitted === undefined ? [] : [permitted];
  });
  return found.next === undefined ? { items } : { items, next: found.next };
}

/** A person whose terminals changed hands too often for one question is asked for by its latest spans. */
function threadsOf({ members, devices }: FoundPerson): readonly (TimeSpan & { readonly thread: Thread })[] {
  const spans = [...members, ...devices].flatMap(({ thread, spans }) => spans.map((span) => ({ thread, ...span })));
  if (spans.length <= TIMELINE_THREADS_MAX) return spans;
  return [...spans].sort((a, b) => b.to - a.to).slice(0, TIMELINE_THREADS_MAX);
}

/** The node behind each thread that the rows name: the person's own, and terminals it was seen on without owning them. */
async function nodesOf(
  reading: ReadingStore,
  { members, devices }: FoundPerson,
  rows: readonly EventRow[],
): Promise<ReadonlyMap<Thread, NodeId>> {
  const nodes = new Map([...members, ...devices].map(({ thread, node }) => [thread, node.node.id]));
  const others = [...new Set(rows.map(({ device }) => device))].filter(
    (device) => device !== NO_THREAD && !nodes.has(device),
  );
  if (others.length > 0) for (const node of await reading.nodesOfThreads(others)) nodes.set(threadOf(node), node);
  return nodes;
}

function personRow(row: EventRow, claim: NodeId, device: NodeId | undefined): PersonRow {
  const { t, c, terminal, bot, purposes } = row;
  return { t, c, terminal, bot, purposes, claim, device };
}

/** Opens a row; undefined where its key was destroyed: it is erased, whatever is left of it. */
function showEvent({ vault, purposes }: TimelineDeps, row: EventRow, whole: boolean): ShownEvent | undefined {
  const opened = vault.openRecord(`event/${row.eventId}`, Buffer.from(row.sealed, 'base64'));
  if (!opened.ok && opened.refusal === 'erased') return undefined;
  // A damaged row is shown by what stands in clear: leaving it out would hide the damage.
  const sealed = opened.ok ? (JSON.parse(opened.value.toString('utf8')) as SealedEvent) : undefined;
  const { traits = {}, context = {}, receipt } = sealed ?? {};
  return {
    id: sealed?.messageId ?? row.eventId,
    eventId: row.eventId,
    type: row.kind,
    name: sealed?.name ?? row.name,
    at: new Date(row.t).toISOString(),
    receivedAt: new Date(row.r).toISOString(),
    source: row.source,
    channel: row.channel,
    property: row.property,
    ...(row.store === '' ? {} : { store: row.store }),
    properties: sealed?.properties ?? { ...row.clear },
    ...(Object.keys(traits).length === 0 ? {} : { traits }),
    ...(receipt === undefined ? {} : { receipt }),
    ...(whole ? { context } : {}),
    purposes: purposes.filter(({ bit }) => ((row.purposes >> BigInt(bit)) & 1n) === 1n).map(({ id }) => id),
    marks: sealed?.marks ?? [],
  };
}
