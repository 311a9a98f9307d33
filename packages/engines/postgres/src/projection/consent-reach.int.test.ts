import { createHash } from 'node:crypto';
import type { NodeId } from '@filrouge/domain/identity';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../database.ts';
import { migrate } from '../migrate.ts';
import { openTestPostgres, type TestPostgres } from '../testing/index.ts';
import { createPostgresProjectionStore } from './postgres-projection-store.ts';

const PERSONS = 20_000;

let postgres: TestPostgres;
/** One connection, because each tells the server's statistics in its own time. */
let database: Database;
beforeAll(async () => {
  postgres = await openTestPostgres();
  await migrate(postgres.database);
  database = await postgres.open({ connectionsMax: 1 });
});
afterAll(() => postgres.close());

const id = (name: string): NodeId => createHash('md5').update(name).digest('hex') as NodeId;

/** Persons of two identifiers, each stated beside another person, with a terminal for each. */
async function fill(): Promise<void> {
  for (const [name, namespace, component] of [
    ['p', 'user_id', `md5('p' || (i - i % 2))::uuid`],
    ['d', 'anonymous_id', 'null::uuid'],
  ]) {
    await database.execute(
      `insert into node (node, brand, namespace, thread, component, first_position, key_id, sealed)
       select md5('${name}' || i)::uuid, 'atelier', '${namespace}', i, ${component}, i, 1, '' from generate_series(0, ${PERSONS}) i`,
    );
  }
  await database.execute(
    `insert into link (brand, a, b, worth, forward, evidence, source_kind, source, t, message)
     select 'atelier', least(x, y), greatest(x, y), 'stated', true, 'identify', 'web', 'web', now(), x
     from (select md5('p' || i)::uuid as x, md5('p' || (i + 10))::uuid as y from generate_series(0, ${PERSONS} - 10) i) as pair`,
  );
  await database.execute(
    `insert into encounter (brand, device, person, first_t, last_t, kiosk)
     select 'atelier', md5('d' || i)::uuid, md5('p' || i)::uuid, now(), now(), false from generate_series(0, ${PERSONS}) i`,
  );
}

/** Rows that were read by going through a table from end to end, since the server counts. */
async function scanned(): Promise<readonly object[]> {
  await database.query('select pg_stat_force_next_flush()');
  return database.query(
    `select relname, seq_scan from pg_stat_user_tables where relname in ('consent_fact_node', 'node', 'link', 'encounter') order by relname`,
  );
}

test('the dependents of many nodes are found by index, also in tables that nobody has analysed yet', async () => {
  const projection = createPostgresProjectionStore(database);
  await fill();
  const asked = Array.from({ length: 1_000 }, (_, at) => id(`${at % 2 === 0 ? 'p' : 'd'}${at * 18 + 100}`));
  const dependents = async (nodes: readonly NodeId[]) => {
    const found = await projection.project((transaction) => transaction.dependents(nodes));
    return new Set(found.map(({ id: node }) => node));
  };
  const before = await scanned();
  // Often enough for the server to keep a plan that suits any number of nodes.
  for (let times = 0; times < 8; times += 1) {
    await dependents(asked.slice(0, times === 0 ? 1 : 1_000));
    await projection.project((transaction) => transaction.decided(asked.slice(0, times === 0 ? 1 : 1_000)));
  }
  await database.execute('analyze node, link, encounter');
  const reached = await dependents(asked);
  expect(await scanned()).toEqual(before);
  const [person, device] = [100, 118 + 18];
  for (const name of [
    `p${person}`,
    `p${person + 1}`,
    `p${person + 10}`,
    `p${person - 9}`,
    `d${person}`,
    `d${device}`,
  ]) {
    expect(reached.has(id(name)), name).toBe(true);
  }
  expect(reached.has(id(`p${person + 2}`))).toBe(false);
});
