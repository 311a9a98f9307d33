import { join } from 'node:path';
import { type ClickHouseConnection, openClient, startEmbeddedClickHouse } from '@filrouge/engine-clickhouse';
import { type Database, openDatabase, startEmbeddedPostgres } from '@filrouge/engine-postgres';
import { openVault } from '@filrouge/engine-vault';
import type { Vault } from '@filrouge/ports';

/** The stores of a stopped installation, opened by hand, with its keys. */
export type OpenedStores = {
  readonly database: Database;
  readonly events: ReturnType<typeof openClient>;
  readonly vault: Vault;
  readonly close: () => Promise<void>;
};

export async function openStores(dataDir: string): Promise<OpenedStores> {
  const postgres = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres') });
  const database = await openDatabase({ server: postgres.connection, role: 'proof', connectionsMax: 2 });
  const clickhouse = await startEmbeddedClickHouse({ dataDir: join(dataDir, 'clickhouse') });
  const { url, username, password } = clickhouse;
  const connection: ClickHouseConnection = { url, username, password, database: 'filrouge' };
  const events = openClient(connection);
  const opened = await openVault({
    masterKeyFile: join(dataDir, 'master.key'),
    keyDirectory: join(dataDir, 'keys'),
  });
  return {
    database,
    events,
    vault: opened.vault,
    async close() {
      opened.close();
      await events.close();
      await clickhouse.stop();
      await database.close();
      await postgres.stop();
    },
  };
}
