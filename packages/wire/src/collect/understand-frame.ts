import { accept, type Instant, type Result } from '@filrouge/domain/base';
import type { Source } from '@filrouge/domain/deployment';
import type { IncomingItem } from '@filrouge/domain/event';
import { COLLECT_LIMITS, type JsonLimits } from '../json/limits.ts';
import { type ParsedItem, parseItem } from '../json/parse-item.ts';
import { type ItemRefusal, type Refusal, refusalOf } from '../problem/refusal.ts';
import type { Frame } from './frame.ts';
import { type ItemOrigin, understandItem } from './understand.ts';

/** What the server knows once the key has been looked up. */
export type FrameOrigin = {
  readonly source: Source;
  /** The instant of receipt (S4); only a pixel's made messageId depends on it. */
  readonly r: Instant;
  readonly userAgent?: string;
  /** Raw value of RudderStack's `AnonymousId` header: base64 of the visitor's id. */
  readonly anonymousIdHeader?: string;
};

/** Every item of a request had exactly one of these two outcomes; `items` keep the order of the body. */
export type Understood = {
  readonly items: readonly IncomingItem[];
  /** Place in the body of each of `items`. */
  readonly indexes: readonly number[];
  /** Identity tokens by their item's place in `items`: unchecked, and to be kept nowhere. */
  readonly identityTokens: ReadonlyMap<number, string>;
  readonly rejected: readonly ItemRefusal[];
  /** Items refused: entries of `rejected` may stand for several. */
  readonly refused: number;
};

/** Parses and understands the items of a frame, each from its own bytes and once; one bad item costs only itself (S2). */
export function understandFrame(frame: Frame, origin: FrameOrigin, limits: JsonLimits = COLLECT_LIMITS): Understood {
  const known = itemOrigin(frame, origin);
  const items: IncomingItem[] = [];
  const indexes: number[] = [];
  const identityTokens = new Map<number, string>();
  const rejected: ItemRefusal[] = [];
  const parsedItems = frame.kind === 'item' ? [accept(frame.item)] : parsedSlices(frame, limits);
  let size = 0;
  for (const parsed of parsedItems) {
    const understood = parsed.ok ? understandItem(parsed.value, known) : parsed;
    if (understood.ok) {
      const token = (parsed.ok ? parsed.value.identityToken : undefined) ?? frame.identityToken;
      if (token !== undefined) identityTokens.set(items.length, token);
      items.push(understood.value);
      indexes.push(size);
    } else rejected.push({ index: size, ...understood.refusal });
    size += 1;
  }
  const beyond = frame.kind === 'batch' ? frame.itemsBeyond : 0;
  const refused = rejected.length + beyond;
  if (beyond > 0) {
    rejected.push({ index: size, count: beyond, ...refusalOf('too-many-items', `/batch/${size}`, `${beyond} items`) });
  }
  return { items, indexes, identityTokens, rejected, refused };
}

/** The items of a batch, each parsed from its own bytes. */
export function* parsedSlices(
  frame: Extract<Frame, { kind: 'batch' }>,
  limits: JsonLimits = COLLECT_LIMITS,
): Generator<Result<ParsedItem, Refusal>> {
  const plain = frame.marks.size === 0 && frame.inexact.size === 0;
  for (const slice of frame.slices) {
    const parsed = parseItem(frame.bytes, slice, limits);
    yield parsed.ok && !plain ? accept(underFrame(frame, parsed.value)) : parsed;
  }
}

/** What was changed or inexact in the frame holds for each item that inherits its context. */
function underFrame(frame: Frame, item: ParsedItem): ParsedItem {
  return {
    ...item,
    marks: new Set([...frame.marks, ...item.marks]),
    inexact: new Set([...frame.inexact, ...item.inexact]),
  };
}

function itemOrigin(frame: Frame, origin: FrameOrigin): ItemOrigin {
  const { route } = frame;
  const type = route.shape === 'batch' ? undefined : route.type;
  // In a batch the header is the first item's and says nothing of the others.
  const anonymousId = frame.kind === 'item' ? decodeAnonymousId(origin.anonymousIdHeader) : undefined;
  return {
    source: origin.source,
    ...(type === undefined ? {} : { type }),
    ...(origin.userAgent === undefined ? {} : { userAgent: origin.userAgent }),
    ...(anonymousId === undefined ? {} : { anonymousId }),
    ...(route.shape === 'pixel' ? { receivedOnceAt: origin.r } : {}),
    ...(frame.sentAt === undefined ? {} : { sentAt: frame.sentAt }),
    ...(frame.context === undefined ? {} : { context: frame.context }),
    ...(frame.integrations === undefined ? {} : { integrations: frame.integrations }),
  };
}

/** RudderStack's clients send base64 there for routing; undefined when it is not. */
function decodeAnonymousId(header: string | undefined): string | undefined {
  if (header === undefined || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(header)) return undefined;
  const text = Buffer.from(header, 'base64').toString('utf8');
  return text === '' || text.includes('\uFFFD') ? undefined : text;
}
