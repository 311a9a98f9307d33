import type { KeyClass } from './key-class.ts';
import { STRING_LENGTH_MAX } from './limits.ts';
import { isCard, isDropped } from './normalise.ts';
import { shapeOf } from './shape.ts';

/** Where something has, or may have, to be changed or refused. */
export const NOT_NORMAL = -1;

/**
 * The keys, at all levels, of a tree that `normalise` would leave as it is but for their order; NOT_NORMAL where it would
 * not, or where that takes a closer look. Nearly every item is normal, and to look costs a third of building it anew.
 *
 * @param tree from JSON.parse of a text without `\u` escapes, whose bytes were valid UTF-8
 * @param name under which it stands, '' for the whole
 */
export function keysOfNormal(tree: object, name: string): number {
  return Array.isArray(tree)
    ? keysOfArray(tree, name)
    : keysOfObject(tree as { readonly [key: string]: unknown }, name);
}

function keysOfArray(values: readonly unknown[], name: string): number {
  let sum = 0;
  for (const value of values) {
    // Under some names a number of this form is no card; such lists are rare.
    if (isCard(value)) return NOT_NORMAL;
    const keys = keysOfValue(value, name);
    if (keys === NOT_NORMAL) return NOT_NORMAL;
    sum += keys;
  }
  return sum;
}

function keysOfObject(source: { readonly [key: string]: unknown }, name: string): number {
  const { classes, keys } = shapeOf(name, Object.keys(source));
  let sum = keys.length;
  for (let place = 0; place < keys.length; place += 1) {
    const key = keys[place] as string;
    const value = source[key];
    if (isChanged(classes[place] as KeyClass, key, value, name)) return NOT_NORMAL;
    const below = keysOfValue(value, key);
    if (below === NOT_NORMAL) return NOT_NORMAL;
    sum += below;
  }
  return sum;
}

function isChanged(kind: KeyClass, key: string, value: unknown, parent: string): boolean {
  switch (kind) {
    case 'plain':
      return isCard(value) || key === 'constructor';
    case 'reference':
      return false;
    case 'forbidden':
    case 'identity-token':
      return true;
    case 'secret':
    case 'card':
      return isDropped(kind, key, value, parent);
  }
}

function keysOfValue(value: unknown, name: string): number {
  if (typeof value === 'string') return value.length <= STRING_LENGTH_MAX ? 0 : NOT_NORMAL;
  if (typeof value === 'number') return isPlainNumber(value) ? 0 : NOT_NORMAL;
  return typeof value === 'object' && value !== null ? keysOfNormal(value, name) : 0;
}

/** Neither rounded by JSON.parse, nor without end, nor -0. */
function isPlainNumber(value: number): boolean {
  if (Number.isSafeInteger(value)) return !Object.is(value, -0);
  return Number.isFinite(value) && !Number.isInteger(value);
}
