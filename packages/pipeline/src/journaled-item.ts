import { type Instant, instant, type JsonObject } from '@filrouge/domain/base';
import type { BrandId, Channel, PropertyId, SourceId, SourceKind } from '@filrouge/domain/deployment';
import type { ConsentStamp, ItemKind, Mark, Receipt, SourceText } from '@filrouge/domain/event';
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

/**
 * The journal's text of an item: what JSON.stringify makes of it, but put together from its pieces, which takes a third of
 * the time. Where a part is one of `texts`, that text stands for it.
 */
export function encodeJournaledItem(item: JournaledItem, texts: readonly SourceText[] = []): string {
  let text = `${headOf(item)},"kind":"${item.kind}","name":${quoted(item.name)},"messageId":${quoted(item.messageId)}`;
  text += `,"t":${item.t},"r":${item.r},"c":${item.c},"imported":${item.imported},"terminal":${item.terminal}`;
  text += `,"purposes":"${item.purposes}","identifiers":[`;
  for (let place = 0; place < item.identifiers.length; place += 1) {
    const { namespace, value, node } = item.identifiers[place] as JournaledItem['identifiers'][number];
    text += `${place === 0 ? '' : ','}{"namespace":"${namespace}","value":${quoted(value)},"node":"${node}"}`;
  }
  text += ']';
  if (item.previous !== undefined) text += `,"previous":${JSON.stringify(item.previous)}`;
  if (item.session !== undefined) text += `,"session":"${item.session}"`;
  text += `,"traits":${textOf(item.traits, texts)},"properties":${textOf(item.properties, texts)}`;
  text += `,"context":${textOf(item.context, texts)}`;
  if (item.receipt !== undefined) text += `,"receipt":${JSON.stringify(item.receipt)}`;
  if (item.stamp !== undefined) text += `,"stamp":${JSON.stringify(item.stamp)}`;
  if (item.verifiedBy !== undefined) text += `,"verifiedBy":${JSON.stringify(item.verifiedBy)}`;
  text += item.marks.length === 0 ? ',"marks":[]' : `,"marks":${JSON.stringify(item.marks)}`;
  return item.run === undefined ? `${text}}` : `${text},"run":${item.run}}`;
}

type Head = Pick<JournaledItem, 'brand' | 'source' | 'sourceKind' | 'property' | 'channel' | 'kiosk'>;

/** The head written last: nearly all items of a moment are of the same source. */
let latest: { readonly head: Head; readonly text: string } | undefined;

/** The first members, without the bracket that closes them. */
function headOf({ brand, source, sourceKind, property, channel, kiosk }: Head): string {
  const known = latest?.head;
  if (
    latest !== undefined &&
    known?.source === source &&
    known.brand === brand &&
    known.sourceKind === sourceKind &&
    known.property === property &&
    known.channel === channel &&
    known.kiosk === kiosk
  ) {
    return latest.text;
  }
  const head: Head = { brand, source, sourceKind, property, channel, kiosk };
  latest = { head, text: JSON.stringify(head).slice(0, -1) };
  return latest.text;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function textOf(part: JsonObject, texts: readonly SourceText[]): string {
  for (const { of, text } of texts) if (of === part) return text;
  return JSON.stringify(part);
}

/** Reads back what `encodeJournaledItem` wrote; throws on anything else, which the projector quarantines. */
export function decodeJournaledItem(bytes: Buffer): JournaledItem {
  const item = JSON.parse(bytes.toString('utf8')) as JournaledItem;
  instant(item.t);
  instant(item.r);
  instant(item.c);
  return item;
}
