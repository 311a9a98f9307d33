import { type Instant, instant, type JsonObject } from '@filrouge/domain/base';
import type { BrandId, Channel, PropertyId, SourceId, SourceKind } from '@filrouge/domain/deployment';
import type { ConsentStamp, ItemKind, Mark, Receipt } from '@filrouge/domain/event';
import type { Namespace, NodeId, Proof } from '@filrouge/domain/identity';

/**
 * One kept item as the journal holds it, sealed: what was said, when, about whom, and the door's verdict. Replay reads
 * r, t, c and the verdict from here and never recomputes them (S3, S4).
 */
export type JournaledItem = {
  readonly brand: BrandId;
  readonly source: SourceId;
  readonly sourceKind: SourceKind;
  readonly property: PropertyId;
  readonly channel: Channel;
  readonly kiosk: boolean;
  readonly kind: ItemKind;
  readonly name: string;
  readonly messageId: string;
  readonly t: Instant;
  readonly r: Instant;
  readonly c: Instant;
  readonly imported: boolean;
  readonly terminal: boolean;
  /** Purposes allowed at collection, as a decimal bitmask. */
  readonly purposes: string;
  /** Strongest first; each with its keyed hash, so that replay needs no look-up key. */
  readonly identifiers: readonly { readonly namespace: Namespace; readonly value: string; readonly node: NodeId }[];
  readonly previous?: { readonly namespace: Namespace; readonly value: string; readonly node: NodeId };
  readonly session?: 'login' | 'logout';
  readonly traits: JsonObject;
  readonly properties: JsonObject;
  readonly context: JsonObject;
  readonly receipt?: Receipt;
  /** The claim of another CMP that came with it: it narrows what the item may serve, also when it leaves quarantine. */
  readonly stamp?: ConsentStamp;
  /** What was proven of its identifiers at the door (S11); the token itself is written nowhere. */
  readonly verifiedBy?: Proof;
  readonly marks: readonly Mark[];
  /** The run of the import that brought it. */
  readonly run?: number;
};

export function encodeJournaledItem(item: JournaledItem): string {
  return JSON.stringify(item);
}

/** Reads back what `encodeJournaledItem` wrote; throws on anything else, which the projector quarantines. */
export function decodeJournaledItem(bytes: Buffer): JournaledItem {
  const item = JSON.parse(bytes.toString('utf8')) as JournaledItem;
  instant(item.t);
  instant(item.r);
  instant(item.c);
  return item;
}
