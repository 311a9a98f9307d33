import { isJsonObject, type Json, type JsonObject } from '@filrouge/domain/base';
import type { ItemKind } from '@filrouge/domain/event';
import { CLAIM_PRIORITY, type Identifier, type Namespace } from '@filrouge/domain/identity';
import { IDENTIFIER_LENGTH_MAX } from '../json/limits.ts';
import { type Refusal, refusalOf } from '../problem/refusal.ts';
import { isBlockedValue } from './blocked.ts';
import { readEmail } from './email.ts';
import { readPhone } from './phone.ts';

/** What an item says about who it concerns. */
export type FoundIdentifiers = {
  /** Strongest first, without repetition. */
  readonly identifiers: readonly Identifier[];
  readonly previous: Identifier | undefined;
  /** Some value stood for nobody and was left in the payload. */
  readonly blocked: boolean;
  /** Some trait was no address or number and was left in the payload. */
  readonly unreadable: boolean;
  readonly fault: Refusal | undefined;
};

type Collector = {
  readonly country: string;
  readonly inexact: ReadonlySet<string>;
  readonly found: Identifier[];
  blocked: boolean;
  unreadable: boolean;
  fault: Refusal | undefined;
};

/** A named place must hold an identifier or nothing (S9: what cannot be read is refused); a trait may hold anything. */
type Place = 'named' | 'trait';

/** Types of `context.externalIds` that we understand; others stay in the payload. */
const EXTERNAL_TYPES: Readonly<Record<string, Namespace>> = {
  user_id: 'user_id',
  anonymous_id: 'anonymous_id',
  email: 'email',
  phone: 'phone',
  loyalty_card: 'loyalty_card',
  device_id: 'device_id',
  'android.id': 'device_id',
  push_token: 'push_token',
  'ios.push_token': 'push_token',
  'android.push_token': 'push_token',
};

/** Our own `identifiers` object, for what Segment's call has no field for. */
const NATIVE_FIELDS: readonly (readonly [field: string, namespace: Namespace])[] = [
  ['userId', 'user_id'],
  ['loyaltyCard', 'loyalty_card'],
  ['email', 'email'],
  ['phone', 'phone'],
  ['anonymousId', 'anonymous_id'],
  ['deviceId', 'device_id'],
  ['pushToken', 'push_token'],
];

const PRIORITY = new Map(CLAIM_PRIORITY.map((namespace, place) => [namespace, place]));
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Reads every identifier of a normalised item (wire.md 4.1, S13). `groupId` is no person. Traits of a group call are
 * the group's and are not looked at.
 *
 * @param context of the item with the frame's beneath it
 * @param country of the source, for telephone numbers without country code
 * @param inexact pointers of integers that were not exact: refused as identifiers
 */
export function readIdentifiers(
  item: JsonObject,
  context: JsonObject,
  kind: ItemKind,
  country: string,
  inexact: ReadonlySet<string>,
): FoundIdentifiers {
  const collector: Collector = { country, inexact, found: [], blocked: false, unreadable: false, fault: undefined };
  take(collector, 'user_id', item['userId'], '/userId', 'named');
  take(collector, 'anonymous_id', item['anonymousId'], '/anonymousId', 'named');
  const { traits, identifiers } = item;
  if (isJsonObject(identifiers)) takeNative(collector, identifiers);
  takeContext(collector, context, kind);
  if ((kind === 'identify' || kind === 'customer') && isJsonObject(traits)) takeTraits(collector, traits, '/traits');
  if ((kind === 'order' || kind === 'ticket') && isJsonObject(item['properties'])) {
    takeCard(collector, item['properties'], '/properties');
  }
  const previous = kind === 'alias' ? takePrevious(collector, item) : undefined;
  const identifiersFound = collector.found.length > 1 ? collector.found.sort(byStrength) : collector.found;
  return {
    identifiers: identifiersFound,
    blocked: collector.blocked,
    unreadable: collector.unreadable,
    previous,
    fault: collector.fault,
  };
}

function byStrength(a: Identifier, b: Identifier): number {
  return (PRIORITY.get(a.namespace) ?? 99) - (PRIORITY.get(b.namespace) ?? 99);
}

function take(
  collector: Collector,
  namespace: Namespace,
  value: Json | undefined,
  pointer: string,
  place: Place,
): void {
  const identifier = readIdentifier(collector, namespace, value, pointer, place);
  if (identifier === undefined) return;
  for (const known of collector.found) {
    if (known.namespace === identifier.namespace && known.value === identifier.value) return;
  }
  collector.found.push(identifier);
}

function readIdentifier(
  collector: Collector,
  namespace: Namespace,
  value: Json | undefined,
  pointer: string,
  place: Place,
): Identifier | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (collector.inexact.size > 0 && collector.inexact.has(pointer)) {
    return fail(collector, refusalOf('number-not-exact', pointer));
  }
  const text =
    typeof value === 'string'
      ? value
      : typeof value === 'number' && Number.isSafeInteger(value)
        ? String(value)
        : undefined;
  if (text === undefined) {
    if (place === 'named') return fail(collector, refusalOf('identifier-wrong-type', pointer));
    collector.unreadable = true;
    return undefined;
  }
  const normal = normaliseIdentifier(namespace, text, collector.country);
  if (normal.ok) {
    if (normal.value === '') return undefined;
    if (!isBlockedValue(namespace, normal.value)) return { namespace, value: normal.value };
    collector.blocked = true;
    return undefined;
  }
  if (isPlaceholder(namespace, text)) return block(collector);
  // A control character inside an address is an attempt on the mail's header, not a typing error.
  if (place === 'named' || normal.code === 'identifier-ill-formed' || /\p{Cc}/u.test(text.trim())) {
    return fail(collector, refusalOf(normal.code, pointer));
  }
  collector.unreadable = true;
  return undefined;
}

function block(collector: Collector): undefined {
  collector.blocked = true;
  return undefined;
}

function fail(collector: Collector, fault: Refusal): undefined {
  collector.fault ??= fault;
  return undefined;
}

/** `email: "n/a"` is nobody's address, and no reason to refuse the item. */
function isPlaceholder(namespace: Namespace, text: string): boolean {
  return (namespace === 'email' || namespace === 'phone') && isBlockedValue('user_id', text.trim());
}

export type NormalIdentifier =
  | { readonly ok: true; readonly value: string }
  | {
      readonly ok: false;
      readonly code: 'identifier-ill-formed' | 'identifier-too-long' | 'email-unreadable' | 'phone-unreadable';
    };

/**
 * The one normal form of an identifier, wherever it comes from (items, consents, files, requests to read): e-mail in
 * lower case, phone in E.164, others trimmed; 256 characters at most. An empty value stays empty. U+FFFD is refused:
 * it stands where NUL or half a character stood, and two different values would become one.
 */
export function normaliseIdentifier(namespace: Namespace, text: string, country: string): NormalIdentifier {
  const value = text.trim();
  if (value === '') return { ok: true, value };
  if (value.length > IDENTIFIER_LENGTH_MAX) return { ok: false, code: 'identifier-too-long' };
  if (value.includes('\uFFFD') || value.includes('\0') || !value.isWellFormed()) {
    return { ok: false, code: 'identifier-ill-formed' };
  }
  if (namespace === 'email') {
    const email = readEmail(value);
    return email === undefined ? { ok: false, code: 'email-unreadable' } : { ok: true, value: email };
  }
  if (namespace === 'phone') {
    const phone = readPhone(value, country);
    return phone === undefined ? { ok: false, code: 'phone-unreadable' } : { ok: true, value: phone };
  }
  return { ok: true, value };
}

function takeNative(collector: Collector, identifiers: JsonObject): void {
  for (const [field, namespace] of NATIVE_FIELDS) {
    take(collector, namespace, identifiers[field], `/identifiers/${field}`, 'named');
  }
}

function takeContext(collector: Collector, context: JsonObject, kind: ItemKind): void {
  const { device, externalIds, traits } = context;
  if (isJsonObject(device)) {
    take(collector, 'device_id', device['id'], '/context/device/id', 'named');
    take(collector, 'push_token', device['token'], '/context/device/token', 'named');
  }
  if (Array.isArray(externalIds)) takeExternal(collector, externalIds);
  if (kind !== 'group' && isJsonObject(traits)) takeTraits(collector, traits, '/context/traits');
}

function takeExternal(collector: Collector, externalIds: readonly Json[]): void {
  for (const [index, entry] of externalIds.entries()) {
    if (!isJsonObject(entry)) continue;
    const { type, collection, encoding } = entry;
    const namespace =
      typeof type === 'string' && Object.hasOwn(EXTERNAL_TYPES, type) ? EXTERNAL_TYPES[type] : undefined;
    if (namespace === undefined) continue;
    // Accounts are no persons, and a hashed value is not the identifier (Unify's external ids).
    if (collection !== undefined && collection !== null && collection !== 'users') continue;
    if (encoding !== undefined && encoding !== null && encoding !== 'none') continue;
    take(collector, namespace, entry['id'], `/context/externalIds/${index}/id`, 'named');
  }
}

function takeTraits(collector: Collector, traits: JsonObject, pointer: string): void {
  take(collector, 'email', traits['email'], `${pointer}/email`, 'trait');
  take(collector, 'phone', traits['phone'], `${pointer}/phone`, 'trait');
  takeCard(collector, traits, pointer);
}

function takeCard(collector: Collector, fields: JsonObject, pointer: string): void {
  const { loyaltyCard, loyalty_card } = fields;
  if (loyaltyCard !== undefined) take(collector, 'loyalty_card', loyaltyCard, `${pointer}/loyaltyCard`, 'trait');
  if (loyalty_card !== undefined) take(collector, 'loyalty_card', loyalty_card, `${pointer}/loyalty_card`, 'trait');
}

/**
 * The identifier that an alias continues. Segment's field does not say whether it is a user's or a visitor's; it is a
 * visitor's where the item names it as its anonymousId or where it has the form of one (a UUID), else a user's.
 */
function takePrevious(collector: Collector, item: JsonObject): Identifier | undefined {
  const { previousId, anonymousId } = item;
  const visitor = typeof previousId === 'string' && (previousId === anonymousId || UUID.test(previousId.trim()));
  return readIdentifier(collector, visitor ? 'anonymous_id' : 'user_id', previousId, '/previousId', 'named');
}
