import { accept, type Json, type JsonObject, type Result, refuse } from '@filrouge/domain/base';
import type { ConsentStamp } from '@filrouge/domain/event';

/** Which destinations hang on which categories of another CMP, and which are not asked for consent at all. */
export type StampRules = {
  /** Category id -> destinations. A destination under several categories needs each of them. */
  readonly categories: Readonly<Record<string, readonly string[]>>;
  /** Destinations whose purpose stands on another legal basis, declared on the source. */
  readonly otherBasis?: readonly string[];
};

/** Stamps without a mapping say nothing: a configuration error, on which the server does not start (wire.md 4.5). */
export type StampConfigError = 'mapping-missing';

/**
 * The destinations that a stamp and the item's `integrations` leave open (wire.md 4.5, last column of the table).
 * Absent, empty, unmapped or malformed is closed; `integrations` only narrows: `false` closes, `All: false` closes what
 * is not named; nothing in it opens. Names compare with case. Sorted.
 */
export function stampVerdict(
  rules: StampRules,
  stamp: ConsentStamp | undefined,
  integrations: JsonObject | undefined,
): Result<readonly string[], StampConfigError> {
  const categories = Object.entries(rules.categories);
  const stamped = stamp !== undefined && Object.keys(stamp).length > 0;
  if (stamped && categories.length === 0) return refuse('mapping-missing');
  const asked = new Map<string, boolean>();
  for (const [category, destinations] of categories) {
    const allowed = stamped && Object.hasOwn(stamp, category) && stamp[category] === true;
    for (const name of destinations) asked.set(name, allowed && asked.get(name) !== false);
  }
  const open = new Set(rules.otherBasis ?? []);
  for (const [name, allowed] of asked) if (allowed) open.add(name);
  return accept([...open].filter((name) => isSelected(name, integrations)).sort());
}

function isSelected(name: string, integrations: JsonObject | undefined): boolean {
  if (integrations === undefined) return true;
  if (Object.hasOwn(integrations, name)) return isOn(integrations[name]);
  return !(Object.hasOwn(integrations, 'All') && integrations['All'] === false);
}

function isOn(value: Json | undefined): boolean {
  return value === true || (typeof value === 'object' && value !== null);
}
