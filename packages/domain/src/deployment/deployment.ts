import type { Purpose, PurposeId } from '../consent/purpose.ts';
import type { IdentityIssuer } from './identity-issuer.ts';
import type { BrandId, PropertyId, Source, SourceId } from './source.ts';

/** A controller (S1). */
export type BrandProfile = {
  readonly id: BrandId;
  readonly name: string;
  readonly contact?: string;
  /** Whose identity tokens are believed; none where it is absent. */
  readonly identityIssuers?: readonly IdentityIssuer[];
};

/** A site, an app, a chain of shops, a call centre: where people meet the brand. */
export type Property = {
  readonly id: PropertyId;
  readonly brand: BrandId;
  readonly name: string;
  readonly kind: 'site' | 'app' | 'shop' | 'call-centre';
};

export type Store = {
  readonly id: string;
  readonly brand: BrandId;
  readonly name: string;
  readonly city?: string;
  readonly postalCode?: string;
};

/** A text shown to people when they decide, by version: what they agreed to is what this says. */
export type Notice = {
  readonly id: string;
  readonly version: string;
  readonly brand: BrandId;
  /** Other brands of its group for which it speaks (S1). */
  readonly brands?: readonly BrandId[];
  readonly purposes: readonly PurposeId[];
  readonly text: Readonly<Record<string, string>>;
};

/** Brands that decide together why and how, and have said so to people (GDPR 26); a brand is in one group at most. */
export type JointControllers = { readonly id: string; readonly brands: readonly BrandId[] };

/** What `filrouge.config.ts` describes, checked and indexed: the installation as its rules see it. */
export type Deployment = {
  readonly brands: ReadonlyMap<BrandId, BrandProfile>;
  readonly properties: ReadonlyMap<PropertyId, Property>;
  readonly sources: ReadonlyMap<SourceId, Source>;
  readonly purposes: ReadonlyMap<PurposeId, Purpose>;
  readonly notices: readonly Notice[];
  readonly jointControllers: readonly JointControllers[];
  readonly stores: ReadonlyMap<string, Store>;
  /** How many days the journal is kept (S17); 60 where absent. */
  readonly journalDays?: number;
};
