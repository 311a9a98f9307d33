import { allotBits, type Purpose, type PurposeId } from '@filrouge/domain/consent';
import { noBitLeft } from '@filrouge/ports';
import type { Sql } from '../sql-session.ts';

/** See `AppendStore.allot`. Two servers that start at once wait for each other. */
export async function allotPurposeBits(sql: Sql, purposes: readonly Purpose[]): Promise<readonly Purpose[]> {
  await sql.execute('lock table purpose_bit in exclusive mode');
  const rows = await sql.query<{ purpose: string; bit: number }>('select purpose, bit from purpose_bit');
  const given = new Map(rows.map(({ purpose, bit }) => [purpose as PurposeId, bit]));
  const allotted = allotBits(purposes, given);
  if (!allotted.ok) throw noBitLeft(allotted.refusal);
  const fresh = allotted.value.filter(({ id }) => !given.has(id));
  if (fresh.length > 0) {
    await sql.execute('insert into purpose_bit (purpose, bit) select * from unnest($1::text[], $2::smallint[])', [
      fresh.map(({ id }) => id),
      fresh.map(({ bit }) => bit),
    ]);
  }
  return allotted.value;
}
