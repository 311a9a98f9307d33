export type { Brand } from './brand.ts';
export {
  DAY_MS,
  earlier,
  HOUR_MS,
  INSTANT_MAX,
  type Instant,
  instant,
  later,
  MINUTE_MS,
  parseInstantMs,
  SECOND_MS,
} from './instant.ts';
export { InvariantBroken, invariant } from './invariant.ts';
export { isJsonObject, type Json, type JsonObject } from './json.ts';
export { accept, type Result, refuse } from './result.ts';
