import { expect, test } from 'vitest';
import { parseClickHouseUrl } from './clickhouse-connection.ts';
import { statementsOf } from './migrate.ts';

test('statements end with a semicolon at the end of a line; comment lines are left out', () => {
  const text = "-- one; two;\nCREATE TABLE a (x String DEFAULT 'a;b');\n  -- three\nSELECT 1\nFROM a;  \n";
  expect(statementsOf(text)).toEqual(["CREATE TABLE a (x String DEFAULT 'a;b')", 'SELECT 1\nFROM a']);
});

test('FILROUGE_CLICKHOUSE_URL: parts and defaults', () => {
  expect(parseClickHouseUrl('https://ann:p%40ss@ch.example:8443/shop')).toEqual({
    url: 'https://ch.example:8443',
    username: 'ann',
    password: 'p@ss',
    database: 'shop',
  });
  expect(parseClickHouseUrl('http://ch.example:8123')).toEqual({
    url: 'http://ch.example:8123',
    username: 'default',
    password: '',
    database: 'filrouge',
  });
});

test.each(['ch.example', 'tcp://ch.example:9000', 'http://ch.example/a/b', 'http://ch.example/a;b'])(
  'FILROUGE_CLICKHOUSE_URL %s is refused',
  (text) => {
    expect(() => parseClickHouseUrl(text)).toThrow(/FILROUGE_CLICKHOUSE_URL/);
  },
);
