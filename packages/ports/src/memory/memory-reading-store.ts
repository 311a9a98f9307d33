import type { Instant } from '@filrouge/domain/base';
import { isForgotten } from '@filrouge/domain/consent';
import type { BrandId } from '@filrouge/domain/deployment';
import { type NodeId, threadOf } from '@filrouge/domain/identity';
import type { FlowCount } from '../append-store.ts';
import {
  type FlowBySource,
  type FlowReading,
  JOURNAL_DAMAGE,
  type LedgerEntry,
  type LedgerFact,
  type QuarantineItem,
  type ReadingStore,
} from '../reading-store.ts';
import { changedSince, headOf } from './memory-append-store.ts';
import { dayOf, type MemoryDatabase, type MemoryView, ONE, type StoredNode } from './memory-database.ts';
import {
  dependentsIn,
  deviceRecordsIn,
  devicesOfIn,
  hasKnownEnds,
  membersIn,
  nodesIn,
  personRecordsIn,
  separationFact,
  spansIn,
} from './memory-identity.ts';
import { standingIn, subjectsIn } from './memory-neighbourhood.ts';
import { personIn, sealedNodes } from './memory-person.ts';
import { traitsIn } from './memory-projection-store.ts';

/** Questions about persons, flow and quarantine, answered from memory. */
export function createMemoryReadingStore(database: MemoryDatabase): ReadingStore {
  const { view } = database;
  return {
    nodes: async (ids) => sealedNodes(nodesIn(view, ids)),
    members: async (components) => sealedNodes(membersIn(view, components)),
    spans: async (nodes) => spansIn(view, nodes),
    async nodesOfThreads(threads) {
      const wanted = new Set(threads);
      return [...view.node.values()].map(({ node }) => node.id).filter((id) => wanted.has(threadOf(id)));
    },
    async nodesOfPersons(persons) {
      const wanted = new Set<string>(persons);
      const rows = [...view.span.values()].filter(({ entries }) => entries.some(({ person }) => wanted.has(person)));
      return rows.map(({ node }) => node);
    },
    person: async (node, whose) => personIn(view, node, whose),
    devicesOf: async (persons) => devicesOfIn(view, persons).map(({ id }) => id),
    personRecords: async (nodes) => personRecordsIn(view, nodes),
    deviceRecords: async (nodes) => deviceRecordsIn(view, nodes),
    async separation(id) {
      const found = view.separation.get(id);
      return found === undefined || !hasKnownEnds(view, found)
        ? undefined
        : { ...separationFact(found), brand: found.brand, reason: found.reason };
    },
    subjects: async (nodes) => subjectsIn(view, nodes),
    standing: async (nodes) => standingIn(view, nodes),
    persons: async () => new Set([...view.node.values()].flatMap(componentOf)).size,
    ledgerPosition: async () => positionIn(view),
    head: async () => headOf(view),
    async consentMovedSince(known) {
      const moved = changedSince(view, headOf(view), known);
      return moved === 'everything' ? moved : dependentsIn(view, moved).map(({ id }) => id);
    },
    componentsAfter: async (brand, after, limit) =>
      [...new Set([...view.node.values()].flatMap((row) => (row.brand === brand ? componentOf(row) : [])))]
        .filter((component) => after === undefined || component > after)
        .sort()
        .slice(0, limit),
    ledgerAfter: async (brand, after, limit) => ledgerAfter(view, brand, after, limit),
    ledger: async (nodes, limit) => ledgerOf(view, nodes, limit),
    traits: async (nodes) => traitsIn(view, nodes),
    async purchases(nodes) {
      const rows = [...view.purchase.values()].filter(({ node }) => nodes.includes(node));
      return rows.map(({ eventId: _eventId, brand: _brand, ...purchase }) => purchase);
    },
    flow: async (span, brand) => flowOf(view, span, brand),
    quarantined: async (query) => listQuarantine(view, query),
    quarantineItem: async (id) => view.quarantine.get(id),
    discard: (id, by, at) =>
      database.transaction((draft) => {
        const entry = draft.quarantine.get(id);
        if (entry?.state !== 'open') return false;
        draft.quarantine.put(id, { ...entry, state: 'discarded', decided: { at, by }, sealed: Buffer.alloc(0) });
        return true;
      }),
  };
}

function positionIn(view: MemoryView): number {
  return view.head.get(ONE)?.ledgerPosition ?? 0;
}

function ledgerOf(view: MemoryView, nodes: readonly NodeId[], limit: number): readonly LedgerEntry[] {
  const own = new Map<number, boolean>();
  for (const row of view.factNode.values()) {
    const fact = view.fact.get(String(row.position));
    if (fact === undefined || isForgotten(fact, view.tombstone.get(row.node))) continue;
    if (nodes.includes(row.node)) own.set(row.position, row.own || own.get(row.position) === true);
  }
  const positions = [...own].sort(([a], [b]) => b - a).slice(0, limit);
  return positions.flatMap(([position, isOwn]) => {
    const fact = view.fact.get(String(position));
    if (fact === undefined) return [];
    const { purpose, vendor, status, indicatedAt, receivedAt } = fact;
    const { recordId, brands, channel, noticeId, noticeVersion, marks } = fact.record;
    const entry = { position, recordId, purpose, vendor, status, indicatedAt, receivedAt };
    return [{ ...entry, brands, channel, noticeId, noticeVersion, marks, own: isOwn }];
  });
}

function componentOf({ component, blocked }: StoredNode): readonly NodeId[] {
  return blocked === undefined && component !== undefined ? [component] : [];
}

function ledgerAfter(view: MemoryView, brand: BrandId, after: number, limit: number): readonly LedgerFact[] {
  const facts = [...view.fact.values()]
    .filter((fact) => fact.record.brand === brand && fact.position > after)
    .filter(({ position }) => view.voidFact.get(String(position)) === undefined)
    .sort((a, b) => a.position - b.position)
    .slice(0, limit);
  return facts.map(({ record, ...fact }) => {
    const { source, channel, noticeId, noticeVersion, indicatedBy, sealed: bytes, decisions } = record;
    const basis = decisions.find(({ position }) => position === fact.position)?.basis;
    const nodes = [...view.factNode.values()]
      .filter(({ node, position }) => position === fact.position && !isForgotten(fact, view.tombstone.get(node)))
      .map(({ node, own }) => ({ node, own }))
      .sort((a, b) => (a.node < b.node ? -1 : 1));
    const told = { source, channel, noticeId, noticeVersion, indicatedBy, sealed: bytes };
    return { ...fact, ...told, ...(basis === undefined ? {} : { basis }), nodes };
  });
}

/** Newest first; `after` is the id of the last entry of the page before. */
function listQuarantine(
  view: MemoryView,
  query: Parameters<ReadingStore['quarantined']>[0],
): readonly QuarantineItem[] {
  const last = query.after === undefined ? undefined : view.quarantine.get(query.after);
  if (query.after !== undefined && last === undefined) return [];
  return [...view.quarantine.values()]
    .filter(({ state, brand }) => state === query.state && (query.brand ?? brand) === brand)
    .sort(newestFirst)
    .filter((entry) => last === undefined || newestFirst(last, entry) < 0)
    .slice(0, query.limit);
}

function newestFirst(a: QuarantineItem, b: QuarantineItem): number {
  if (a.receivedAt !== b.receivedAt) return b.receivedAt - a.receivedAt;
  return a.id === b.id ? 0 : a.id < b.id ? 1 : -1;
}

function flowOf(
  view: MemoryView,
  span: { readonly from: Instant; readonly to: Instant } | undefined,
  brand: BrandId | undefined,
): FlowReading {
  const isDay = (day: string): boolean =>
    span === undefined || (dayOf(span.from) <= day && day <= dayOf((span.to - 1) as Instant));
  const isAsked = (row: { readonly brand: BrandId; readonly day: string }): boolean =>
    (brand === undefined || row.brand === brand) && isDay(row.day);
  const flow = [...view.flow.values()].filter(isAsked);
  const kept = [...view.kept.values()].filter(isAsked);
  const states = [...view.quarantine.values()].filter((row) => isAsked({ ...row, day: dayOf(row.receivedAt) }));
  const outcome = (name: FlowCount['outcome']): number => sum(flow.filter((row) => row.outcome === name));
  const settled = {
    kept: sum(kept),
    withheld: outcome('withheld'),
    quarantined: states.filter(({ state }) => state === 'open').length,
    discarded: states.filter(({ state }) => state === 'discarded').length,
  };
  const accepted = outcome('accepted');
  const rest = accepted - Object.values(settled).reduce((total, n) => total + n, 0);
  const sources = [...new Set([...flow, ...kept].map(({ source }) => source))].sort();
  return {
    accepted,
    pending: brand === undefined ? pendingIn(view, isDay) : rest,
    ...settled,
    damaged: states.filter(({ state, reason }) => state === 'open' && isDamage(reason)).length,
    duplicates: outcome('duplicate'),
    refused: outcome('refused'),
    bots: kept.reduce((total, { bots }) => total + bots, 0),
    bySource: Object.fromEntries(
      sources.map((source) => [
        source,
        flowOfSource(
          flow.filter((row) => row.source === source),
          kept.filter((row) => row.source === source),
        ),
      ]),
    ),
  };
}

function isDamage(reason: string): boolean {
  return JOURNAL_DAMAGE.some((one) => one === reason);
}

function flowOfSource(
  flow: readonly FlowCount[],
  kept: readonly { readonly count: number; readonly bots: number }[],
): FlowBySource {
  const outcome = (name: FlowCount['outcome']): number => sum(flow.filter((row) => row.outcome === name));
  const withheld = Map.groupBy(
    flow.filter((row) => row.outcome === 'withheld'),
    ({ reason }) => reason,
  );
  return {
    accepted: outcome('accepted'),
    kept: sum(kept),
    withheld: outcome('withheld'),
    duplicates: outcome('duplicate'),
    refused: outcome('refused'),
    bots: kept.reduce((total, { bots }) => total + bots, 0),
    withheldBy: Object.fromEntries([...withheld].map(([reason, rows]) => [reason, sumsByName(rows)])),
  };
}

/** Names come from clients: `Object.fromEntries` keeps one called `__proto__` what it is. */
function sumsByName(rows: readonly FlowCount[]): Readonly<Record<string, number>> {
  const byName = Map.groupBy(rows, ({ name }) => name);
  return Object.fromEntries([...byName].map(([name, some]) => [name, sum(some)]));
}

function pendingIn(view: MemoryView, isDay: (day: string) => boolean): number {
  const { position, counted } = view.projector.get(ONE) ?? { position: 0, counted: 0 };
  const rows = [...view.journal.values()].filter((row) => row.position > Math.max(position, counted));
  const byDay = rows.flatMap(({ receivedAt, items, earlier = {} }) => {
    const moved = Object.entries(earlier);
    const own = items - moved.reduce((total, [, n]) => total + n, 0);
    return [[dayOf(receivedAt), own] as const, ...moved];
  });
  return byDay.filter(([day]) => isDay(day)).reduce((total, [, n]) => total + n, 0);
}

function sum(rows: readonly { readonly count: number }[]): number {
  return rows.reduce((total, { count }) => total + count, 0);
}
