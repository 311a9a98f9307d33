import { BRANDS } from './brands.ts';
import type { CampaignTruth } from './campaign-truth.ts';
import { CUSTOMER_COLUMNS, customerRows, fileOf, TICKET_COLUMNS, ticketRows } from './csv.ts';
import type { Exposure } from './episode.ts';
import {
  AUDIENCE_COLUMNS,
  areaRows,
  audienceRow,
  CAMPAIGN_COLUMNS,
  campaignRows,
  PRODUCT_COLUMNS,
  productRows,
  referenceFile,
  STORE_COLUMNS,
  storeRows,
} from './reference-csv.ts';
import type { RetailerFiles } from './retailer-files.ts';
import type { RetailerForm } from './retailer-form.ts';
import type { RetailerPart } from './retailer-part.ts';
import type { Relation, Shopper } from './shopper.ts';
import type { TicketTrace } from './trace.ts';
import type { World } from './world.ts';

/** The tables in our own columns: UTF-8, commas, decimal points, times with their offset. */
export class CleanForm implements RetailerForm {
  readonly #world: World;
  readonly #files: RetailerFiles;
  readonly #parts: ReadonlySet<RetailerPart>;

  constructor(world: World, files: RetailerFiles, parts: ReadonlySet<RetailerPart>) {
    this.#world = world;
    this.#files = files;
    this.#parts = parts;
    for (const { key } of BRANDS) {
      for (const kind of parts.has('tickets') ? (['tickets', 'tickets-resent'] as const) : []) {
        files.of(fileOf(kind, key)).write(`${TICKET_COLUMNS}\n`);
      }
      if (parts.has('customers')) files.of(fileOf('customers', key)).write(`${CUSTOMER_COLUMNS}\n`);
      if (parts.has('products')) {
        files.of(referenceFile('products', key)).write(`${PRODUCT_COLUMNS}\n${productRows(key)}`);
      }
      if (parts.has('stores')) files.of(referenceFile('stores', key)).write(`${STORE_COLUMNS}\n${storeRows(key)}`);
      if (parts.has('campaigns')) {
        files.of(referenceFile('campaign-audience', key)).write(`${AUDIENCE_COLUMNS}\n${areaRows(world, key)}`);
      }
    }
  }

  ticket(trace: TicketTrace): void {
    if (!this.#parts.has('tickets')) return;
    // What a till sends again stands in a second export: within one file, the rows of a ticket stand together.
    const kind = trace.copy === true ? 'tickets-resent' : 'tickets';
    this.#files.of(fileOf(kind, trace.relation.brand)).write(ticketRows(trace));
  }

  customers(shopper: Shopper, relation: Relation): void {
    if (!this.#parts.has('customers')) return;
    this.#files.of(fileOf('customers', relation.brand)).write(customerRows(this.#world, shopper, relation));
  }

  consents(): void {}

  exposure(exposure: Exposure): void {
    if (!this.#parts.has('campaigns')) return;
    const file = this.#files.of(referenceFile('campaign-audience', exposure.relation.brand));
    file.write(audienceRow(exposure));
  }

  campaigns(truth: CampaignTruth): void {
    if (!this.#parts.has('campaigns')) return;
    for (const { key } of BRANDS) {
      const rows = campaignRows(this.#world, key, truth);
      this.#files.of(referenceFile('campaigns', key)).write(`${CAMPAIGN_COLUMNS}\n${rows}`);
    }
  }

  close(): void {}
}
