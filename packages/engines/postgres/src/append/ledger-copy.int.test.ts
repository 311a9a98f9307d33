import { aNode, decide, describeLedgerCopy, type StoresUnderTest } from '@filrouge/ports/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../database.ts';
import { openPostgresStores } from '../testing/index.ts';
import { createLedgerCopyStore } from './ledger-copy.ts';

describeLedgerCopy('second place of the ledger, on PostgreSQL', openPostgresStores);

type Opened = StoresUnderTest & { readonly database: Database };
let original: Opened;
let older: Opened;

beforeAll(async () => {
  [original, older] = [await openPostgresStores(), await openPostgresStores()];
  for (let n = 0; n < 3; n += 1) await decide(original, [aNode(), aNode('email')]);
});
afterAll(async () => {
  await original.close();
  await older.close();
});

/** The ledger, every column of every row. */
async function ledgerOf({ database }: Opened): Promise<readonly object[]> {
  return database.query(
    `select 'fact' as what, to_jsonb(f)::text as row from consent_fact f
     union all select 'record', to_jsonb(r)::text from consent_record r
     union all select 'node', to_jsonb(n)::text from consent_fact_node n
     union all select 'key', to_jsonb(k)::text from data_key k
     union all select 'head', ledger_position::text from head order by 1, 2`,
  );
}

test('G19: a ledger is the same to the byte after a copy of it was appended, however it was cut, once or twice', async () => {
  const [from, to] = [createLedgerCopyStore(original.database), createLedgerCopyStore(older.database)];
  const head = await from.head();
  const lines = [];
  for (let at = 0; at < head; at = lines.at(-1)?.last ?? head) lines.push(...(await from.linesAfter(at, 2)));
  expect(await to.append(lines.slice(0, 1), [])).toBe(lines[0]?.last);
  expect(await to.append(lines, [])).toBe(head - (lines[0]?.last ?? 0));
  expect(await to.append(lines, [])).toBe(0);
  expect(await ledgerOf(older)).toEqual(await ledgerOf(original));
  expect(await to.recordAt(head)).toBe(await from.recordAt(head));
});
