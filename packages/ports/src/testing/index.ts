export {
  ATELIER,
  belongsTo,
  forUse,
  given,
  line,
  MAISON,
  pageView,
  refused,
  STORE_MEASUREMENT,
  standing,
  thread,
  ticket,
  utc,
} from './event-examples.ts';
export { describeEventStore } from './event-store-suite.ts';
export { describeVault } from './vault-suite.ts';
