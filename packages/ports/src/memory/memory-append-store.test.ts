import { describeAppendStore } from '../testing/append-store-suite.ts';
import { openMemoryStores } from '../testing/memory-stores.ts';

describeAppendStore('append store in memory', openMemoryStores);
