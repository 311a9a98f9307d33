/** An expected refusal is a value, not an exception. */
export type Result<V, R> = { readonly ok: true; readonly value: V } | { readonly ok: false; readonly refusal: R };

export function accept<V>(value: V): Result<V, never> {
  return { ok: true, value };
}

export function refuse<R>(refusal: R): Result<never, R> {
  return { ok: false, refusal };
}
