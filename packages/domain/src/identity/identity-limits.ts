import { DAY_MS } from '../base/instant.ts';
import type { Namespace } from './identifier.ts';

/** How far identifiers may be joined (S13). Two deployments with other limits see other persons in the same facts. */
export type IdentityLimits = {
  /** Identifiers of a kind that one person may have; a kind not named here has no limit of its own. */
  readonly perPerson: Readonly<Partial<Record<Namespace, number>>>;
  /** Identifiers of one person, and names of one terminal. */
  readonly identifiersMax: number;
  /** Times that two clusters of two identifiers or more become one person. */
  readonly mergesMax: number;
  /** A value seen with more distinct logins than this is nobody's; a device that saw more persons is a kiosk. */
  readonly loginsPerValueMax: number;
  /** How far back from a first login the anonymous past is its person's. Unit: ms. */
  readonly pastMsMax: number;
  /** Another person seen on the device within this distance of a login makes the device a shared one. Unit: ms. */
  readonly sharedWithinMs: number;
};

/** The figures of S13. */
export const IDENTITY_LIMITS: IdentityLimits = {
  perPerson: { user_id: 1, loyalty_card: 3, email: 5, phone: 5 },
  identifiersMax: 1_000,
  mergesMax: 100,
  loginsPerValueMax: 5,
  pastMsMax: 30 * DAY_MS,
  sharedWithinMs: 90 * DAY_MS,
};
