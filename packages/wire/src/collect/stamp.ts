import { isJsonObject, type Json, type JsonObject } from '@filrouge/domain/base';
import type { ConsentStamp } from '@filrouge/domain/event';

/** The track events by which Segment's wrappers say that a preference changed: the web's name and React Native's. */
const PREFERENCE_EVENTS = new Set(['Segment Consent Preference Updated', 'Segment Consent Preference']);

/** Whether a track event announces a changed preference; its stamp is read like any other (wire.md 4.5). */
export function isPreferenceEvent(name: string): boolean {
  return PREFERENCE_EVENTS.has(name);
}

/**
 * The consent stamp of an item's context (wire.md 4.5): Segment's `consent.categoryPreferences`, RudderStack's
 * `consentManagement`. Where both stand, a category is allowed only if neither denies it. Anything malformed is no
 * stamp at all, and no stamp is no permission: only `true` and membership of the allowed list say yes.
 */
export function readStamp(context: JsonObject): ConsentStamp | undefined {
  const { consent, consentManagement } = context;
  const segment = isJsonObject(consent) ? readPreferences(consent['categoryPreferences']) : undefined;
  const rudder = isJsonObject(consentManagement) ? readManagement(consentManagement) : undefined;
  if (segment === 'malformed' || rudder === 'malformed') return undefined;
  const parts = [...(segment ?? []), ...(rudder ?? [])];
  if (parts.length === 0) return undefined;
  const stamp = new Map<string, boolean>();
  for (const [category, allowed] of parts) stamp.set(category, allowed && stamp.get(category) !== false);
  return Object.fromEntries(stamp);
}

type Entries = readonly (readonly [category: string, allowed: boolean])[];

function readPreferences(preferences: Json | undefined): Entries | 'malformed' | undefined {
  if (preferences === undefined || preferences === null) return undefined;
  if (!isJsonObject(preferences)) return 'malformed';
  const entries: [string, boolean][] = [];
  for (const [category, allowed] of Object.entries(preferences)) {
    if (typeof allowed !== 'boolean') return 'malformed';
    entries.push([category, allowed]);
  }
  return entries;
}

function readManagement(management: JsonObject): Entries | 'malformed' | undefined {
  const allowed = readIds(management['allowedConsentIds']);
  const denied = readIds(management['deniedConsentIds']);
  if (allowed === undefined || denied === undefined) return 'malformed';
  return [...allowed.map((id) => [id, true] as const), ...denied.map((id) => [id, false] as const)];
}

function readIds(ids: Json | undefined): readonly string[] | undefined {
  if (ids === undefined || ids === null) return [];
  if (!Array.isArray(ids)) return undefined;
  const texts = ids.filter((id): id is string => typeof id === 'string' && id !== '');
  return texts.length === ids.length ? texts : undefined;
}
