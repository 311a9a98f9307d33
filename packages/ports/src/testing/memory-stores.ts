import type { Instant } from '@filrouge/domain/base';
import { createMemoryAccessStore } from '../memory/memory-access-store.ts';
import { createMemoryAppendStore } from '../memory/memory-append-store.ts';
import { MemoryDatabase } from '../memory/memory-database.ts';
import { createMemoryLedgerCopyStore } from '../memory/memory-ledger-copy-store.ts';
import { createMemoryProjectionStore } from '../memory/memory-projection-store.ts';
import { createMemoryReadingStore } from '../memory/memory-reading-store.ts';
import { createMemoryReferenceStore } from '../memory/memory-reference-store.ts';
import { NOON, type StoresUnderTest } from './stores-under-test.ts';

/** The in-memory stores over one fresh database. */
export async function openMemoryStores(): Promise<StoresUnderTest> {
  const database = new MemoryDatabase();
  let now: Instant = NOON;
  return {
    append: createMemoryAppendStore(database, () => now),
    projection: createMemoryProjectionStore(database),
    reading: createMemoryReadingStore(database),
    access: createMemoryAccessStore(database),
    reference: createMemoryReferenceStore(database),
    ledger: createMemoryLedgerCopyStore(database),
    setNow(at) {
      now = at;
    },
    entomb: (_brand, node, erasedAt) => database.transaction((draft) => draft.tombstone.put(node, { node, erasedAt })),
    withheld: async () => [...database.view.withheld.values()].map(({ header }) => header),
    logged: async () => [...database.view.access.values()],
    close: async () => undefined,
  };
}
