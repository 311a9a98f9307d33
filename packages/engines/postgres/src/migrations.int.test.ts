import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureDayPartitions } from './day-partitions.ts';
import { readMigrations } from './migrate.ts';
import type { Sql } from './sql-session.ts';
import { exerciseMigrations, type MigrationExample, openTestPostgres, type TestPostgres } from './testing/index.ts';

const NODE = '0b5e55ed-0000-4000-8000-000000000001';
const OTHER = '0b5e55ed-0000-4000-8000-000000000002';
const RECORD = '0b5e55ed-0000-4000-8000-00000000000a';
const RECEIVED = '2026-11-20 12:00:00+00';

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await openTestPostgres();
});
afterAll(() => postgres.close());

/** One example per file: what a database holds before it, and what is there after it. A file without one fails. */
const EXAMPLES: Readonly<Record<string, MigrationExample>> = {
  '0001-journal-and-ledger.sql': {
    before: async (sql) => expect(await tables(sql)).toEqual([]),
    async after(sql) {
      expect(await sql.query('select journal_position, ledger_position, identity_version from head')).toEqual([
        { journal_position: 0n, ledger_position: 0n, identity_version: 0n },
      ]);
      for (const table of ['journal', 'withheld', 'seen']) {
        await ensureDayPartitions(postgres.database, table, '2026-11-20', '2026-11-21');
      }
      await sql.execute(`insert into journal values (1, '${RECEIVED}', 2, '\\x01')`);
      await sql.execute(`insert into seen values ('2026-11-20', '${NODE}', '${OTHER}')`);
      await sql.execute(`insert into flow values ('2026-11-20', 'atelier', 'web', 'accepted', '', '', 2)`);
      await sql.execute(`insert into consent_record
        values ('${RECORD}', 'atelier', '{atelier}', 'web', 'web', 'banner', '3', 'subject', '{}', '${RECEIVED}', 1,
          '\\x02')`);
      await sql.execute(`insert into consent_fact values (1, '${RECORD}', 'atelier', 'profiling', '*', 'given',
        '${RECEIVED}', '${RECEIVED}', false, false, false)`);
      await sql.execute(`insert into consent_fact_node values ('${NODE}', 1, true)`);
      await sql.execute('update head set journal_position = 1, journal_items = 2, ledger_position = 1');
    },
  },
  '0002-identity.sql': {
    before: async (sql) => expect(await tables(sql)).not.toContain('node'),
    async after(sql) {
      await sql.execute(`insert into node (node, brand, namespace, thread, component, first_position, key_id, sealed)
        values ('${NODE}', 'atelier', 'user_id', 5, '${NODE}', 1, 1, '\\x03'),
          ('${OTHER}', 'atelier', 'email', 6, '${OTHER}', 1, 1, '\\x04')`);
      await sql.execute(`insert into link values
        ('atelier', '${NODE}', '${OTHER}', 'verified', true, 'login', 'server', 'api', '${RECEIVED}', '${RECORD}')`);
      // What 0001 left is as it was: the ledger reaches the node it was recorded on.
      expect(
        await sql.query(`select node.thread, fact.status from node join consent_fact_node on true
          join consent_fact fact using (position) where node.node = consent_fact_node.node`),
      ).toEqual([{ thread: 5n, status: 'given' }]);
    },
  },
  '0003-projections.sql': {
    before: async (sql) => expect(await tables(sql)).not.toContain('projector'),
    async after(sql) {
      expect(await sql.query('select position, planned, counted, version, committed from projector')).toEqual([
        { position: 0n, planned: null, counted: 0n, version: 0n, committed: 0n },
      ]);
      // Everything that was in the journal before it is still to be projected.
      expect(
        await sql.query(`select sum(journal.items)::int4 as pending from journal, projector
          where journal.position > projector.position`),
      ).toEqual([{ pending: 2 }]);
    },
  },
  '0004-access.sql': {
    before: async (sql) => expect(await tables(sql)).not.toContain('api_token'),
    async after(sql) {
      await sql.execute(`insert into api_token (hash, id, name, scopes, created_at)
        values ('\\x05', 'tok_1', 'reports', '{reports:read,flow:read}', '${RECEIVED}')`);
      expect(await sql.query('select scopes, brand, revoked_at from api_token')).toEqual([
        { scopes: ['reports:read', 'flow:read'], brand: null, revoked_at: null },
      ]);
    },
  },
  '0005-imports.sql': {
    before: async (sql) => expect(await tables(sql)).not.toContain('import_run'),
    async after(sql) {
      // What was there before came with no import, and no fact of it is void.
      expect(await sql.query('select run from seen union select run from consent_record')).toEqual([{ run: null }]);
      expect(await sql.query('select position from consent_fact_void')).toEqual([]);
      expect(await sql.query('select taken_back from projector')).toEqual([{ taken_back: 0n }]);
      await sql.execute(`insert into import_run (import, brand, source, kind, file, content, begun_at, last_at)
        values ('imp_1', 'atelier', 'erp', 'tickets', 'june.csv', '', '${RECEIVED}', '${RECEIVED}')`);
    },
  },
  '0006-access-detail.sql': {
    before: async (sql) => {
      await sql.execute(
        `insert into access_log (at, actor, action, outcome) values ('${RECEIVED}', 'tok_1', 'flow', 'ok')`,
      );
    },
    after: async (sql) => expect(await sql.query('select detail from access_log')).toEqual([{ detail: null }]),
  },
  '0007-reference.sql': {
    before: async (sql) => expect(await tables(sql)).not.toContain('reference'),
    async after(sql) {
      await sql.execute(`insert into reference (brand, kind, id, run, told_at, source, content)
        values ('atelier', 'stores', '017', 1, '${RECEIVED}', 'erp', '{"id": "017", "name": "Lyon"}'),
          ('atelier', 'stores', '017', 2, '${RECEIVED}', 'erp', '{"id": "017", "name": "Lyon Bellecour"}')`);
      expect(await sql.query(`select run from reference order by told desc`)).toEqual([{ run: 2 }, { run: 1 }]);
    },
  },
};

async function tables(sql: Sql): Promise<readonly string[]> {
  const rows = await sql.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'filrouge_migration'
     order by tablename`,
  );
  return rows.map(({ name }) => name);
}

test('each migration runs on what the ones before it left, and keeps it', async () => {
  await exerciseMigrations(postgres.database, EXAMPLES);
  expect((await readMigrations()).map(({ file }) => file)).toEqual(Object.keys(EXAMPLES));
});
