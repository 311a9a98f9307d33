import type { Instant } from '@filrouge/domain/base';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import type { KeyId, QuarantineItem, ReadingStore } from '@filrouge/ports';
import { isUuid } from '../append/node-uuid.ts';
import type { Database } from '../database.ts';
import { timestamptz } from '../sql-types.ts';

type Row = {
  readonly id: string;
  readonly brand: string;
  readonly source: string;
  readonly name: string;
  readonly reason: string;
  readonly received_at: Instant;
  readonly state: QuarantineItem['state'];
  readonly decided_by: string | null;
  readonly decided_at: Instant | null;
  readonly key_id: bigint;
  readonly sealed: Buffer;
};

const COLUMNS = 'id, brand, source, name, reason, received_at, state, decided_by, decided_at, key_id, sealed';

/** Newest first; `after` is the id of the last entry of the page before. */
export async function listQuarantine(
  database: Database,
  query: Parameters<ReadingStore['quarantined']>[0],
): Promise<readonly QuarantineItem[]> {
  if (query.after !== undefined && !isUuid(query.after)) return [];
  const rows = await database.query<Row>(
    `select ${COLUMNS} from quarantine
     where state = $1 and ($2::text is null or brand = $2)
       and ($3::uuid is null or (received_at, id) < (select received_at, id from quarantine where id = $3))
     order by received_at desc, id desc limit $4`,
    [query.state, query.brand ?? null, query.after ?? null, query.limit],
  );
  return rows.map(quarantineItem);
}

export async function readQuarantine(database: Database, id: string): Promise<QuarantineItem | undefined> {
  if (!isUuid(id)) return undefined;
  const [row] = await database.query<Row>(`select ${COLUMNS} from quarantine where id = $1`, [id]);
  return row === undefined ? undefined : quarantineItem(row);
}

/** Its content goes; who decided and when stays. */
export async function discardQuarantine(database: Database, id: string, by: string, at: Instant): Promise<boolean> {
  if (!isUuid(id)) return false;
  const touched = await database.execute(
    `update quarantine set state = 'discarded', decided_by = $2, decided_at = $3, sealed = ''
     where id = $1 and state = 'open'`,
    [id, by, timestamptz(at)],
  );
  return touched > 0;
}

function quarantineItem(row: Row): QuarantineItem {
  return {
    id: row.id,
    brand: row.brand as BrandId,
    source: row.source as SourceId,
    name: row.name,
    reason: row.reason,
    receivedAt: row.received_at,
    state: row.state,
    ...(row.decided_at === null
      ? {}
      : { decided: { at: row.decided_at, ...(row.decided_by === null ? {} : { by: row.decided_by }) } }),
    key: Number(row.key_id) as KeyId,
    sealed: row.sealed,
  };
}
