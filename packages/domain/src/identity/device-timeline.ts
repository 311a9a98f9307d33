import { type Instant, later } from '../base/instant.ts';
import type { DeviceGroup } from './device-groups.ts';
import { distanceToOther, type Moment, momentsOf, type PersonKey, soleOf } from './device-moments.ts';
import { IDENTITY_LIMITS, type IdentityLimits } from './identity-limits.ts';
import type { Node } from './node.ts';
import { compareNodes } from './node-order.ts';
import { BEGINNING, END, type TimeSpan } from './time-span.ts';

/**
 * Why a span of a device belongs to whom it does. Of a person: `signed-in`; `before-login`, the past of a first login.
 * Of nobody known: `signed-out`, and no login that could claim it; `too-old`, further back from the login than one
 * may claim; `shared-device`, another person was seen around that login; `two-at-once`, sightings of two persons that
 * cannot be told apart; `kiosk`.
 */
export type SpanReason =
  | 'signed-in'
  | 'before-login'
  | 'signed-out'
  | 'too-old'
  | 'shared-device'
  | 'two-at-once'
  | 'kiosk';

/** A stretch of a device's life, between a login or logout and the next. */
export type DeviceSpan = TimeSpan & {
  /** The claim number of S13: its place on the timeline, from 0. A late login may renumber, so nothing is stored under it. */
  readonly ordinal: number;
  /** The owner's strongest identifier seen on this device. */
  readonly owner: Node | 'anonymous';
  readonly reason: SpanReason;
};

/** The life of a terminal: spans without gap or overlap, from BEGINNING to END. */
export type DeviceTimeline = { readonly group: DeviceGroup; readonly spans: readonly DeviceSpan[] };

type Piece = TimeSpan & { readonly owner?: PersonKey; readonly reason: SpanReason; readonly stay: string };
type State = { readonly kind: 'out' | 'several' } | { readonly kind: 'in'; readonly person: PersonKey };

/**
 * Whose a device is, when (S13). A sighting or a logout ends a span. After a sighting the device is that person's
 * until the next boundary. Before one that follows no other (the start, or a logout), it was already that person's,
 * back to the boundary and 30 days at most, unless the device is shared. On a kiosk nothing is anyone's.
 * @param personOf whether two identifiers are one person; undefined for what is nobody's, which is not looked at
 */
export function timelineOf(
  group: DeviceGroup,
  personOf: (node: Node) => PersonKey | undefined,
  limits: IdentityLimits = IDENTITY_LIMITS,
): DeviceTimeline {
  const moments = momentsOf(group.presences, group.logouts, personOf);
  const owners = strongestSeen(group, personOf);
  const kiosk = group.kiosk || group.blocked || owners.size > limits.loginsPerValueMax;
  const spans = united(kiosk ? kioskPieces(moments) : pieces(moments, limits)).map((piece, ordinal): DeviceSpan => {
    const owner = piece.owner === undefined ? undefined : owners.get(piece.owner);
    return { from: piece.from, to: piece.to, ordinal, owner: owner ?? 'anonymous', reason: piece.reason };
  });
  return { group, spans };
}

/** The person signed in at an instant, and why; always one span. */
export function spanAt(timeline: DeviceTimeline, t: Instant): DeviceSpan {
  const found = timeline.spans.findLast((span) => span.from <= t);
  return found ?? (timeline.spans[0] as DeviceSpan);
}

function pieces(moments: readonly Moment[], limits: IdentityLimits): readonly Piece[] {
  const found: Piece[] = [];
  const nearestOther = distanceToOther(moments);
  const open = new Map<PersonKey, number>();
  let from: Instant = BEGINNING;
  let state: State = { kind: 'out' };
  let stay = 'start';
  for (const [at, moment] of moments.entries()) {
    const span = { from, to: moment.t };
    if (state.kind === 'out') found.push(...pastOf(span, moment, nearestOther[at] ?? 0, stay, limits));
    else found.push(presentOf(span, state, open));
    state = stateAfter(moment);
    trackHours(open, moment);
    from = moment.t;
    if (moment.logout) stay = `out ${moment.t}`;
  }
  const last = { from, to: END };
  found.push(state.kind === 'out' ? { ...last, reason: 'signed-out', stay } : presentOf(last, state, open));
  return found;
}

/** The time before a sighting (or a logout of nobody known), when nobody was signed in. */
function pastOf(span: TimeSpan, next: Moment, nearestOther: number, stay: string, limits: IdentityLimits): Piece[] {
  const person = soleOf(next);
  if (person === undefined) return [{ ...span, reason: next.sighted.size > 1 ? 'two-at-once' : 'signed-out', stay }];
  if (nearestOther <= limits.sharedWithinMs) return [{ ...span, reason: 'shared-device', stay }];
  const claimed = later(span.from, (span.to - limits.pastMsMax) as Instant);
  return [
    { from: span.from, to: claimed, reason: 'too-old', stay },
    { from: claimed, to: span.to, owner: person, reason: 'before-login', stay },
  ];
}

/**
 * The time after a sighting. Of an hour only the first and the last sighting of a person are known: where another
 * person's hour runs across this span, that person may have come back inside it, so it is neither's.
 */
function presentOf(span: TimeSpan, state: State, open: ReadonlyMap<PersonKey, number>): Piece {
  if (state.kind !== 'in') return { ...span, reason: 'two-at-once', stay: 'several' };
  const others = open.size - (open.has(state.person) ? 1 : 0);
  if (others > 0) return { ...span, reason: 'two-at-once', stay: 'several' };
  return { ...span, owner: state.person, reason: 'signed-in', stay: `in ${state.person}` };
}

/** A kiosk's stays are told apart, by login and logout, and are nobody's. */
function kioskPieces(moments: readonly Moment[]): readonly Piece[] {
  const found: Piece[] = [];
  let from: Instant = BEGINNING;
  let stay = 'start';
  for (const moment of moments) {
    found.push({ from, to: moment.t, reason: 'kiosk', stay });
    from = moment.t;
    stay = moment.logout ? `out ${moment.t}` : `in ${[...moment.sighted].sort().join(' ')}`;
  }
  return [...found, { from, to: END, reason: 'kiosk', stay }];
}

/** A logout in the same instant as a sighting comes after it: it is the person sighted who leaves. */
function stateAfter(moment: Moment): State {
  if (moment.logout) return { kind: 'out' };
  const person = soleOf(moment);
  return person === undefined ? { kind: 'several' } : { kind: 'in', person };
}

function trackHours(open: Map<PersonKey, number>, moment: Moment): void {
  for (const person of moment.opens) open.set(person, (open.get(person) ?? 0) + 1);
  for (const person of moment.closes) {
    const left = (open.get(person) ?? 0) - 1;
    if (left > 0) open.set(person, left);
    else open.delete(person);
  }
}

/** Drops empty pieces and unites neighbours of one stay: a customer's sightings of a whole visit are one span. */
function united(found: readonly Piece[]): readonly Piece[] {
  const spans: Piece[] = [];
  for (const piece of found) {
    if (piece.from >= piece.to) continue;
    const before = spans.at(-1);
    if (before !== undefined && before.stay === piece.stay && before.owner === piece.owner) {
      spans[spans.length - 1] = { ...before, to: piece.to };
    } else spans.push(piece);
  }
  return spans;
}

function strongestSeen(
  group: DeviceGroup,
  personOf: (node: Node) => PersonKey | undefined,
): ReadonlyMap<PersonKey, Node> {
  const strongest = new Map<PersonKey, Node>();
  for (const { person } of group.presences) {
    const key = personOf(person);
    if (key === undefined) continue;
    const known = strongest.get(key);
    if (known === undefined || compareNodes(person, known) < 0) strongest.set(key, person);
  }
  return strongest;
}
