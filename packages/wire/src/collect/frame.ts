import { accept, isJsonObject, type Json, type JsonObject, type Result, refuse } from '@filrouge/domain/base';
import type { Mark } from '@filrouge/domain/event';
import { COLLECT_LIMITS, type JsonLimits } from '../json/limits.ts';
import { locateFault } from '../json/locate.ts';
import { type ParsedItem, parseItem, parseText } from '../json/parse-item.ts';
import { type BatchScan, checkBytes, type ItemSlice, measureItem, placeOf, scanBatch } from '../json/scan.ts';
import { type Refusal, refusalOf } from '../problem/refusal.ts';
import type { BatchRoute, ItemRoute, PixelRoute } from './route.ts';
import { translated } from './translate.ts';

/** What stands around the items and holds for all of them. */
type FrameBase = {
  /** The body's own write key, where it carries one (React Native and Python send no other). */
  readonly writeKey?: string;
  readonly sentAt?: Json;
  /** Merged under each item's own context. */
  readonly context?: JsonObject;
  /** Of the batch's context: for each item that brings none of its own. */
  readonly identityToken?: string;
  /** Merged under each item's own integrations. */
  readonly integrations?: JsonObject;
  /** What normalising the frame changed; every item under it carries these marks. */
  readonly marks: ReadonlySet<Mark>;
  /** Pointers of the frame's integers beyond 2^53: no identifiers, wherever an item inherits them. */
  readonly inexact: ReadonlySet<string>;
};

/** A request whose frame was understood: the key can be looked up, the items are still bytes (or the one is parsed). */
export type Frame =
  | (FrameBase & { readonly kind: 'item'; readonly route: ItemRoute | PixelRoute; readonly item: ParsedItem })
  | (FrameBase & {
      readonly kind: 'batch';
      readonly route: BatchRoute;
      readonly bytes: Buffer;
      readonly slices: readonly ItemSlice[];
      readonly itemsBeyond: number;
    });

/**
 * Reads the body of a collect request, whatever its Content-Type says (wire.md 4.1). The bytes are those after
 * decompression and are kept by reference until the items are understood. A refusal concerns the body as a whole.
 */
export function readFrame(
  route: ItemRoute | BatchRoute,
  bytes: Buffer,
  limits: JsonLimits = COLLECT_LIMITS,
): Result<Frame, Refusal> {
  const start = checkBytes(bytes, limits);
  if (!start.ok) return start;
  return route.shape === 'batch'
    ? readBatch(route, bytes, start.value, limits)
    : readItem(route, bytes, start.value, limits);
}

function readItem(route: ItemRoute, bytes: Buffer, start: number, limits: JsonLimits): Result<Frame, Refusal> {
  const parsed = parseItem(bytes, measureItem(bytes, start, bytes.length), limits);
  const item = parsed.ok ? translated(route.form, parsed.value) : parsed;
  return item.ok ? accept(itemFrame(route, item.value)) : item;
}

/** A single item is its own frame: the write key stands beside its fields. */
export function itemFrame(route: ItemRoute | PixelRoute, item: ParsedItem): Frame {
  const writeKey = item.json['writeKey'];
  return {
    kind: 'item',
    route,
    item,
    marks: item.marks,
    inexact: item.inexact,
    ...(item.identityToken === undefined ? {} : { identityToken: item.identityToken }),
    ...(typeof writeKey === 'string' && writeKey !== '' ? { writeKey } : {}),
  };
}

function readBatch(route: BatchRoute, bytes: Buffer, start: number, limits: JsonLimits): Result<Frame, Refusal> {
  const scan = scanBatch(bytes, start, limits);
  if (!scan.ok) return scan;
  const { frame, items, itemsBeyond } = scan.value;
  const parsed = parseText(frame, limits);
  if (!parsed.ok)
    return refuse(parsed.refusal.code === 'json-malformed' ? frameFault(bytes, start, scan.value) : parsed.refusal);
  const { identityToken, inexact, json, marks } = parsed.value;
  for (const name of ['context', 'integrations'] as const) {
    const value = json[name];
    if (value !== undefined && value !== null && !isJsonObject(value)) {
      return refuse(refusalOf('field-wrong-type', `/${name}`, 'an object'));
    }
  }
  const { writeKey, sentAt, context, integrations } = json;
  return accept({
    kind: 'batch',
    route,
    bytes,
    slices: items,
    itemsBeyond,
    marks,
    inexact,
    ...(typeof writeKey === 'string' && writeKey !== '' ? { writeKey } : {}),
    ...(sentAt === undefined || sentAt === null ? {} : { sentAt }),
    ...(isJsonObject(context) ? { context } : {}),
    ...(isJsonObject(integrations) ? { integrations } : {}),
    ...(identityToken === undefined ? {} : { identityToken }),
  });
}

/** A syntax error of the frame, at its place in the body. */
function frameFault(bytes: Buffer, start: number, scan: BatchScan): Refusal {
  const frame = Buffer.from(scan.frame, 'utf8');
  const fault = locateFault(frame, 0, frame.length);
  const offset = start + (fault?.kind === 'syntax' ? fault.offset : 0);
  const place = offset < scan.arrayStart ? offset : offset + scan.arrayEnd - scan.arrayStart;
  return refusalOf('json-malformed', '', placeOf(bytes, place));
}

/** How many items a frame brings, those beyond the limit included. */
export function frameSize(frame: Frame): number {
  return frame.kind === 'item' ? 1 : frame.slices.length + frame.itemsBeyond;
}
