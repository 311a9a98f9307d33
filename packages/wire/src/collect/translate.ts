import { accept, isJsonObject, type Json, type JsonObject, type Result, refuse } from '@filrouge/domain/base';
import type { Namespace } from '@filrouge/domain/identity';
import type { ParsedItem } from '../json/parse-item.ts';
import { type Refusal, refusalOf } from '../problem/refusal.ts';
import { CALL_TYPES, type ItemForm } from './route.ts';
import { readTime } from './time.ts';

/** The name under which RudderStack's webhook source tells of what is no call. */
const WEBHOOK_EVENT = 'webhook_source_event';

/** What RudderStack's clients call the kinds of identifier that `mergeProperties` may hold. */
const MERGE_TYPES: Readonly<Record<string, Namespace>> = {
  anonymousId: 'anonymous_id',
  anonymous_id: 'anonymous_id',
  deviceId: 'device_id',
  device_id: 'device_id',
  email: 'email',
  loyaltyCard: 'loyalty_card',
  loyalty_card: 'loyalty_card',
  mobile: 'phone',
  phone: 'phone',
  userId: 'user_id',
  user_id: 'user_id',
};

/** The item of a path whose bodies are no call, as the call that it means (wire.md 4.3). Others pass unchanged. */
export function translated(form: ItemForm | undefined, item: ParsedItem): Result<ParsedItem, Refusal> {
  if (form === undefined) return accept(item);
  if (form === 'webhook') return accept({ ...item, json: callOfWebhook(item.json) });
  const json = aliasOfMerge(item);
  return json.ok ? accept({ ...item, json: json.value }) : json;
}

/**
 * RudderStack's merge says that two identifiers are one person's. It is an alias that names both; whether it proves
 * anything depends on the key, as of every alias (S11).
 */
function aliasOfMerge({ inexact, json }: ParsedItem): Result<JsonObject, Refusal> {
  const { context, mergeProperties, ...rest } = json;
  if (mergeProperties === undefined) return refuse(refusalOf('field-missing', '/mergeProperties'));
  if (!Array.isArray(mergeProperties) || mergeProperties.length !== 2) {
    return refuse(refusalOf('field-wrong-type', '/mergeProperties', 'an array of two {"type", "value"}'));
  }
  const merged: JsonObject[] = [];
  for (const [at, one] of (mergeProperties as readonly Json[]).entries()) {
    const pointer = `/mergeProperties/${at}`;
    if (!isJsonObject(one)) return refuse(refusalOf('field-wrong-type', pointer, 'an object'));
    const { type, value } = one;
    const namespace = typeof type === 'string' && Object.hasOwn(MERGE_TYPES, type) ? MERGE_TYPES[type] : undefined;
    if (namespace === undefined) {
      return refuse(refusalOf('value-not-allowed', `${pointer}/type`, Object.keys(MERGE_TYPES).join(', ')));
    }
    if (value === undefined || value === null || value === '') {
      return refuse(refusalOf('field-missing', `${pointer}/value`));
    }
    if (inexact.has(`${pointer}/value`)) return refuse(refusalOf('number-not-exact', `${pointer}/value`));
    merged.push({ collection: 'users', encoding: 'none', id: value, type: namespace });
  }
  const around = isJsonObject(context) ? context : {};
  const known = Array.isArray(around['externalIds']) ? (around['externalIds'] as readonly Json[]) : [];
  return accept({ ...rest, context: { ...around, externalIds: [...merged, ...known] } });
}

/**
 * What another product posts. A call stays the call it is; anything else is a tracked event that holds it, about whom
 * it names at its top and when it says it was, where that can be read.
 */
function callOfWebhook(payload: JsonObject): JsonObject {
  const { type } = payload;
  if (CALL_TYPES.some((call) => call === type)) return payload;
  const { writeKey, ...properties } = payload;
  const { anonymousId, identifiers, messageId, timestamp, userId } = properties;
  const named: Record<string, Json> = { event: WEBHOOK_EVENT, properties, type: 'track' };
  if (isName(anonymousId)) named['anonymousId'] = anonymousId;
  if (isName(userId)) named['userId'] = userId;
  if (isName(messageId)) named['messageId'] = messageId;
  if (isJsonObject(identifiers)) named['identifiers'] = identifiers;
  if (timestamp !== undefined && readTime(timestamp) !== undefined) named['timestamp'] = timestamp;
  return writeKey === undefined ? named : { ...named, writeKey };
}

function isName(value: Json | undefined): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
