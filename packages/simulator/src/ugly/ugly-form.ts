import { BRANDS, type BrandKey, brandOf } from '../brands.ts';
import type { CampaignTruth } from '../campaign-truth.ts';
import type { Exposure } from '../episode.ts';
import type { RetailerFiles } from '../retailer-files.ts';
import type { RetailerForm } from '../retailer-form.ts';
import type { RetailerPart } from '../retailer-part.ts';
import type { Relation, Shopper } from '../shopper.ts';
import type { TicketTrace } from '../trace.ts';
import type { World } from '../world.ts';
import { UGLY_CONSENT_COLUMNS, writeUglyConsents } from './ugly-consents.ts';
import { UGLY_CUSTOMER_COLUMNS, writeUglyCustomers } from './ugly-customers.ts';
import { UglyFile } from './ugly-file.ts';
import {
  UGLY_AUDIENCE_COLUMNS,
  UGLY_CAMPAIGN_COLUMNS,
  UGLY_PRODUCT_COLUMNS,
  UGLY_STORE_COLUMNS,
  writeUglyAreas,
  writeUglyAudience,
  writeUglyCampaigns,
  writeUglyProducts,
  writeUglyStores,
} from './ugly-reference.ts';
import { UGLY_TICKET_COLUMNS, writeUglyTicket } from './ugly-tickets.ts';

/** Each table of a brand: its part, and its first line. Names as `clients-maison-aubrac.csv`. */
const TABLES = {
  clients: ['customers', UGLY_CUSTOMER_COLUMNS],
  tickets: ['tickets', UGLY_TICKET_COLUMNS],
  'tickets-renvoi': ['tickets', UGLY_TICKET_COLUMNS],
  consentements: ['consents', UGLY_CONSENT_COLUMNS],
  produits: ['products', UGLY_PRODUCT_COLUMNS],
  magasins: ['stores', UGLY_STORE_COLUMNS],
  campagnes: ['campaigns', UGLY_CAMPAIGN_COLUMNS],
  cible: ['campaigns', UGLY_AUDIENCE_COLUMNS],
} as const satisfies Readonly<Record<string, readonly [RetailerPart, string]>>;
type Table = keyof typeof TABLES;

/**
 * The tables as the programs of a French retailer write them, and beside them what an import must make of each:
 * `truth-files.json` the counts, `truth-lines.ndjson` every row that must be refused.
 */
export class UglyForm implements RetailerForm {
  readonly #world: World;
  readonly #files: RetailerFiles;
  readonly #tables = new Map<string, UglyFile>();

  constructor(world: World, files: RetailerFiles, parts: ReadonlySet<RetailerPart>) {
    this.#world = world;
    this.#files = files;
    const lines = files.of('truth-lines.ndjson');
    for (const { key, id } of BRANDS) {
      for (const [table, [part, header]] of Object.entries(TABLES)) {
        if (!parts.has(part)) continue;
        const name = `${table}-${id}.csv`;
        this.#tables.set(name, new UglyFile(name, files.of(name, 'cp1252'), lines, header));
      }
      this.#with('produits', key, (file) => writeUglyProducts(world, key, file));
      this.#with('cible', key, (file) => writeUglyAreas(world, key, file));
      this.#with('magasins', key, (file) => writeUglyStores(key, file));
    }
  }

  ticket(trace: TicketTrace): void {
    const table = trace.copy === true ? 'tickets-renvoi' : 'tickets';
    this.#with(table, trace.relation.brand, (file) => writeUglyTicket(this.#world, trace, file));
  }

  customers(shopper: Shopper, relation: Relation): void {
    this.#with('clients', relation.brand, (file) => writeUglyCustomers(this.#world, shopper, relation, file));
  }

  consents(shopper: Shopper, relation: Relation): void {
    this.#with('consentements', relation.brand, (file) => writeUglyConsents(this.#world, shopper, relation, file));
  }

  exposure(exposure: Exposure): void {
    this.#with('cible', exposure.relation.brand, (file) => writeUglyAudience(exposure, file));
  }

  campaigns(truth: CampaignTruth): void {
    for (const { key } of BRANDS) {
      this.#with('campagnes', key, (file) => writeUglyCampaigns(this.#world, key, truth, file));
    }
  }

  close(): void {
    const told = Object.fromEntries([...this.#tables].map(([name, file]) => [name, file.close()]));
    this.#files.of('truth-files.json').write(`${JSON.stringify(told, undefined, 2)}\n`);
  }

  #with(table: Table, brand: BrandKey, write: (file: UglyFile) => void): void {
    const file = this.#tables.get(`${table}-${brandOf(brand).id}.csv`);
    if (file !== undefined) write(file);
  }
}
