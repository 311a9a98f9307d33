import { expect, test } from 'vitest';
import { z } from 'zod';
import { ProblemAnswer } from '../http/problem-answer.ts';
import { readInput, readJsonBody } from './read-input.ts';

const schema = z.strictObject({
  purpose: z.string().min(1),
  count: z.coerce.number().int().min(1).max(3).default(2),
  kind: z.enum(['a', 'b']).optional(),
  list: z.array(z.strictObject({ name: z.string().max(3) })).optional(),
  even: z
    .number()
    .refine((n) => n % 2 === 0, { message: 'an even number' })
    .optional(),
});

function problem(read: () => unknown): Pick<ProblemAnswer, 'code' | 'pointer' | 'detail'> {
  try {
    read();
  } catch (fault) {
    if (fault instanceof ProblemAnswer) return { code: fault.code, pointer: fault.pointer, detail: fault.detail };
    throw fault;
  }
  throw new Error('nothing was refused');
}

test.each([
  [{}, 'purpose-missing', '/purpose', undefined],
  [{ purpose: 1 }, 'field-wrong-type', '/purpose', 'string'],
  [{ purpose: 'x', kind: 'secret@example.com' }, 'value-not-allowed', '/kind', 'a, b'],
  [{ purpose: 'x', count: '0' }, 'value-not-allowed', '/count', 'at least 1'],
  [{ purpose: 'x', count: '9' }, 'value-not-allowed', '/count', 'at most 3'],
  [{ purpose: 'x', 'a/b': 1 }, 'parameter-unknown', '/a~1b', undefined],
  [{ purpose: 'x', list: [{ name: 'abc' }, {}] }, 'field-missing', '/list/1/name', undefined],
  [{ purpose: 'x', list: [{ name: 'abc', more: 1 }] }, 'parameter-unknown', '/list/0/more', undefined],
  [{ purpose: 'x', even: 3 }, 'value-not-allowed', '/even', 'an even number'],
  [{ purpose: 'a\0b' }, 'value-not-allowed', '/purpose', 'no NUL, no half character'],
  [
    { purpose: 'x', list: [{ name: 'a' }, { name: '\ud800' }] },
    'value-not-allowed',
    '/list/1/name',
    'no NUL, no half character',
  ],
])('%j is refused as %s at %s', (value, code, pointer, detail) => {
  expect(problem(() => readInput(schema, value))).toEqual({ code, pointer, detail });
});

test('what is missing in an address is asked for as a parameter', () => {
  expect(problem(() => readInput(z.strictObject({ brand: z.string() }), {}, 'query'))).toEqual({
    code: 'field-missing',
    pointer: '/brand',
    detail: 'Add ?brand= to the address.',
  });
});

test('what is right is read, with its defaults', () => {
  expect(readInput(schema, { purpose: 'x' })).toEqual({ purpose: 'x', count: 2 });
});

test('a body is an object, or nothing', () => {
  expect(readJsonBody(undefined)).toBeUndefined();
  expect(readJsonBody(Buffer.alloc(0))).toBeUndefined();
  expect(readJsonBody(Buffer.from('{"password":"kept"}'))).toEqual({ password: 'kept' });
  expect(problem(() => readJsonBody(Buffer.from('[]')))).toMatchObject({ code: 'body-not-an-object' });
  expect(problem(() => readJsonBody(Buffer.from('{"a":1,"a":1}')))).toMatchObject({
    code: 'duplicate-key',
    pointer: '/a',
  });
});
