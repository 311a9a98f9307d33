import type { JsonObject } from '@filrouge/domain/base';
import type { IncomingItem } from '@filrouge/domain/event';
import type { Namespace } from '@filrouge/domain/identity';
import type { JournaledItem } from '@filrouge/pipeline';

/** Our own `identifiers` object of a call. */
const FIELDS: Readonly<Partial<Record<Namespace, string>>> = {
  user_id: 'userId',
  loyalty_card: 'loyaltyCard',
  email: 'email',
  phone: 'phone',
  anonymous_id: 'anonymousId',
  device_id: 'deviceId',
  push_token: 'pushToken',
};
const CALLS: ReadonlySet<IncomingItem['kind']> = new Set(['page', 'screen', 'identify', 'alias', 'group']);

/**
 * A kept item as a call of the tracking API: what one reads of a quarantined entry, and, mended, sends back. Of two
 * identifiers of one namespace the first is shown; the others stand in traits and context as they came.
 */
export function callForm(item: JournaledItem): JsonObject {
  const { kind, name, messageId, t, previous, traits, properties, context, receipt } = item;
  const type = kind === 'mail-open' ? 'track' : kind;
  return {
    type,
    ...(CALLS.has(kind) ? {} : { event: name }),
    messageId,
    timestamp: new Date(t).toISOString(),
    identifiers: identifiersOf(item),
    ...(previous === undefined ? {} : { previousId: previous.value }),
    ...(Object.keys(traits).length === 0 ? {} : { traits }),
    properties,
    context,
    ...(receipt === undefined ? {} : { receipt: { ...receipt, lines: receipt.lines.map((line) => ({ ...line })) } }),
  };
}

function identifiersOf({ identifiers }: JournaledItem): JsonObject {
  const shown: Record<string, string> = {};
  for (const { namespace, value } of identifiers) {
    const field = FIELDS[namespace];
    if (field !== undefined) shown[field] ??= value;
  }
  return shown;
}
