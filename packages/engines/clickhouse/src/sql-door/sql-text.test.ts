import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAllowedFunction, nearestFunction } from './allowed-functions.ts';
import { isAllowedType } from './allowed-types.ts';
import { namedTables, placeOf, readSqlText, withoutValues } from './sql-text.ts';
import { readResolved, readSyntaxTree } from './syntax-tree.ts';

describe('a query as text', () => {
  test('S10: what is kept of it has no value of anybody’s: literals are ?, comments are gone', () => {
    const text = `SELECT "my name", f('ada@example.com', 12.5e3, 0xFF) -- ada
      FROM events /* ada's */ WHERE x = 'it''s \\' {y:String}' AND z = {mail:String} LIMIT 10;`;
    expect(withoutValues(text)).toBe(
      'SELECT "my name" , f ( ? , ? , ? ) FROM events WHERE x = ? AND z = {mail:String} LIMIT ?',
    );
    expect(withoutValues("SELECT 'ada@example.com")).toBe('');
  });

  test('whatever literals and comments a query holds, none is kept of them', () => {
    const secret = 'secret-mail';
    const literal = fc.string().map((text) => `${text.replaceAll(/[\\'\p{Cc}\p{Cs}]/gu, '')}${secret}`);
    fc.assert(
      fc.property(fc.array(literal), literal, (values, comment) => {
        const list = values.map((value) => `'${value}'`).join(', ');
        const text = `SELECT [${list}] /* ${comment.replaceAll('*/', '')} */ -- ${comment}\nFROM events`;
        expect(withoutValues(text)).not.toContain(secret);
      }),
    );
  });

  test('places are those of the text, whatever was blanked before them', () => {
    const text = "SELECT /* é\nà */ 1, -- x\n  'é' AS b";
    const read = readSqlText(text);
    if (!read.ok) throw new Error('refused');
    expect(read.value.plain.length).toBe(text.length);
    const last = read.value.tokens.at(-1);
    expect(placeOf(text, last?.offset ?? 0)).toEqual({ line: 3, column: 10 });
  });

  test('the query’s own tables, in their order', () => {
    const read = readSqlText(
      'WITH 1 AS x, a AS (SELECT 1), `b c` AS (WITH d AS (SELECT 2) SELECT 1) SELECT (1) AS e, f(1)',
    );
    expect(read.ok ? namedTables(read.value.tokens).map(({ text }) => text) : []).toEqual(['a', '`b c`', 'd']);
  });
});

test.each([
  ['count', true],
  ['COUNTDistinct', true],
  ['sumArrayIfOrNull', true],
  ['sumState', false],
  ['ifState', false],
  ['If', true],
  ['quantileMerge', false],
  ['file', false],
  ['', false],
])('function %s: %s', (name, allowed) => expect(isAllowedFunction(name)).toBe(allowed));

test.each([
  ["Array(Nullable(DateTime64(3, 'UTC')))", true],
  ['Map(LowCardinality(String), Int64)', true],
  ['Identifier', false],
  ['AggregateFunction(sum, UInt64)', false],
  ["Object('json')", false],
  ['String) FROM event --', false],
  ['', false],
])('type %s: %s', (type, allowed) => expect(isAllowedType(type)).toBe(allowed));

describe('the engine’s dumps', () => {
  test('a tree is read whole or not at all', () => {
    const dump = "A (children 2)\n B x (alias y) (children 1)\n  Literal 'a (children 3)'\n C\n";
    expect(readSyntaxTree(dump)).toEqual({
      kind: 'A',
      name: '',
      children: [
        { kind: 'B', name: 'x', children: [{ kind: 'Literal', name: "'a (children 3)'", children: [] }] },
        { kind: 'C', name: '', children: [] },
      ],
    });
    for (const damaged of ['', 'A (children 1)\n', 'A\n B\n', 'A (children 1)\n  B\n', 'A\n?\n']) {
      expect(readSyntaxTree(damaged), damaged).toBeUndefined();
    }
  });

  test('what is resolved is found at every depth', () => {
    const dump = `QUERY id: 0
  JOIN TREE
    TABLE id: 1, alias: __table1, table_name: system.one
  WHERE
    FUNCTION id: 2, function_name: and, function_type: ordinary
            TABLE_FUNCTION id: 3, alias: __t, table_function_name: numbers
            TABLE id: 4, table_name: a.b, final: 1\n`;
    expect(readResolved(dump)).toEqual({
      tables: ['system.one', 'a.b'],
      tableFunctions: ['numbers'],
      functions: ['and'],
    });
  });
});

test.each([
  ['cout', 'count'],
  ['countt', 'count'],
  ['COUMT', 'count'],
  ['hostName', undefined],
  ['xx', undefined],
])('a slip of the hand is recognised: %s', (name, meant) => expect(nearestFunction(name)).toBe(meant));
