import { describe, expect, test } from 'vitest';
import { asFault, fault, httpStatusOf } from './clickhouse-fault.ts';
import { boundedSetting, settingKind } from './engine-settings.ts';
import { onlyReads, parseRawInsert, placeholderNames, quoted } from './statement.ts';

describe('statements', () => {
  test.each([
    ['INSERT INTO t FORMAT JSONEachRow', { table: 't', columns: undefined, format: 'JSONEachRow' }],
    [
      'insert into `db`.`t` (`a`, b) format jsoncompacteachrow;',
      { table: 'db.t', columns: ['a', 'b'], format: 'JSONCompactEachRow' },
    ],
    ['INSERT INTO t VALUES (1)', undefined],
    ['INSERT INTO t (a) SELECT 1 FORMAT JSONEachRow', undefined],
    ['INSERT INTO t FORMAT Parquet', undefined],
    ['SELECT 1 FORMAT JSONEachRow', undefined],
  ])('%s', (sql, expected) => {
    expect(parseRawInsert(sql)).toEqual(expected);
  });

  test('what only reads may be cancelled; what writes may not', () => {
    for (const sql of [
      'SELECT 1',
      ' -- x\n/* y */ with a as (select 1) select * from a',
      '(SELECT 1)',
      'EXPLAIN SELECT 1',
    ]) {
      expect(onlyReads(sql), sql).toBe(true);
    }
    for (const sql of [
      'INSERT INTO t SELECT 1',
      'ALTER TABLE t DELETE WHERE 1',
      '/* SELECT */ DROP TABLE t',
      'SELECTED',
    ]) {
      expect(onlyReads(sql), sql).toBe(false);
    }
  });

  test('placeholders and literals', () => {
    expect(placeholderNames('SELECT {a:UInt8}, { b_1 : Array(String)}, map')).toEqual(['a', 'b_1']);
    expect(quoted("it's \\ n")).toBe("'it\\'s \\\\ n'");
  });
});

describe('settings', () => {
  test('limits can be lowered, not raised or lifted', () => {
    expect(boundedSetting('max_execution_time', '5')).toBe('5');
    expect(boundedSetting('max_execution_time', '0')).toBe('300');
    expect(boundedSetting('max_memory_usage', '999999999999')).toBe('600000000');
    expect(boundedSetting('max_threads', '64')).toBe('64');
  });

  test('only known settings pass', () => {
    expect(settingKind('insert_deduplication_token')).toBe('engine');
    expect(settingKind('wait_end_of_query')).toBe('http');
    expect(settingKind('allow_ddl')).toBe('unknown');
  });
});

describe('faults', () => {
  test('the code of the engine is kept, anything else is a logical error', () => {
    expect(asFault(new Error('while: Code: 60. DB::Exception: Unknown table x. (UNKNOWN_TABLE)'))).toMatchObject({
      code: 60,
      message: 'Code: 60. DB::Exception: Unknown table x. (UNKNOWN_TABLE)',
    });
    expect(asFault('odd').code).toBe(49);
    const known = fault(62, 'SYNTAX_ERROR', 'no');
    expect(asFault(known)).toBe(known);
  });

  test.each([
    [516, 403],
    [60, 404],
    [62, 400],
    [159, 408],
    [202, 503],
    [241, 500],
  ])('code %d is HTTP %d', (code, status) => {
    expect(httpStatusOf(code)).toBe(status);
  });
});
