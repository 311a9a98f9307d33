import { DAY_MS, type Instant, instant } from '@filrouge/domain/base';
import type { Purpose } from '@filrouge/domain/consent';
import type { BrandId } from '@filrouge/domain/deployment';
import {
  measureRopo,
  type RopoDirection,
  type RopoMatch,
  type RopoMeasure,
  type RopoWindow,
} from '@filrouge/domain/measurement';
import type { Engines } from '../../compose.ts';
import type { TrueShare, Truth } from './retailer.ts';

/** A report of a brand over the whole history, as `GET /api/reports/ropo` computes it. */
export async function ropoOf(
  { deployment, events }: Engines,
  question: {
    readonly brand: string;
    readonly direction: RopoDirection;
    readonly match: RopoMatch;
    readonly window: RopoWindow;
    readonly by?: 'store' | 'category';
  },
  now: Instant,
): Promise<RopoMeasure> {
  const purpose = [...deployment.purposes.values()].find(({ id }) => id === 'store_measurement') as Purpose;
  const { brand, by = 'store', ...rest } = question;
  const cells = await events.ropoCells({
    ...rest,
    by,
    brand: brand as BrandId,
    from: instant(now - 800 * DAY_MS),
    to: instant(now + DAY_MS),
    permission: { purpose, use: 'aggregate', now },
  });
  return measureRopo(cells);
}

/** What the truth says of a question. */
export function trueShares(
  { ropo }: Truth,
  { brand, direction, match, window }: Parameters<typeof ropoOf>[1],
): TrueShare {
  const group = `brand:${brand}`;
  const shares = direction === 'online-to-store' ? ropo.onlineToStore[group] : ropo.storeToOnline[group];
  const variant = { any: 'visit', category: 'category', sku: 'product' }[match];
  const share = shares?.[variant]?.[String(window)];
  if (share === undefined) throw new Error(`the truth says nothing of ${group} ${direction} ${match} ${window}`);
  return share;
}
