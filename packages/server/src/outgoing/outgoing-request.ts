import { MINUTE_MS, SECOND_MS } from '@filrouge/domain/base';

export type OutgoingRequest = {
  readonly url: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
};

/** Any status but a redirect's; names of headers in lower case; the body unpacked. */
export type OutgoingAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
};

/** Milliseconds from the begin of a request to its connection, to the headers, to the whole answer; the answer's bytes. */
export type OutgoingLimits = {
  readonly connectionMs: number;
  readonly headersMs: number;
  readonly answerMs: number;
  readonly answerBytes: number;
};

export const OUTGOING_LIMITS: OutgoingLimits = {
  connectionMs: 5 * SECOND_MS,
  headersMs: 30 * SECOND_MS,
  answerMs: MINUTE_MS,
  answerBytes: 1024 * 1024,
};

/** All addresses of a name; rejects where it has none. */
export type Resolve = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;
