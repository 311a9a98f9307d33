import type { Purpose, PurposeId } from '../consent/purpose.ts';
import type { BrandId, PropertyId, Source, SourceId } from './source.ts';

/** A controller (S1). */
export type BrandProfile = { readonly id: BrandId; readonly name: string; readonly contact?: string };

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
  readonly purposes: readonly PurposeId[];
  readonly text: Readonly<Record<string, string>>;
};

/** What `filrouge.config.ts` describes, checked and indexed: the installation as its rules see it. */
export type Deployment = {
  readonly brands: ReadonlyMap<BrandId, BrandProfile>;
  readonly properties: ReadonlyMap<PropertyId, Property>;
  readonly sources: ReadonlyMap<SourceId, Source>;
  readonly purposes: ReadonlyMap<PurposeId, Purpose>;
  readonly notices: readonly Notice[];
  readonly stores: ReadonlyMap<string, Store>;
};
