export { describeAccessStore } from './access-store-suite.ts';
export { describeAppendStore } from './append-store-suite.ts';
export {
  ATELIER,
  belongsTo,
  forUse,
  given,
  line,
  MAISON,
  ORDER_FULFILMENT,
  pageView,
  refused,
  STORE_MEASUREMENT,
  standing,
  thread,
  ticket,
  utc,
} from './event-examples.ts';
export { describeEventStore } from './event-store-suite.ts';
export { describeLedgerCopy } from './ledger-copy-suite.ts';
export { openMemoryStores } from './memory-stores.ts';
export { describeProjectionStore } from './projection-store-suite.ts';
export { describeReadingStore } from './reading-store-suite.ts';
export { aNode, aPresence, decide, inOrder, know, minute, NOON, type StoresUnderTest } from './stores-under-test.ts';
export { aGraph, change, graphChanges, knowGraph, nodesOf } from './subject-graph.ts';
export { describeVault } from './vault-suite.ts';
