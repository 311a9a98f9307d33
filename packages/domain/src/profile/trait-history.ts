import type { Instant } from '../base/instant.ts';
import type { Json } from '../base/json.ts';
import type { SourceId } from '../deployment/source.ts';
import type { NodeId } from '../identity/node.ts';

/** One value that somebody stated of a trait, with where it comes from and what it may be used for. */
export type TraitEntry = {
  readonly value: Json;
  /** Event time. */
  readonly t: Instant;
  /** Collection instant. */
  readonly c: Instant;
  readonly messageId: string;
  readonly source: SourceId;
  /** Purposes allowed at collection, as a decimal bitmask. */
  readonly purposes: string;
  readonly terminal: boolean;
  /** The terminal it was said on. */
  readonly device?: NodeId;
  /** A public key said so, and nothing proved whom it spoke of (S11). */
  readonly unproven?: true;
};

/** What one thread's items say of its traits: trait name -> entries, newest first. */
export type TraitHistory = Readonly<Record<string, readonly TraitEntry[]>>;

/**
 * Entries kept per trait, set of purposes, and whether they are proven. One would do for a person; a shared device's
 * spans and a later run of consent may need an older one, and no flood of what is merely said drives out what is proven.
 */
const ENTRIES_PER_PURPOSES_MAX = 8;
/** Traits kept per thread; what exceeds it stays on the timeline. */
const TRAITS_MAX = 500;

/**
 * Union of two histories, cut to the newest entries of each trait and set of purposes. Commutative, associative and
 * idempotent, so that no arrival order and no repetition changes a profile (S13).
 */
export function mergeTraits(a: TraitHistory, b: TraitHistory): TraitHistory {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort().slice(0, TRAITS_MAX);
  return Object.fromEntries(names.map((name) => [name, newest([...(a[name] ?? []), ...(b[name] ?? [])])]));
}

function newest(entries: readonly TraitEntry[]): readonly TraitEntry[] {
  const distinct = new Map(entries.map((entry) => [`${entry.source}\n${entry.messageId}`, entry]));
  const kept = new Map<string, number>();
  return [...distinct.values()].sort(newestFirst).filter(({ purposes, unproven }) => {
    const kind = unproven === true ? `${purposes} unproven` : purposes;
    const count = kept.get(kind) ?? 0;
    kept.set(kind, count + 1);
    return count < ENTRIES_PER_PURPOSES_MAX;
  });
}

/** By event time; at one instant by message id, so that the order is total. */
export function newestFirst(a: TraitEntry, b: TraitEntry): number {
  if (a.t !== b.t) return b.t - a.t;
  if (a.messageId !== b.messageId) return a.messageId < b.messageId ? 1 : -1;
  return a.source < b.source ? 1 : a.source > b.source ? -1 : 0;
}

/** The traits an item states, as a history of one. */
export function traitsOf(traits: Readonly<Record<string, Json>>, entry: Omit<TraitEntry, 'value'>): TraitHistory {
  return Object.fromEntries(Object.entries(traits).map(([name, value]) => [name, [{ ...entry, value }]]));
}

/**
 * The newest usable entry of each trait over several threads: what the profile shows for one purpose. What a public key
 * merely said stands only where nothing proven does, however new it is: anybody's page can name anybody.
 */
export function currentTraits(
  histories: readonly TraitHistory[],
  isUsable: (entry: TraitEntry, history: number) => boolean,
): ReadonlyMap<string, TraitEntry> {
  const current = new Map<string, TraitEntry>();
  for (const [at, history] of histories.entries()) {
    for (const [name, entries] of Object.entries(history)) {
      const entry = [...entries].sort(provenFirst).find((candidate) => isUsable(candidate, at));
      const best = current.get(name);
      if (entry !== undefined && (best === undefined || provenFirst(entry, best) < 0)) current.set(name, entry);
    }
  }
  return current;
}

function provenFirst(a: TraitEntry, b: TraitEntry): number {
  return Number(a.unproven === true) - Number(b.unproven === true) || newestFirst(a, b);
}
