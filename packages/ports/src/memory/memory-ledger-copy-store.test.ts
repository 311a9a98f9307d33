import { describeLedgerCopy } from '../testing/ledger-copy-suite.ts';
import { openMemoryStores } from '../testing/memory-stores.ts';

describeLedgerCopy('second place of the ledger, in memory', openMemoryStores);
