import { aNode, decide, type StoresUnderTest } from '@filrouge/ports/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../database.ts';
import { openPostgresStores } from '../testing/index.ts';

let stores: StoresUnderTest & { readonly database: Database };

beforeAll(async () => {
  stores = await openPostgresStores();
  await decide(stores, [aNode(), aNode('email')]);
});
afterAll(() => stores.close());

const TABLES = ['consent_record', 'consent_fact', 'consent_fact_node'] as const;

test.each(
  TABLES.flatMap((table) => [
    `update ${table} set ${table === 'consent_fact_node' ? 'own = not own' : "brand = 'other'"}`,
    `delete from ${table}`,
    `truncate ${table} cascade`,
  ]),
)('S5: the ledger is append-only, also for its owner: %s', async (statement) => {
  const count = (): Promise<readonly object[]> =>
    stores.database.query(
      `select ${TABLES.map((table) => `(select count(*)::int4 from ${table}) as ${table}`).join()}`,
    );
  const before = await count();
  // P0001 is what the trigger raises; its sentence stays in the server.
  await expect(stores.database.execute(statement)).rejects.toMatchObject({ code: 'P0001' });
  expect(await count()).toEqual(before);
  expect(before).toEqual([{ consent_record: 1, consent_fact: 1, consent_fact_node: 2 }]);
});
