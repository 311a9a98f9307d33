import { EngineError, type EngineFailure } from '@filrouge/ports';
import { expect, test } from 'vitest';
import { toEngineError } from './to-engine-error.ts';

const fromServer = (code: string, message = 'secret value', more: object = {}): Error =>
  Object.assign(new Error(message), { severity: 'ERROR', code, detail: 'Key (email)=(secret value)', ...more });

const states: readonly (readonly [string, EngineFailure])[] = [
  ['23505', 'conflict'],
  ['23503', 'conflict'],
  ['23P01', 'conflict'],
  ['23502', 'other'],
  ['40001', 'serialization'],
  ['40P01', 'serialization'],
  ['53100', 'disk-full'],
  ['53300', 'unavailable'],
  ['55P03', 'timeout'],
  ['57014', 'timeout'],
  ['57P01', 'unavailable'],
  ['57P03', 'unavailable'],
  ['08006', 'unavailable'],
  ['22P02', 'other'],
];

test.each(states)('SQL state %s is %s, and its error repeats no value', (code, failure) => {
  const error = toEngineError(fromServer(code));
  expect(error).toMatchObject({ failure, code: code });
  expect(JSON.stringify([error, error.message, error.stack])).not.toContain('secret');
  expect(error.cause).toBeUndefined();
});

test('a mistake in our own SQL is told in the words of the server', () => {
  const error = toEngineError(fromServer('42P01', 'relation "jurnal" does not exist'));
  expect(error.message).toBe('PostgreSQL answered 42P01 (other): relation "jurnal" does not exist');
});

test('the constraint that refused is named', () => {
  const error = toEngineError(fromServer('23505', 'x', { constraint: 'journal_pkey' }));
  expect(error.constraint).toBe('journal_pkey');
  expect(error.message).toBe('PostgreSQL answered 23505 (conflict) on journal_pkey');
});

test('a full disk is one whether the table or the log could not grow', () => {
  const error = toEngineError(
    fromServer('58030', 'could not write to file "pg_wal/xlogtemp.1": No space left on device'),
  );
  expect(error.failure).toBe('disk-full');
});

test.each([
  Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
  Object.assign(new Error('connect ENOENT /run/x'), { code: 'ENOENT' }),
  new Error('Connection terminated unexpectedly'),
  new Error('timeout exceeded when trying to connect'),
])('a lost connection is unavailable: $message', (error) => {
  expect(toEngineError(error).failure).toBe('unavailable');
});

test('an engine error passes unchanged, and anything else becomes one', () => {
  const error = new EngineError('conflict', 'x');
  expect(toEngineError(error)).toBe(error);
  expect(toEngineError('text').failure).toBe('other');
});
