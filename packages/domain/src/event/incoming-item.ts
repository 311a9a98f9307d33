import type { Instant } from '../base/instant.ts';
import type { JsonObject } from '../base/json.ts';
import type { Identifier } from '../identity/identifier.ts';
import type { IdentityProof } from '../identity/identity-proof.ts';
import type { ItemKind } from './item-kind.ts';
import type { Receipt } from './receipt.ts';

/** What the door changed or noticed about an item; kept with it and shown beside it. */
export type Mark =
  | 'nul-replaced'
  | 'surrogate-replaced'
  | 'time-in-future'
  | 'time-unreadable'
  | 'blocked-identifier'
  | 'identifier-unreadable'
  | 'message-id-made'
  | 'number-as-text'
  | 'string-cut'
  | 'amount-rounded'
  | 'receipt-incomplete'
  | 'secret-dropped'
  | 'bot'
  | 'erased';

/** The client's own times (S4), read but not yet corrected. */
export type ClientTimes = {
  /** When it happened by the client's clock: `originalTimestamp`, or `timestamp` where the client sends no other. */
  readonly occurredAt?: Instant;
  /** When the request left, by the same clock. */
  readonly sentAt?: Instant;
};

/** A consent stamp carried by an event of a Segment or RudderStack client: a claim of another CMP, category -> allowed. */
export type ConsentStamp = Readonly<Record<string, boolean>>;

/** The JSON text of one part of an item, just as it came. It says that very object, and no other that stands in its place. */
export type SourceText = { readonly of: JsonObject; readonly text: string };

/** One unit of input after `wire` understood it and before the door decided on it. Everything in it may be personal. */
export type IncomingItem = {
  readonly kind: ItemKind;
  /** Name shown on the timeline: the event's name for `track`, else `Page Viewed`, `Screen Viewed`, `Identify`, ... */
  readonly name: string;
  readonly messageId: string;
  readonly times: ClientTimes;
  /** Normalised, without blocked values and without repetition; strongest first (S13). */
  readonly identifiers: readonly Identifier[];
  /** Set by alias: the identifier that the others continue. */
  readonly previous?: Identifier;
  /** `login` when the item shows a person at the device, `logout` when that person leaves it. */
  readonly session?: 'login' | 'logout';
  readonly traits: JsonObject;
  readonly properties: JsonObject;
  readonly context: JsonObject;
  /** Of `properties` and `context`, where nothing in them had to be changed: they need not be written anew. */
  readonly texts?: readonly SourceText[];
  readonly receipt?: Receipt;
  readonly stamp?: ConsentStamp;
  /** A server's word that this happened on the person's own browser or app: then the terminal is asked too (S8). */
  readonly onTerminal?: true;
  /** Set where a token or a click that came with it was checked and names one of its identifiers (S11). */
  readonly proof?: IdentityProof;
  readonly marks: readonly Mark[];
  /** 32 hexadecimal digits: hash of the body without sentAt, receivedAt, `_metadata` and corrected times (S16). */
  readonly bodyHash: string;
};
