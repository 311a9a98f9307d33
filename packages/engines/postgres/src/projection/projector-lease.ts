import type { ProjectorLease } from '@filrouge/ports';
import type { Database } from '../database.ts';
import type { Sql } from '../sql-session.ts';

/** Any number that no other lock of the product uses. */
const PROJECTOR_LEASE = 4_400_003;

/** Of a machine that vanished without a word the server hears after some 25 s, not after two hours. */
const NOTICE_DEAD_PEERS = `set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3`;

/**
 * The lease as an advisory lock of one connection, which is kept for it: it ends with the connection, so with the
 * process too. Undefined while another connection has it.
 */
export async function takeProjectorLease(database: Database): Promise<ProjectorLease | undefined> {
  const over = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<Sql | undefined>();
  const session = database.withSession(async (sql) => {
    const [row] = await sql.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [PROJECTOR_LEASE]);
    if (row?.taken !== true) {
      taken.resolve(undefined);
      return;
    }
    await sql.execute(NOTICE_DEAD_PEERS);
    taken.resolve(sql);
    await over.promise;
    await sql.execute('select pg_advisory_unlock($1)', [PROJECTOR_LEASE]);
  });
  session.catch(taken.reject);
  const sql = await taken.promise;
  if (sql === undefined) return undefined;
  const release = async (): Promise<void> => {
    over.resolve();
    // A connection that broke has given the lock back already.
    await session.catch(() => undefined);
  };
  return {
    release,
    async isHeld() {
      try {
        await sql.execute('select 1');
        return true;
      } catch {
        await release();
        return false;
      }
    },
  };
}
