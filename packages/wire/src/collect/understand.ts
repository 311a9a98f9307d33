import {
  accept,
  type Instant,
  isJsonObject,
  type Json,
  type JsonObject,
  type Result,
  refuse,
} from '@filrouge/domain/base';
import type { Source } from '@filrouge/domain/deployment';
import type { ClientTimes, IncomingItem, ItemKind, Mark, Receipt } from '@filrouge/domain/event';
import { type Identifier, isDeviceNamespace, isPersonNamespace } from '@filrouge/domain/identity';
import { bodyHash } from '../json/body-hash.ts';
import type { ParsedItem } from '../json/parse-item.ts';
import { type Refusal, refusalOf } from '../problem/refusal.ts';
import { isBotAgent } from './bot.ts';
import { readCommerceReceipt } from './commerce-receipt.ts';
import { type FoundIdentifiers, readIdentifiers } from './identifiers.ts';
import {
  DEFAULT_NAMES,
  isHeard,
  isItemKind,
  mayState,
  receiptName,
  type TrackMeaning,
  trackMeaning,
} from './item-name.ts';
import { readNativeReceipt } from './native-receipt.ts';
import type { CallType } from './route.ts';
import { readStamp } from './stamp.ts';
import { isLocalTime, readTime } from './time.ts';

/** What is known about an item besides its own words. */
export type ItemOrigin = {
  readonly source: Source;
  /** The path's word for the type; it wins over the item's. */
  readonly type?: CallType;
  /** User-Agent of the request, for sources that are people's browsers. */
  readonly userAgent?: string;
  /** From the frame of the batch. */
  readonly sentAt?: Json;
  readonly context?: JsonObject;
  readonly integrations?: JsonObject;
  /** RudderStack's `AnonymousId` header, decoded: stands in where the item names no visitor. */
  readonly anonymousId?: string;
  /** Set where a repetition is a second event and not a retry (a pixel is never retried): its instant of receipt. */
  readonly receivedOnceAt?: Instant;
};

const EVENT_NAME_LENGTH_MAX = 256;
const MESSAGE_ID_LENGTH_MAX = 256;
const NOTHING: JsonObject = {};
/** Beside a server's item: whether it happened on the person's own terminal. Absent is no. */
const TERMINAL = 'terminal';
/** Kinds that stand without a person: a sale counts in the totals whoever bought. */
const MAY_BE_NOBODY: ReadonlySet<ItemKind> = new Set(['ticket', 'order']);

/** The kind and name of an item, before its receipt was read. */
type Named = { readonly kind: ItemKind; readonly name: string; readonly meaning?: TrackMeaning };

/**
 * One parsed item -> what the door decides on, or why not. Pure: the same item, origin and receipt give the same
 * answer. Nothing of the origin but the source's kind and country enters the result's meaning (S3, S4, S13).
 */
export function understandItem(parsed: ParsedItem, origin: ItemOrigin): Result<IncomingItem, Refusal> {
  const shape = checkShape(parsed.json);
  if (shape !== undefined) return refuse(shape);
  const item = withAnonymousId(parsed.json, origin.anonymousId);
  const marks = new Set<Mark>(parsed.marks);
  const named = readName(item, origin);
  if (!named.ok) return named;
  const times = readTimes(item, origin, marks);
  if (!times.ok) return times;
  const hash = parsed.hashed?.of === parsed.json ? parsed.hashed.bodyHash : bodyHash(parsed.json);
  const messageId = readMessageId(item, hash, origin.receivedOnceAt, marks);
  if (!messageId.ok) return messageId;
  const context = mergeContext(item, origin);
  const receipt = readReceipt(item, named.value, origin.source, messageId.value, marks);
  if (!receipt.ok) return receipt;
  const { kind, name } = receipt.value;
  if (!origin.source.allowedKinds.includes(kind) || !mayState(kind, origin.source.kind)) {
    return refuse(refusalOf('type-not-allowed', '/type', kind));
  }
  const found = readIdentifiers(item, context, kind, origin.source.country, parsed.inexact);
  const fault = found.fault ?? nobody(found, kind);
  if (fault !== undefined) return refuse(fault);
  if (found.blocked) marks.add('blocked-identifier');
  if (found.unreadable) marks.add('identifier-unreadable');
  if (isBotAgent(origin.source.kind, context['userAgent'], origin.userAgent)) marks.add('bot');
  const session = sessionOf(named.value.meaning, found.identifiers);
  const stamp = readStamp(context);
  // Built by assignment: spreads of optional fields cost more than reading the item's identifiers.
  const understood: Mutable<IncomingItem> = {
    kind,
    name,
    messageId: messageId.value,
    times: times.value,
    identifiers: found.identifiers,
    traits: traitsOf(item, kind, context),
    properties: propertiesOf(item, kind),
    context,
    marks: [...marks],
    bodyHash: hash,
  };
  if (found.previous !== undefined) understood.previous = found.previous;
  if (session !== undefined) understood.session = session;
  if (receipt.value.receipt !== undefined) understood.receipt = receipt.value.receipt;
  if (stamp !== undefined) understood.stamp = stamp;
  if (parsed.json[TERMINAL] === true) understood.onTerminal = true;
  if (parsed.texts !== undefined) understood.texts = parsed.texts;
  return accept(understood);
}

type Mutable<T> = { -readonly [key in keyof T]: T[key] };

const OBJECT_FIELDS = ['properties', 'traits', 'context', 'integrations', 'identifiers'] as const;

function checkShape(item: JsonObject): Refusal | undefined {
  for (const field of OBJECT_FIELDS) {
    const value = item[field];
    if (value !== undefined && value !== null && !isJsonObject(value)) {
      return refusalOf('field-wrong-type', `/${field}`, 'an object');
    }
  }
  const terminal = item[TERMINAL];
  return terminal === undefined || terminal === null || typeof terminal === 'boolean'
    ? undefined
    : refusalOf('field-wrong-type', `/${TERMINAL}`, 'true or false');
}

function withAnonymousId(item: JsonObject, anonymousId: string | undefined): JsonObject {
  if (anonymousId === undefined || anonymousId === '' || item['anonymousId'] || item['userId']) return item;
  return { ...item, anonymousId };
}

function readName(item: JsonObject, origin: ItemOrigin): Result<Named, Refusal> {
  const type = origin.type ?? item['type'];
  if (type === undefined || type === null || type === '') return refuse(refusalOf('type-missing', '/type'));
  if (type === 'consent') return refuse(refusalOf('consent-not-here', '/type'));
  if (typeof type !== 'string' || !isItemKind(type)) return refuse(refusalOf('type-unknown', '/type'));
  const event = item['event'];
  if (event !== undefined && event !== null && typeof event !== 'string') {
    return refuse(refusalOf('field-wrong-type', '/event', 'a string'));
  }
  const name = typeof event === 'string' ? event.trim() : '';
  if (name.length > EVENT_NAME_LENGTH_MAX) return refuse(refusalOf('event-name-too-long', '/event'));
  if (type !== 'track') return accept({ kind: type, name: name === '' || isCall(type) ? DEFAULT_NAMES[type] : name });
  if (name === '') return refuse(refusalOf('event-name-missing', '/event'));
  const meaning = trackMeaning(name);
  return accept({ kind: meaning.mailOpen === true ? 'mail-open' : 'track', name, meaning });
}

/** Page, identify and the like have no name of their own; our native kinds may bring one. */
function isCall(kind: ItemKind): boolean {
  return kind === 'page' || kind === 'screen' || kind === 'identify' || kind === 'alias' || kind === 'group';
}

function readTimes(item: JsonObject, origin: ItemOrigin, marks: Set<Mark>): Result<ClientTimes, Refusal> {
  const original = item['originalTimestamp'];
  const pointer = original === undefined || original === null ? '/timestamp' : '/originalTimestamp';
  const given = original ?? item['timestamp'];
  const occurredAt = given === undefined || given === null ? undefined : readTime(given);
  if (occurredAt === undefined && given !== undefined && given !== null)
    return refuse(refusalOf('time-unreadable', pointer));
  const sent = item['sentAt'] ?? origin.sentAt;
  const sentAt = sent === undefined || sent === null ? undefined : readTime(sent);
  // An unreadable sentAt only costs the correction of the clock: the event's own time stands.
  if (sentAt === undefined && sent !== undefined && sent !== null) marks.add('time-unreadable');
  const times: Mutable<ClientTimes> = {};
  if (occurredAt !== undefined) times.occurredAt = statedBefore(item, occurredAt) ?? occurredAt;
  if (sentAt !== undefined) times.sentAt = sentAt;
  return accept(times);
}

/**
 * RudderStack's server clients put the moment of the call into `originalTimestamp` and the time that the application
 * names into `timestamp`: an earlier one is the true time of something told late. Where another server has stood
 * between (`receivedAt`) it is that server's correction of a clock, and plays no part (S4).
 */
function statedBefore(item: JsonObject, called: Instant): Instant | undefined {
  const { originalTimestamp, timestamp, receivedAt } = item;
  if (originalTimestamp === undefined || originalTimestamp === null) return undefined;
  if (timestamp === undefined || timestamp === null || (receivedAt !== undefined && receivedAt !== null))
    return undefined;
  const stated = readTime(timestamp);
  return stated !== undefined && stated < called ? stated : undefined;
}

function readMessageId(
  item: JsonObject,
  hash: string,
  receivedOnceAt: Instant | undefined,
  marks: Set<Mark>,
): Result<string, Refusal> {
  const given = item['messageId'];
  if (given === undefined || given === null || given === '') {
    marks.add('message-id-made');
    return accept(receivedOnceAt === undefined ? `made-${hash}` : `made-${hash}-${receivedOnceAt}`);
  }
  const text = typeof given === 'number' && Number.isSafeInteger(given) ? String(given) : given;
  if (
    typeof text !== 'string' ||
    text.length > MESSAGE_ID_LENGTH_MAX ||
    text.includes('\uFFFD') ||
    text.trim() === ''
  ) {
    return refuse(refusalOf('message-id-invalid', '/messageId'));
  }
  return accept(text);
}

function mergeContext(item: JsonObject, origin: ItemOrigin): JsonObject {
  const own = isJsonObject(item['context']) ? item['context'] : NOTHING;
  const merged = origin.context === undefined ? own : { ...origin.context, ...own };
  const integrations = isJsonObject(item['integrations']) ? item['integrations'] : undefined;
  if (isNothing(integrations) && isNothing(origin.integrations)) return merged;
  return { ...merged, integrations: { ...origin.integrations, ...integrations } };
}

function isNothing(value: JsonObject | undefined): boolean {
  if (value !== undefined) for (const _ in value) return false;
  return true;
}

type WithReceipt = Named & { readonly receipt?: Receipt };

function readReceipt(
  item: JsonObject,
  named: Named,
  source: Source,
  messageId: string,
  marks: Set<Mark>,
): Result<WithReceipt, Refusal> {
  const when = item['originalTimestamp'] ?? item['timestamp'];
  const localTime = typeof when === 'string' && isLocalTime(when.trim()) ? when.trim() : undefined;
  if (named.kind === 'order' || named.kind === 'ticket') {
    const read = readNativeReceipt(item['receipt'], named.kind, '/receipt');
    if (!read.ok) return read;
    const receipt =
      read.value.localTime === undefined && localTime !== undefined && named.kind === 'ticket'
        ? { ...read.value, localTime }
        : read.value;
    const isOwnName = named.name !== DEFAULT_NAMES[named.kind];
    return accept({ kind: named.kind, name: isOwnName ? named.name : receiptName(receipt), receipt });
  }
  const event = named.meaning?.receipt;
  if (event === undefined || !isHeard(event, source)) return accept(named);
  const properties = isJsonObject(item['properties']) ? item['properties'] : NOTHING;
  const read = readCommerceReceipt(event, properties, messageId, localTime);
  if (read === undefined) {
    marks.add('receipt-incomplete');
    return accept(named);
  }
  if (read.rounded) marks.add('amount-rounded');
  return accept({ ...named, kind: event.kind, receipt: read.receipt });
}

function nobody(found: FoundIdentifiers, kind: ItemKind): Refusal | undefined {
  if (found.identifiers.length > 0 || found.blocked || MAY_BE_NOBODY.has(kind)) return undefined;
  return refusalOf('no-identifier', '');
}

function sessionOf(
  meaning: TrackMeaning | undefined,
  identifiers: readonly Identifier[],
): 'login' | 'logout' | undefined {
  let device = false;
  let person = false;
  for (const { namespace } of identifiers) {
    if (isDeviceNamespace(namespace)) device = true;
    else if (isPersonNamespace(namespace)) person = true;
  }
  if (meaning?.logout === true) return device ? 'logout' : undefined;
  return device && person ? 'login' : undefined;
}

/** Traits of the person; a group's are properties of the call, or the person would inherit the company's name. */
function traitsOf(item: JsonObject, kind: ItemKind, context: JsonObject): JsonObject {
  if (kind !== 'identify' && kind !== 'customer') return NOTHING;
  const own = isJsonObject(item['traits']) ? item['traits'] : undefined;
  const carried = isJsonObject(context['traits']) ? context['traits'] : undefined;
  if (own === undefined) return carried ?? NOTHING;
  return carried === undefined ? own : { ...carried, ...own };
}

function propertiesOf(item: JsonObject, kind: ItemKind): JsonObject {
  const own = isJsonObject(item['properties']) ? item['properties'] : NOTHING;
  if (kind === 'page' || kind === 'screen') {
    const { name, category } = item;
    return {
      ...(typeof name === 'string' ? { name } : {}),
      ...(typeof category === 'string' ? { category } : {}),
      ...own,
    };
  }
  if (kind !== 'group') return own;
  const traits = isJsonObject(item['traits']) ? item['traits'] : NOTHING;
  return { ...traits, ...own, ...(item['groupId'] === undefined ? {} : { groupId: item['groupId'] }) };
}
