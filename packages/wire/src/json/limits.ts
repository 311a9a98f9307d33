/** Limits taken on the bytes, before anything is parsed (reliability.md, finding 5; wire.md 4.1). */
export type JsonLimits = {
  /** Bytes of the whole body after decompression. */
  readonly bodyBytesMax: number;
  /** Bytes of one item as it stands in the body. */
  readonly itemBytesMax: number;
  /** Items of one batch that are read; the rest is refused. */
  readonly itemsMax: number;
  /** Levels of objects and arrays, the item itself being the first. */
  readonly depthMax: number;
  /** Keys in one item, at all levels together. */
  readonly keysMax: number;
};

/** Segment's own limits, so that a client which keeps them is never refused by us. */
export const COLLECT_LIMITS: JsonLimits = {
  bodyBytesMax: 500 * 1024,
  itemBytesMax: 32 * 1024,
  itemsMax: 2_500,
  depthMax: 32,
  keysMax: 1_000,
};

/** Characters (UTF-16 units) kept of one string; the rest is cut and the item marked `string-cut`. */
export const STRING_LENGTH_MAX = 8_192;

/** Characters of an identifier; a longer one is refused, because a cut one would be another person. */
export const IDENTIFIER_LENGTH_MAX = 256;
