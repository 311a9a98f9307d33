import { type Instant, instant } from '@filrouge/domain/base';
import type { Source } from '@filrouge/domain/deployment';
import { ITEM_KINDS } from '@filrouge/domain/event';
import { readFrame } from '../collect/frame.ts';
import { readPixel } from '../collect/pixel.ts';
import { findRoute } from '../collect/route.ts';
import { type FrameOrigin, type Understood, understandFrame } from '../collect/understand-frame.ts';
import { type Refusal, refusalOf } from '../problem/refusal.ts';

/** The instant of receipt of all tests: 2026-11-21T12:00:00Z. */
const RECEIVED: Instant = instant(Date.UTC(2026, 10, 21, 12));

/** A French source that may send everything; each test overrides what it is about. */
export function aSource(overrides: Partial<Source> = {}): Source {
  return {
    id: 'test' as Source['id'],
    brand: 'brand' as Source['brand'],
    property: 'property' as Source['property'],
    kind: 'server',
    channel: 'server',
    country: 'FR',
    allowedKinds: ITEM_KINDS,
    allowedOrigins: [],
    quotaPerSecond: 100,
    personQuotaPerSecond: 20,
    serves: {},
    kiosk: false,
    ...overrides,
  };
}

/** What a request to a collect path gives: the outcome of its items, or the refusal of its body. */
export type Outcome = (Understood & { readonly refusal?: undefined }) | { readonly refusal: Refusal };

/** Sends a body (text, bytes or a tree) to a path, as the server does once it has inflated it. */
export function send(path: string, body: unknown, origin: Partial<FrameOrigin> = {}): Outcome {
  const route = findRoute('POST', path);
  if (route === undefined || (route.shape !== 'item' && route.shape !== 'batch')) {
    return { refusal: refusalOf('not-found', '') };
  }
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const frame = readFrame(route, bytes);
  if (!frame.ok) return { refusal: frame.refusal };
  return understandFrame(frame.value, { source: aSource(), r: RECEIVED, ...origin });
}

/** Asks for a pixel. */
export function askPixel(path: string, query: string, origin: Partial<FrameOrigin> = {}): Outcome {
  const route = findRoute('GET', path);
  if (route?.shape !== 'pixel') return { refusal: refusalOf('not-found', '') };
  const frame = readPixel(route, query);
  if (!frame.ok) return { refusal: frame.refusal };
  return understandFrame(frame.value, { source: aSource(), r: RECEIVED, ...origin });
}

/** The one item of a request that must have one; throws the refusal otherwise. */
export function onlyItem(outcome: Outcome): Understood['items'][number] {
  const item = outcome.refusal === undefined ? outcome.items[0] : undefined;
  if (item === undefined) throw new Error(JSON.stringify(outcome));
  return item;
}

/** The code of the one refusal, of the body or of its only refused item. */
export function onlyCode(outcome: Outcome): string {
  if (outcome.refusal !== undefined) return outcome.refusal.code;
  const [first] = outcome.rejected;
  return first === undefined ? 'accepted' : first.code;
}
