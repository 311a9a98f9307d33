import { openMemoryStores } from '../testing/memory-stores.ts';
import { describeProjectionStore } from '../testing/projection-store-suite.ts';

describeProjectionStore('projection store in memory', openMemoryStores);
