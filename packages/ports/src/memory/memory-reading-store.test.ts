import { openMemoryStores } from '../testing/memory-stores.ts';
import { describeReadingStore } from '../testing/reading-store-suite.ts';

describeReadingStore('reading store in memory', openMemoryStores);
