import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import type { FlowReading } from '@filrouge/ports';
import { RETAILER_CONFIG } from '@filrouge/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Installation, openInstallation } from './testing/installation.ts';
import { openStores } from './testing/opened-stores.ts';
import { deliver, findRetailer, RETAILER, type Retailer } from './testing/retailer.ts';

/** A year, so that yeses expire, are withdrawn, renewed, and come too late. */
const WORLD = { seed: 3, shoppers: 60, days: 365 };
const VERDICTS = ['kept', 'depends', 'unknown', 'refused', 'withdrawn', 'expired', 'consent-later'];

describe('the door decides as the truth says (S5 to S9)', () => {
  let retailer: Retailer;
  let house: Installation;
  let flow: FlowReading;
  let reasons: ReadonlyMap<string, string>;

  beforeAll(async () => {
    const now = Date.now();
    retailer = await findRetailer(WORLD, now, ({ items }) =>
      VERDICTS.every((word) => items.some(({ backfill }) => backfill === word)),
    );
    house = await openInstallation({ config: RETAILER });
    await deliver(house, [...retailer.consents, ...retailer.calls]);
    await house.server.drain();
    flow = await house.server.engines.reading.flow();
    await house.stop();
    reasons = await reasonsByItem(house.dataDir, retailer);
  });

  afterAll(() => house?.remove());

  test('by source: kept within what the truth leaves open, copies are duplicates, malformed calls are refused (S2)', () => {
    for (const [source, { calls, copies, malformed, backfill }] of Object.entries(retailer.truth.totals.calls)) {
      const { kept = 0, withheld = 0, duplicates = 0, refused = 0 } = flow.bySource[source] ?? {};
      expect({ source, duplicates, refused }).toEqual({
        source,
        duplicates: copies.sameDay + copies.otherDay,
        refused: sum(malformed),
      });
      expect(kept, source).toBeGreaterThanOrEqual(backfill.kept);
      expect(kept, source).toBeLessThanOrEqual(backfill.kept + backfill.depends);
      expect(kept + withheld, source).toBe(calls - duplicates - refused);
    }
  });

  test('by source and reason: what is withheld beyond the truth are the items it leaves open', () => {
    for (const [source, { backfill }] of Object.entries(retailer.truth.totals.calls)) {
      const { kept = 0, withheldBy = {} } = flow.bySource[source] ?? {};
      const open = backfill.kept + backfill.depends - kept;
      const words = new Set([...Object.keys(withheldBy), ...Object.keys(backfill.withheld)]);
      const beyond = [...words].map((reason) => sum(withheldBy[reason] ?? {}) - (backfill.withheld[reason] ?? 0));
      expect(Math.min(0, ...beyond), source).toBe(0);
      expect(
        beyond.reduce((total, n) => total + n, 0),
        source,
      ).toBe(open);
    }
  });

  test('item by item, with its reason', () => {
    const items = retailer.items.filter(({ copy, backfill }) => copy === null && backfill !== 'depends');
    const wrong = items
      .filter((item) => !isMalformed(item.mess))
      .map((item) => ({ ...item, door: reasons.get(keyOf(item)) ?? 'kept' }))
      .filter(({ backfill, door }) => backfill !== door);
    expect(wrong).toEqual([]);
  });
});

const MALFORMED: ReadonlySet<string> = new Set(['bad-date', 'too-deep', 'duplicate-key', 'no-identifier']);

function isMalformed(mess: readonly string[]): boolean {
  return mess.some((word) => MALFORMED.has(word));
}

function keyOf({ source, messageId }: { readonly source: string; readonly messageId: string }): string {
  return `${source} ${messageId}`;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, n) => total + n, 0);
}

/** Why each withheld item was, from the headers that are all that is left of it: its id is found by its keyed hash. */
async function reasonsByItem(dataDir: string, { items }: Retailer): Promise<ReadonlyMap<string, string>> {
  const stores = await openStores(dataDir);
  try {
    const byKey = new Map<string, string>();
    for (const { headers } of await stores.database.query<{ headers: string }>(
      'select headers::text as headers from withheld',
    )) {
      for (const [, , , reason, message] of JSON.parse(headers) as readonly (readonly string[])[]) {
        byKey.set(message ?? '', reason ?? '');
      }
    }
    const reasons = new Map<string, string>();
    for (const item of items) {
      const brand = RETAILER_CONFIG.sources.find(({ id }) => id === item.source)?.brand;
      const key = stores.vault.messageKey(brand as BrandId, item.source as SourceId, item.messageId);
      const reason = byKey.get(key);
      if (reason !== undefined) reasons.set(keyOf(item), reason);
    }
    return reasons;
  } finally {
    await stores.close();
  }
}
