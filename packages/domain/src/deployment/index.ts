export { countryOf } from './country-of.ts';
export type { BrandProfile, Deployment, JointControllers, Notice, Property, Store } from './deployment.ts';
export {
  type BrandId,
  CHANNELS,
  type Channel,
  type PropertyId,
  type Source,
  type SourceId,
  type SourceKind,
  type StampMapping,
} from './source.ts';
