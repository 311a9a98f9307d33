import type { CampaignTruth } from './campaign-truth.ts';
import type { Exposure } from './episode.ts';
import type { Relation, Shopper } from './shopper.ts';
import type { TicketTrace } from './trace.ts';

/** How the retailer's tables are written: in our own columns (`clean`), or as its programs write them (`ugly`). */
export const FILE_FORMS = ['clean', 'ugly'] as const;
export type FileForm = (typeof FILE_FORMS)[number];

/** Writes tables row by row. Each table exists from the start, even when nothing falls into it. */
export interface RetailerForm {
  ticket(trace: TicketTrace): void;
  customers(shopper: Shopper, relation: Relation): void;
  /** The register of what persons decided; the clean form has none, its consents are requests. */
  consents(shopper: Shopper, relation: Relation): void;
  exposure(exposure: Exposure): void;
  campaigns(truth: CampaignTruth): void;
  close(): void;
}
