export { countryOf } from './country-of.ts';
export type { BrandProfile, Deployment, JointControllers, Notice, Property, Store } from './deployment.ts';
export {
  IDENTITY_ALGORITHMS,
  type IdentityAlgorithm,
  type IdentityIssuer,
  type IssuerKey,
} from './identity-issuer.ts';
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
