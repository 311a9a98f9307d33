import type { TokenScope } from '@filrouge/ports';
import type { ProblemCode } from '@filrouge/wire';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Bearer } from '../access/api-tokens.ts';
import type { ApiService } from './api-service.ts';

/** What a handler is given once the token, its scope and the input were checked. */
export type ApiCall<Params, Query, Body> = {
  readonly service: ApiService;
  /** Who asks; a route that asks for no scope has nobody. */
  readonly bearer: Bearer;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly request: FastifyRequest;
  /** Writes into the access log what was looked at; the outcome is added when the answer is known (S10: audited). */
  readonly audit: (looked: AuditedLook) => void;
};

/** `subject` is a node, an id of ours, or the address of an account; never a customer's value. */
export type AuditedLook = {
  readonly action: string;
  readonly brand?: string;
  readonly purpose?: string;
  readonly subject?: string;
  /** No value of anybody's. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
};

/** Another form of an answer, chosen by Accept. */
export type Rendered = { readonly contentType: string; readonly text: string };

/** An answer that is too long to be held: texts of whole lines, sent one after the other. */
export class Lines {
  readonly pieces: AsyncIterable<string>;

  constructor(pieces: AsyncIterable<string>) {
    this.pieces = pieces;
  }
}

/** An answer as its handler may give it: nothing of it is changed any more. */
export type Shown<T> = T extends readonly (infer Item)[]
  ? readonly Shown<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Shown<T[Key]> }
    : T;

/** One route as data: the server registers it, the OpenAPI document describes it, both from the same schemas. */
export type ApiRoute<Params = unknown, Query = unknown, Body = unknown, Answer = unknown> = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** In OpenAPI's form. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  /** The scope its token needs; `nobody` where it needs no token. */
  readonly scope: TokenScope | 'nobody';
  readonly params?: z.ZodType<Params>;
  readonly query?: z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
  /** A body may be left out. */
  readonly bodyOptional?: true;
  /** Its handler changes nothing anywhere: it may begin while its token is looked up, and what it found be dropped. */
  readonly onlyReads?: true;
  readonly status: 200 | 201 | 202;
  readonly answer: z.ZodType<Answer>;
  /** Its answer is `Lines` of this content type, each of the shape of `answer`. */
  readonly linesAs?: string;
  /** Content types that `render` can give beside JSON. */
  readonly alsoAs?: readonly string[];
  readonly render?: (answer: Shown<Answer>, accept: string) => Rendered | undefined;
  /** Codes beside those of token, scope and input. */
  readonly problems: readonly ProblemCode[];
  readonly handle: (call: ApiCall<Params, Query, Body>) => Promise<Shown<Answer> | Lines>;
};

/** Lets the schemas of a route type its handler, and forgets the types for the list it goes into. */
export function apiRoute<Params, Query, Body, Answer>(route: ApiRoute<Params, Query, Body, Answer>): ApiRoute {
  return route as unknown as ApiRoute;
}
