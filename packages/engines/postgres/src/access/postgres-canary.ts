import type { Instant } from '@filrouge/domain/base';
import { EngineError } from '@filrouge/ports';
import type { Database } from '../database.ts';
import { timestamptz } from '../sql-types.ts';

/** Writes one row and reads it back, through the same pool as everything else. Throws `EngineError`. */
export async function postgresCanary(database: Database, at: Instant): Promise<void> {
  await database.execute(
    'insert into canary (at) values ($1) on conflict (one) do update set at = greatest(canary.at, excluded.at)',
    [timestamptz(at)],
  );
  const [row] = await database.query<{ at: Instant }>('select at from canary');
  if (row === undefined || row.at < at) throw new EngineError('other', 'what was written cannot be read back');
}
