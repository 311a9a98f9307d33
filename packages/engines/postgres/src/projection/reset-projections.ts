import type { Snapshot } from '@filrouge/ports';
import type { Database } from '../database.ts';
import type { Sql } from '../sql-session.ts';

/** Every table that is built from the journal, and in a snapshot therefore. What the door forgot is told in no snapshot. */
export const PROJECTIONS = [
  'node',
  'link',
  'device_link',
  'sighting',
  'encounter',
  'logout',
  'thread_span',
  'trait_history',
  'purchase',
] as const;
export type Projection = (typeof PROJECTIONS)[number];

/** Any number that no other lock of the product uses. */
const PROJECTOR_LOCK = 4_400_002;

/** Until the transaction ends nobody else changes projections. */
export async function lockProjections(sql: Sql): Promise<void> {
  await sql.execute('select pg_advisory_xact_lock($1)', [PROJECTOR_LOCK]);
}

/** The name of a snapshot's copy of a projection. */
export function copyOf(snapshot: number, projection: Projection): string {
  return `snapshot_${Math.trunc(snapshot)}_${projection}`;
}

/** Separations are staff's word and stay; counters of what was kept once stay counted. */
export async function resetProjections(database: Database, from: Snapshot | undefined): Promise<void> {
  await database.withTransaction(async (sql) => {
    await sql.execute('set local statement_timeout = 0');
    await lockProjections(sql);
    // The door first: it holds the head while it reads the tables, and would wait for them while this waits for the head.
    await sql.execute('update head set identity_version = identity_version + 1');
    await sql.execute(`truncate identity_change, ${PROJECTIONS.join(', ')}`);
    await sql.execute(
      `update projector set generation = gen_random_uuid(), position = 0, items = 0, planned = null, ledger_position = 0,
         separation_position = 0, version = version + 1, committed = version + 1, born = false`,
    );
    if (from === undefined) return;
    for (const name of PROJECTIONS) await sql.execute(`insert into ${name} select * from ${copyOf(from.id, name)}`);
    await sql.execute(
      `update projector set position = snapshot.position, items = snapshot.items,
         separation_position = snapshot.separation_position from snapshot where id = $1`,
      [from.id],
    );
  });
}
