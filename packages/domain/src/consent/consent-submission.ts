import type { Instant } from '../base/instant.ts';
import type { JsonObject } from '../base/json.ts';
import type { BrandId, PropertyId } from '../deployment/source.ts';
import type { Identifier } from '../identity/identifier.ts';
import type { IdentityProof } from '../identity/identity-proof.ts';
import type { ConsentChannel, FactStatus } from './consent-fact.ts';
import type { PurposeId } from './purpose.ts';

/** What may stand in for consent where the law allows it (R16, R17). */
export type DecisionBasis = 'consent' | 'soft-opt-in' | 'current-contract' | 'legitimate-interest';

/** One purpose decided by the person in front of a notice. */
export type SubmittedDecision = {
  readonly purpose: PurposeId;
  /** `*` or a vendor's id. */
  readonly vendor: string;
  readonly status: FactStatus;
  readonly basis?: DecisionBasis;
  readonly reference?: string;
};

/** A `POST /v1/consents` after `wire` understood it and before the ledger judged who may say it. */
export type ConsentSubmission = {
  readonly subject: readonly Identifier[];
  readonly brand: BrandId;
  /** Other brands for which it counts too (S1). */
  readonly brands?: readonly BrandId[];
  readonly property: PropertyId;
  readonly decisions: readonly SubmittedDecision[];
  readonly notice: { readonly id: string; readonly version: string };
  /** The deciding device's own numbering, where it keeps one (S5). */
  readonly sequence?: number;
  readonly channel: ConsentChannel;
  readonly indicatedAt: Instant;
  readonly indicatedBy: { readonly kind: 'subject' | 'agent'; readonly id?: string };
  readonly evidence?: JsonObject;
  /** Set where an identity token that came with it was checked and names part of the subject (S11). */
  readonly proof?: IdentityProof;
  /** What a row of a file says beside its proof: kept under seal, and believed in nothing. */
  readonly claimed?: JsonObject;
  /** The id that its record is to bear, where that was given out before (a confirmation). */
  readonly recordId?: string;
  /** A row of a file, or a confirmation: recorded once, however often it comes. `day`: the instant it states, which is always the same. */
  readonly row?: { readonly messageId: string; readonly body: string; readonly day?: Instant };
};
