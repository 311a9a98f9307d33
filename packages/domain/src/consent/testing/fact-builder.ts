import { type Instant, instant } from '../../base/instant.ts';
import { ANY_VENDOR, type ConsentFact } from '../consent-fact.ts';
import { DEFAULT_PURPOSES } from '../default-purposes.ts';
import type { Purpose, PurposeId } from '../purpose.ts';

/** An instant from the text of an example: `2026-01-10` is midnight UTC, `2026-01-10T10:00:20` that second. */
export function at(text: string): Instant {
  return instant(Date.parse(text.length === 10 ? `${text}T00:00:00Z` : `${text}Z`));
}

export function purpose(id: string): Purpose {
  const found = DEFAULT_PURPOSES.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no such purpose: ${id}`);
  return found;
}

let built = 0;

/** The ledger receives in the order of its clock; of one instant what was built first. */
function positionAt(r: Instant): number {
  return r * 1_000 + (built % 1_000);
}

/**
 * A fact of a web key about the sender's own device, decided and received at `i`; every field can be told otherwise.
 * `r` defaults to `i`: the fact was sent as it was decided. Its position is that of a ledger whose clock was right.
 */
export function fact(
  status: ConsentFact['status'],
  i: Instant,
  told: Partial<ConsentFact> & { readonly r?: Instant } = {},
): ConsentFact {
  built += 1;
  const { r = i, ...rest } = told;
  return {
    position: positionAt(r),
    recordId: `record-${built}`,
    purpose: 'audience_measurement' as PurposeId,
    vendor: ANY_VENDOR,
    status,
    indicatedAt: i,
    receivedAt: r,
    clock: 'untrusted',
    standing: 'own',
    verified: false,
    ...rest,
  };
}

/** What a server key or an API token adds to a fact: its clock is believed and it proves who spoke. */
export const BY_SERVER = { clock: 'trusted', verified: true } as const;
