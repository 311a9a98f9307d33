import type { Instant } from '@filrouge/domain/base';
import {
  ANY_VENDOR,
  type ConsentState,
  type ConsentStatus,
  factsAbout,
  foldConsent,
  type LegalBasis,
  type Lifetime,
  type Purpose,
  standingOn,
  statusAt,
} from '@filrouge/domain/consent';
import type { Node } from '@filrouge/domain/identity';
import { isDeviceNamespace } from '@filrouge/domain/identity';
import type { ReadingStore, Subject } from '@filrouge/ports';
import { knownSubject } from './known-subject.ts';

/** How a subject stands on one purpose, in the words of the outside contract. */
export type PurposeStanding = {
  readonly status: ConsentStatus;
  readonly basis: LegalBasis;
  /** Whether the purpose is open for the subject itself: by its yes, or by another basis unless it objected (S10). */
  readonly allowed: boolean;
  readonly since?: string;
  readonly until?: string;
  /** The record of the last word, yes or no. */
  readonly recordId?: string;
  readonly vendors?: Readonly<Record<string, ConsentStatus>>;
};

/** The present state of each purpose for one subject, from the ledger itself. */
export async function readConsents(
  reading: Pick<ReadingStore, 'subjects'>,
  node: Node,
  purposes: Iterable<Purpose>,
  now: Instant,
): Promise<Readonly<Record<string, PurposeStanding>>> {
  const [subject] = await reading.subjects([node.id]);
  if (subject === undefined) return {};
  const known = knownSubject(subject);
  const device = isDeviceNamespace(node.namespace);
  return Object.fromEntries(
    [...purposes].map((purpose) => {
      const state = !device
        ? known.personState(purpose.id)
        : purpose.scope.device
          ? known.deviceState(purpose.id)
          : known.anonymousState(purpose.id);
      const states = device
        ? { device: known.deviceState(purpose.id), person: known.anonymousState(purpose.id) }
        : { person: known.personState(purpose.id) };
      const { ok: allowed } = standingOn(purpose, states, { now, terminal: device, use: 'individual' });
      const { status, ...said } = wordOf(state, subject, now);
      const { basis } = purpose;
      return [purpose.id, { status, basis, allowed, ...said, ...vendorsOf(subject, purpose, device, now) }];
    }),
  );
}

/** What the subject said last; `unknown` where it said nothing. */
function wordOf(state: ConsentState, subject: Subject, now: Instant): Omit<PurposeStanding, 'basis' | 'allowed'> {
  const status = statusAt(state, now);
  if (state.kind === 'unknown') return { status };
  const recordId = recordOf(subject, state.position);
  return {
    status,
    since: iso(state.since),
    ...(state.kind !== 'given' || state.until === undefined ? {} : { until: iso(state.until) }),
    ...(recordId === undefined ? {} : { recordId }),
  };
}

/** The record of a decision of the subject itself; that of somebody else, who is merely said to be the same, is not told. */
function recordOf({ self, own, devices }: Subject, position: number): string | undefined {
  return [self, own, ...devices.map(({ facts }) => facts)].flat().find((fact) => fact.position === position)?.recordId;
}

/** How single vendors stand, where anything was said of one: what was said of all vendors counts for each (S5). */
function vendorsOf(
  subject: Subject,
  { id }: Purpose,
  isDevice: boolean,
  now: Instant,
): { readonly vendors?: Readonly<Record<string, ConsentStatus>> } {
  const facts = isDevice ? subject.self : subject.own;
  const vendors = new Set(facts.filter(({ purpose }) => purpose === id).map(({ vendor }) => vendor));
  vendors.delete(ANY_VENDOR);
  if (vendors.size === 0) return {};
  const { lastActAt } = subject;
  const lifetime: Lifetime = isDevice
    ? { part: 'device' }
    : { part: 'person', ...(lastActAt === undefined ? {} : { lastActAt }) };
  const statusOf = (vendor: string): ConsentStatus =>
    statusAt(foldConsent(factsAbout(facts, id, vendor), lifetime), now);
  return { vendors: Object.fromEntries([...vendors].map((vendor) => [vendor, statusOf(vendor)])) };
}

function iso(at: Instant): string {
  return new Date(at).toISOString();
}
