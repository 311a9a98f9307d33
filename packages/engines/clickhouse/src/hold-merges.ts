import { type ClickHouseConnection, openClient } from './clickhouse-connection.ts';
import { toEngineError } from './to-engine-error.ts';

/**
 * Ends the merges under way and begins no other, until it is told otherwise or starts again. On a full disk a merge was
 * seen to leave an empty part behind in place of those it merged, which are then removed. Throws `EngineError`.
 */
export async function holdMerges(connection: ClickHouseConnection, held: boolean): Promise<void> {
  const client = openClient(connection);
  try {
    await client.command({ query: held ? 'SYSTEM STOP MERGES' : 'SYSTEM START MERGES' });
  } catch (fault) {
    throw toEngineError(fault);
  } finally {
    await client.close();
  }
}
