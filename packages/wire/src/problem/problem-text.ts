/** What went wrong (message) and how to mend it, for the person who reads it. */
export type ProblemText = { readonly message: string; readonly mend: string };

/** Who can mend it, from which `server` takes the status of the answer; nothing here knows HTTP. */
export type ProblemKind =
  | 'malformed'
  | 'too-large'
  | 'head-too-large'
  | 'too-slow'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'gone'
  | 'wrong-method'
  | 'conflict'
  | 'too-many'
  | 'unavailable'
  | 'internal';

export type Problem = { readonly kind: ProblemKind; readonly en: ProblemText; readonly fr: ProblemText };

/** One entry of the catalogue: message and mend, in English and French. */
export function problem(
  kind: ProblemKind,
  en: readonly [message: string, mend: string],
  fr: readonly [message: string, mend: string],
): Problem {
  return { kind, en: { message: en[0], mend: en[1] }, fr: { message: fr[0], mend: fr[1] } };
}
