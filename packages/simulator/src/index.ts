export { BRANDS, type Brand, type BrandKey, type SourceRole, sourceId } from './brands.ts';
export { CUSTOMER_COLUMNS, TICKET_COLUMNS } from './csv.ts';
export { type LiveSettings, liveTraffic } from './live-traffic.ts';
export { type PlaySettings, playHistory, type SendRequest } from './play-history.ts';
export { type Backfill, parseRequestLine, type SimulatedRequest } from './request.ts';
export { RETAILER_CONFIG, type RetailerSource } from './retailer-config.ts';
export type { RetailerPart } from './retailer-part.ts';
export { DAYS_DEFAULT, DAYS_MAX, SHOPPERS_MAX, UNTIL_DEFAULT, type WorldSettings } from './world.ts';
export { type WriteSettings, type WrittenRetailer, writeRetailer } from './write-retailer.ts';
