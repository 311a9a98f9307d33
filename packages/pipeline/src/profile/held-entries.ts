import type { QuarantineItem, ReadingStore, Vault } from '@filrouge/ports';
import type { JournaledItem } from '../journaled-item.ts';
import { openQuarantined } from '../quarantine/release-entry.ts';
import type { FoundPerson } from './find-person.ts';

/** An entry that waits for staff, and speaks of the person. */
export type HeldEntry = { readonly entry: QuarantineItem; readonly item: JournaledItem };

const PAGE_ROWS = 500;
/** Entries that are looked through at most: a quarantine that holds more is looked after by nobody. */
const ENTRIES_MAX = 50_000;

/**
 * What quarantine holds of a person: part of the answer to the person's own request (S10), and of nothing else. Who an
 * entry speaks of stands inside it, so each is opened; such requests are few.
 */
export async function heldEntries(
  { reading, vault }: { readonly reading: ReadingStore; readonly vault: Vault },
  { brand, members, devices }: FoundPerson,
): Promise<readonly HeldEntry[]> {
  const own = new Set([...members, ...devices].map(({ node }) => node.node.id));
  const found: HeldEntry[] = [];
  let after: string | undefined;
  for (let seen = 0; seen < ENTRIES_MAX; seen += PAGE_ROWS) {
    const page = await reading.quarantined({
      state: 'open',
      brand,
      limit: PAGE_ROWS,
      ...(after === undefined ? {} : { after }),
    });
    for (const entry of page) {
      const opened = openQuarantined(vault, entry);
      if (opened.ok && opened.value.identifiers.some(({ node }) => own.has(node))) {
        found.push({ entry, item: opened.value });
      }
    }
    after = page.at(-1)?.id;
    if (page.length < PAGE_ROWS) break;
  }
  return found;
}
