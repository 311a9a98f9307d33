import type { FastifyRequest } from 'fastify';
import { ProblemAnswer } from './problem-answer.ts';

/**
 * A parameter of the address; undefined where it is absent or empty. One that stands there twice is refused, like a key
 * of a body: two readers would believe two values.
 */
export function queryText({ query }: Pick<FastifyRequest, 'query'>, name: string): string | undefined {
  const given = query as Readonly<Record<string, unknown>>;
  const value = Object.hasOwn(given, name) ? given[name] : undefined;
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw new ProblemAnswer('duplicate-key', { pointer: `/${name}` });
  return value;
}
