import { COLLECT_LIMITS, type JsonLimits, type ProblemCode, parseBody, pointerOf } from '@filrouge/wire';
import type { z } from 'zod';
import { ProblemAnswer } from '../http/problem-answer.ts';

/** A mended call and what is around it. */
const BODY_LIMITS: JsonLimits = { ...COLLECT_LIMITS, bodyBytesMax: 64 * 1024, itemBytesMax: 64 * 1024, depthMax: 34 };

/** A value after its schema. Throws a `ProblemAnswer` that points to the first fault and never repeats the value. */
export function readInput<T>(schema: z.ZodType<T>, value: unknown, place: 'body' | 'query' = 'body'): T {
  const read = schema.safeParse(value);
  if (read.success) {
    const broken = brokenText(value);
    if (broken === undefined) return read.data;
    throw new ProblemAnswer('value-not-allowed', { pointer: pointerOf(broken), detail: 'no NUL, no half character' });
  }
  const issue = read.error.issues[0];
  throw issue === undefined ? new ProblemAnswer('field-wrong-type') : answerOf(issue, value, place);
}

/** The JSON object of a body, under the same limits as an item; undefined where there is none. */
export function readJsonBody(body: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!Buffer.isBuffer(body) || body.length === 0) return undefined;
  const parsed = parseBody(body, BODY_LIMITS);
  if (parsed.ok) return parsed.value;
  const { code, pointer, detail } = parsed.refusal;
  throw new ProblemAnswer(code, { pointer, ...(detail === undefined ? {} : { detail }) });
}

function answerOf(issue: z.core.$ZodIssue, value: unknown, place: 'body' | 'query'): ProblemAnswer {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  const pointer = pointerOf(path);
  if (issue.code === 'unrecognized_keys') {
    return new ProblemAnswer('parameter-unknown', { pointer: pointerOf([...path, issue.keys[0] ?? '']) });
  }
  if (valueAt(value, issue.path) === undefined) {
    if (pointer === '/purpose') return new ProblemAnswer('purpose-missing', { pointer });
    const detail = `Add ?${path.join('.')}= to the address.`;
    return new ProblemAnswer('field-missing', { pointer, ...(place === 'query' ? { detail } : {}) });
  }
  const [code, detail] = complaintOf(issue);
  return new ProblemAnswer(code, { pointer, ...(detail === undefined ? {} : { detail }) });
}

function complaintOf(issue: z.core.$ZodIssue): readonly [ProblemCode, string | undefined] {
  switch (issue.code) {
    case 'invalid_type':
      return ['field-wrong-type', issue.expected];
    case 'invalid_value':
      return ['value-not-allowed', issue.values.map(String).join(', ')];
    case 'too_small':
      return ['value-not-allowed', `at least ${issue.minimum}`];
    case 'too_big':
      return ['value-not-allowed', `at most ${issue.maximum}`];
    case 'custom':
      return ['value-not-allowed', issue.message];
    case 'invalid_format':
      return ['value-not-allowed', issue.format === 'guid' ? 'an id, as the list shows it' : issue.message];
    case 'not_multiple_of':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'unrecognized_keys':
      return ['value-not-allowed', undefined];
  }
}

/** Where the first text stands that no engine can keep as it is: whoever asked with it would be answered about another. */
function brokenText(value: unknown): readonly (string | number)[] | undefined {
  if (typeof value === 'string') return isBroken(value) ? [] : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [step, inner] of entries as Iterable<readonly [string | number, unknown]>) {
    if (typeof step === 'string' && isBroken(step)) return [];
    const below = brokenText(inner);
    if (below !== undefined) return [step, ...below];
  }
  return undefined;
}

function isBroken(text: string): boolean {
  return text.includes('\0') || !text.isWellFormed();
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Readonly<Record<PropertyKey, unknown>>)[step];
  }
  return found;
}
