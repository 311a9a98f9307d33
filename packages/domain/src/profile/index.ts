export { COMPUTED_TRAITS, type ComputedTrait } from './computed-traits.ts';
export type { Purchase } from './purchase.ts';
export {
  currentTraits,
  mergeTraits,
  newestFirst,
  type TraitEntry,
  type TraitHistory,
  traitsOf,
} from './trait-history.ts';
