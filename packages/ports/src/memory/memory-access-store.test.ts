import { describeAccessStore } from '../testing/access-store-suite.ts';
import { openMemoryStores } from '../testing/memory-stores.ts';

describeAccessStore('access store in memory', openMemoryStores);
