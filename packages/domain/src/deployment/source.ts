import type { Brand } from '../base/brand.ts';
import type { PurposeId } from '../consent/purpose.ts';
import type { ItemKind } from '../event/item-kind.ts';

/** A controller in the sense of GDPR article 4(7): every fact, link, key and tombstone belongs to one (S1). */
export type BrandId = Brand<string, 'BrandId'>;
export type SourceId = Brand<string, 'SourceId'>;
export type PropertyId = Brand<string, 'PropertyId'>;

/** How much a source's key may be believed (S6, S11): `web` and `app` keys are public, `server` and `store` ones are secrets. */
export type SourceKind = 'web' | 'app' | 'server' | 'store';

/** Where an event took place, as shown on the timeline. */
export const CHANNELS = ['web', 'app', 'server', 'store', 'mail', 'call', 'file'] as const;
export type Channel = (typeof CHANNELS)[number];

/** One thing that sends: its key, what it may send, and what it sends for. */
export type Source = {
  readonly id: SourceId;
  readonly brand: BrandId;
  readonly property: PropertyId;
  readonly kind: SourceKind;
  readonly channel: Channel;
  /** ISO 3166-1 alpha-2, for telephone numbers without a country code. */
  readonly country: string;
  /** Kinds of item the key may send; anything else is refused with `type-not-allowed`. */
  readonly allowedKinds: readonly ItemKind[];
  /** Origins a browser may send from; empty = any. */
  readonly allowedOrigins: readonly string[];
  /** Items a second, sustained; a burst of ten seconds' worth is let through. */
  readonly quotaPerSecond: number;
  /** Items a second that one identifier may be named in, by each key; a burst of 500 seconds' worth is let through. */
  readonly personQuotaPerSecond: number;
  /** Purposes per item kind that replace the defaults of S12. */
  readonly serves: Readonly<Partial<Record<ItemKind, readonly PurposeId[]>>>;
  /** A kiosk or store tablet: no anonymous stitching (S13). */
  readonly kiosk: boolean;
  /** Declared when another CMP collects the choice: its stamps become consent facts (wire.md 4.5). */
  readonly stamps?: StampMapping;
  /** Switched off: nothing that its keys send is taken. What people decide is heard all the same. */
  readonly disabled?: true;
};

/** What another CMP's category identifiers mean here, and which notice the person saw. */
export type StampMapping = {
  readonly noticeId: string;
  readonly noticeVersion: string;
  /** Category id -> purposes it stands for. */
  readonly categories: Readonly<Record<string, readonly PurposeId[]>>;
};
