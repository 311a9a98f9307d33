import { ClickHouseError } from '@clickhouse/client';
import { EngineError, type EngineFailure } from '@filrouge/ports';
import { expect, test } from 'vitest';
import { toEngineError } from './to-engine-error.ts';

const fromServer = (code: string, message = 'secret value'): Error =>
  new ClickHouseError({ message, code, type: 'SOME_TYPE' });

const codes: readonly (readonly [string, EngineFailure])[] = [
  ['159', 'timeout'],
  ['160', 'timeout'],
  ['202', 'unavailable'],
  ['210', 'unavailable'],
  ['241', 'memory'],
  ['243', 'disk-full'],
  ['394', 'unavailable'],
  ['27', 'other'],
];

test.each(codes)('code %s is %s', (code, failure) => {
  expect(toEngineError(fromServer(code))).toMatchObject({ failure, code });
});

test('G17 what may quote a row is not repeated; a mistake in our own SQL is told in the words of the server', () => {
  const error = toEngineError(fromServer('27'));
  expect(JSON.stringify([error, error.message, error.stack])).not.toContain('secret');
  expect(error.cause).toBeUndefined();
  expect(toEngineError(fromServer('60', 'Table jurnal does not exist')).message).toContain(
    'Table jurnal does not exist',
  );
});

test.each([
  Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
  new Error('socket hang up'),
  new Error('Timeout error.'),
])('a lost connection is unavailable: $message', (error) => {
  expect(toEngineError(error).failure).toBe('unavailable');
});

test('an engine error passes unchanged, and anything else becomes one', () => {
  const error = new EngineError('memory', 'x');
  expect(toEngineError(error)).toBe(error);
  expect(toEngineError('text').failure).toBe('other');
});
