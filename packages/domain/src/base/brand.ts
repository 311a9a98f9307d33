declare const brand: unique symbol;

/** A nominal type: only the parser of `Name` can produce one, so a raw string never passes for an id. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
