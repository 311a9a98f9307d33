import { type ParsedItem, type ProblemCode, parseText, pointerOf } from '@filrouge/wire';
import type { z } from 'zod';
import { ProblemAnswer } from '../http/problem-answer.ts';

/** Longest body of the management API. Unit: bytes. */
const BODY_BYTES_MAX = 64 * 1024;

/** A value after its schema. Throws a `ProblemAnswer` that points to the first fault and never repeats the value. */
export function readInput<T>(schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw issue === undefined ? new ProblemAnswer('field-wrong-type') : answerOf(issue, value);
}

/** The JSON object of a body, under the same limits as an item: UTF-8, depth, repeated keys. */
export function readJsonBody(body: unknown): ParsedItem['json'] | undefined {
  if (!Buffer.isBuffer(body) || body.length === 0) return undefined;
  if (body.length > BODY_BYTES_MAX) throw new ProblemAnswer('body-too-large');
  const text = body.toString('utf8');
  if (text.includes('\uFFFD') && !Buffer.from(text, 'utf8').equals(body)) throw new ProblemAnswer('body-not-utf8');
  const parsed = parseText(text, {
    bodyBytesMax: BODY_BYTES_MAX,
    itemBytesMax: BODY_BYTES_MAX,
    itemsMax: 1,
    depthMax: 34,
    keysMax: 1_100,
  });
  if (parsed.ok) return parsed.value.json;
  const { pointer, detail } = parsed.refusal;
  const code = parsed.refusal.code === 'item-not-an-object' ? 'body-not-an-object' : parsed.refusal.code;
  throw new ProblemAnswer(code, { pointer, ...(detail === undefined ? {} : { detail }) });
}

function answerOf(issue: z.core.$ZodIssue, value: unknown): ProblemAnswer {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  const pointer = pointerOf(path);
  if (issue.code === 'unrecognized_keys') {
    return new ProblemAnswer('parameter-unknown', { pointer: pointerOf([...path, issue.keys[0] ?? '']) });
  }
  if (valueAt(value, issue.path) === undefined) {
    return new ProblemAnswer(pointer === '/purpose' ? 'purpose-missing' : 'field-missing', { pointer });
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
    default:
      return ['value-not-allowed', issue.code === 'invalid_format' ? issue.format : undefined];
  }
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Readonly<Record<PropertyKey, unknown>>)[step];
  }
  return found;
}
