import type { ConsentState } from './consent-state.ts';

/**
 * How the subject of one item stands on one purpose. `device`: the device part of the item's terminal, absent where
 * the item has none. `person`: the person part of the item's claim. `onDevice`: what the terminal itself said about a
 * purpose of the person before or beside a login; a no there closes what happens on that terminal (S8).
 */
export type PurposeStates = {
  readonly device?: ConsentState;
  readonly person?: ConsentState;
  readonly onDevice?: ConsentState;
};
