import { type Instant, instant } from '@filrouge/domain/base';
import type { AccessEntry, WithheldHeader } from '@filrouge/ports';
import { NOON, type StoresUnderTest } from '@filrouge/ports/testing';
import { createPostgresAccessStore } from '../access/postgres-access-store.ts';
import { createLedgerCopyStore } from '../append/ledger-copy.ts';
import { uuidOf } from '../append/node-uuid.ts';
import { createPostgresAppendStore } from '../append/postgres-append-store.ts';
import type { Database } from '../database.ts';
import { migrate } from '../migrate.ts';
import { createPostgresProjectionStore } from '../projection/postgres-projection-store.ts';
import { createPostgresReadingStore } from '../reading/postgres-reading-store.ts';
import { createPostgresReferenceStore } from '../reference/postgres-reference-store.ts';
import { timestamptz } from '../sql-types.ts';
import { openTestPostgres } from './test-postgres.ts';

/** The stores over one fresh, migrated database of the shared test server. */
export async function openPostgresStores(): Promise<StoresUnderTest & { readonly database: Database }> {
  const postgres = await openTestPostgres();
  const { database } = postgres;
  await migrate(database);
  // As the server opens it.
  const appending = await postgres.open({ pipelined: true });
  let now: Instant = NOON;
  return {
    database,
    append: createPostgresAppendStore(appending, () => now),
    projection: createPostgresProjectionStore(database),
    reading: createPostgresReadingStore(database),
    reference: createPostgresReferenceStore(database),
    ledger: createLedgerCopyStore(database),
    access: createPostgresAccessStore(database),
    setNow(at) {
      now = at;
    },
    async entomb(brand, node, erasedAt) {
      const values = [brand, uuidOf(node), timestamptz(erasedAt)];
      await database.execute(
        `insert into tombstone (brand, node, erased_at) values ($1, $2, $3)
         on conflict (node) do update set erased_at = excluded.erased_at, lifted_at = null`,
        values,
      );
    },
    withheld: () => withheldHeaders(database),
    logged: () => accessEntries(database),
    close: () => postgres.close(),
  };
}

async function withheldHeaders(database: Database): Promise<readonly WithheldHeader[]> {
  const rows = await database.query<{ header: readonly string[] }>(
    'select header from withheld, jsonb_array_elements(headers) with ordinality as each(header, at) order by received_at, at',
  );
  return rows.map(({ header: [brand, source, name, reason, message] }) => {
    return { brand, source, name, reason, message } as WithheldHeader;
  });
}

type LogRow = Readonly<Record<'actor' | 'action' | 'outcome', string>> &
  Readonly<Record<'brand' | 'purpose' | 'subject', string | null>> & { readonly detail: object | null } & {
    readonly at: number;
  };

async function accessEntries(database: Database): Promise<readonly AccessEntry[]> {
  const rows = await database.query<LogRow>(
    'select at, actor, action, brand, purpose, subject, outcome, detail from access_log order by id',
  );
  return rows.map(({ at, ...row }) => {
    const said = Object.entries(row).filter(([, value]) => value !== null);
    return { at: instant(at), ...Object.fromEntries(said) } as AccessEntry;
  });
}
