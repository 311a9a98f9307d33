import { type KeyClass, keyClassOf } from './key-class.ts';

/** What the names of an object's members say of it, worked out once for all objects that have them in this order. */
export type Shape = {
  /** As they stand in the object. */
  readonly keys: readonly string[];
  /** By UTF-16 units. */
  readonly sorted: readonly string[];
  /** Of each of `sorted`. */
  readonly classes: readonly KeyClass[];
  /** `sorted`, each with its length before it: two objects share it only if they have the same keys. */
  readonly text: string;
};

const SHAPES_MAX = 4_096;
/** Shapes remembered of the objects under one name: the calls of a site, the contexts of its clients. */
const SHAPES_OF_NAME_MAX = 8;
const CACHED_KEYS_MAX = 64;
const CACHED_TEXT_LENGTH_MAX = 1_024;
const known = new Map<string, Shape[]>();
let size = 0;

/**
 * The shape of an object with these keys; remembered, because a site's events have the same few shapes for ever.
 *
 * @param name under which the object stands: it only makes the looking up quicker
 */
export function shapeOf(name: string, keys: readonly string[]): Shape {
  const ofName = known.get(name);
  if (ofName !== undefined) {
    for (let place = 0; place < ofName.length; place += 1) {
      const shape = ofName[place] as Shape;
      if (areSame(shape.keys, keys)) return shape;
    }
  }
  const shape = newShape(keys);
  const cached = keys.length <= CACHED_KEYS_MAX && shape.text.length <= CACHED_TEXT_LENGTH_MAX;
  if (cached && name.length <= CACHED_KEYS_MAX) remember(name, shape);
  return shape;
}

function areSame(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false;
  for (let place = 0; place < left.length; place += 1) if (left[place] !== right[place]) return false;
  return true;
}

function newShape(keys: readonly string[]): Shape {
  const sorted = [...keys].sort();
  return {
    keys,
    sorted,
    classes: sorted.map(keyClassOf),
    text: sorted.map((key) => `${key.length}:${key}`).join(''),
  };
}

function remember(name: string, shape: Shape): void {
  if (size >= SHAPES_MAX) {
    known.clear();
    size = 0;
  }
  const ofName = known.get(name);
  if (ofName === undefined) known.set(name, [shape]);
  else if (ofName.length < SHAPES_OF_NAME_MAX) ofName.push(shape);
  else {
    ofName.shift();
    ofName.push(shape);
    return;
  }
  size += 1;
}
