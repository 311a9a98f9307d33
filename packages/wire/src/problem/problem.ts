import { PROBLEMS, type ProblemCode } from './catalogue.ts';
import type { Refusal } from './refusal.ts';

/** Body of an `application/problem+json` answer (RFC 9457), with the members that the outside contract names. */
export type ProblemDocument = {
  /** `urn:filrouge:problem:<code>`: a name, not an address to fetch. */
  readonly type: string;
  readonly title: string;
  readonly status?: number;
  readonly code: ProblemCode;
  /** What is wrong and how to mend it, in one text: clients of other products show nothing but this member. */
  readonly message: string;
  readonly detail: string;
  readonly pointer: string;
};

export type ProblemLanguage = 'en' | 'fr';

/** First of our languages that an Accept-Language header names; English where it names none of them. */
export function problemLanguage(acceptLanguage: string | undefined): ProblemLanguage {
  for (const range of (acceptLanguage ?? '').toLowerCase().split(',')) {
    const tag = range.trim().slice(0, 2);
    if (tag === 'fr' || tag === 'en') return tag;
  }
  return 'en';
}

/** Builds the answer's body; `status` is the server's to choose and is left out where there is none (files). */
export function problemOf(
  refusal: Pick<Refusal, 'code' | 'pointer' | 'detail'>,
  language: ProblemLanguage = 'en',
  status?: number,
): ProblemDocument {
  const text = PROBLEMS[refusal.code][language];
  return {
    type: `urn:filrouge:problem:${refusal.code}`,
    title: text.message,
    ...(status === undefined ? {} : { status }),
    code: refusal.code,
    message: `${text.message} ${text.mend}`,
    detail: refusal.detail ?? text.mend,
    pointer: refusal.pointer,
  };
}
