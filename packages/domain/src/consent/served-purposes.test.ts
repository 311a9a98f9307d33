import { expect, test } from 'vitest';
import { ITEM_KINDS, type ItemKind } from '../event/item-kind.ts';
import { DEFAULT_PURPOSES } from './default-purposes.ts';
import type { PurposeId } from './purpose.ts';
import { servedPurposes } from './served-purposes.ts';

const WEB = ['audience_measurement', 'personalisation', 'profiling', 'advertising', 'store_measurement'];
const RECEIPT = ['order_fulfilment', 'profiling', 'advertising', 'store_measurement'];
const CONTACT = ['email_marketing', 'sms_marketing', 'push_marketing', 'phone_marketing', 'postal_marketing'];

/** S12, in its words. */
const expected: Record<ItemKind, readonly string[]> = {
  page: WEB,
  screen: WEB,
  track: WEB,
  identify: WEB,
  alias: WEB,
  group: WEB,
  order: RECEIPT,
  ticket: RECEIPT,
  'mail-open': ['email_open_tracking'],
  call: ['customer_service', 'profiling'],
  customer: ['order_fulfilment', 'loyalty_programme', 'profiling', 'advertising', 'store_measurement', ...CONTACT],
  // "Its geolocation purpose only": how precise a location is, its source declares.
  location: [],
  mail: [],
};

for (const [kind, purposes] of Object.entries(expected)) {
  test(`S12: ${kind} serves ${purposes.join(', ') || 'nothing'}`, () => {
    expect(servedPurposes({ serves: {} }, kind as ItemKind)).toEqual(purposes);
  });
}

test('S12: a declaration of the source takes the place of the default, an empty one too', () => {
  const serves = { page: ['audience_measurement' as PurposeId], track: [] };
  expect(servedPurposes({ serves }, 'page')).toEqual(['audience_measurement']);
  expect(servedPurposes({ serves }, 'track')).toEqual([]);
  expect(servedPurposes({ serves }, 'screen')).toEqual(WEB);
});

test('S12: security never serves page, screen or track, and a location serves geolocation only, whatever is declared', () => {
  const all = DEFAULT_PURPOSES.map(({ id }) => id);
  for (const kind of ITEM_KINDS) {
    const browsing = kind === 'page' || kind === 'screen' || kind === 'track';
    const left = browsing ? all.filter((id) => id !== 'security') : all;
    const geolocation = ['geolocation_approximate', 'geolocation_precise'];
    expect(servedPurposes({ serves: { [kind]: all } }, kind)).toEqual(kind === 'location' ? geolocation : left);
  }
});

test('every default is a configured purpose, each purpose with its own bit, 0 to 62', () => {
  const ids = new Set<string>(DEFAULT_PURPOSES.map(({ id }) => id));
  for (const purposes of Object.values(expected)) for (const id of purposes) expect(ids).toContain(id);
  expect(DEFAULT_PURPOSES.map(({ bit }) => bit)).toEqual(DEFAULT_PURPOSES.map((_, at) => at));
  expect(ids.size).toBe(DEFAULT_PURPOSES.length);
  expect(DEFAULT_PURPOSES.length).toBeLessThanOrEqual(63);
});
