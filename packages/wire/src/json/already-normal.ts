import type { KeyClass } from './key-class.ts';
import { isCard, isDropped } from './normalise.ts';

/** Whether `normalise` would refuse or drop a member of an object, or might: then it is left to have a closer look. */
export function isChangedMember(kind: KeyClass, key: string, value: unknown, parent: string): boolean {
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

/** The same of an item of an array. Under some names a number of this form is no card; such lists are rare. */
export function isChangedItem(value: unknown): boolean {
  return isCard(value);
}

/** Whether a number is one that JSON.parse has rounded, that has no end, or that is -0. */
export function isChangedNumber(value: number): boolean {
  if (Number.isSafeInteger(value)) return Object.is(value, -0);
  return !Number.isFinite(value) || Number.isInteger(value);
}
