import type { Instant } from '@filrouge/domain/base';
import { ImportClosed, type ImportNote, type ImportTally } from '@filrouge/ports';
import type { Sql } from '../sql-session.ts';
import { timestamptz } from '../sql-types.ts';

type StandingRow = { readonly number: number; readonly state: 'open' | 'undoing' };

const STANDING = {
  name: 'import-standing',
  text: `select number, state from import_run where import = $1 and brand = $2 and source = $3 and state <> 'undone'`,
};

/** The open run of an import. The head is locked: whoever closes a run waits, or has closed it. */
export async function openImportRun(
  sql: Sql,
  note: ImportNote,
  source: { readonly brand: string; readonly id: string },
  at: Instant,
): Promise<number> {
  const [standing] = await sql.query<StandingRow>(STANDING, [note.import, source.brand, source.id]);
  if (standing?.state === 'undoing') throw new ImportClosed('the import is being undone');
  if (note.run !== undefined && standing?.number !== note.run) throw new ImportClosed('the run of the import is over');
  if (standing !== undefined) return standing.number;
  const [begun] = await sql.query<{ number: number }>(
    `insert into import_run (import, brand, source, kind, file, content, begun_at, last_at)
     values ($1, $2, $3, $4, $5, $6, $7, $7) returning number`,
    [note.import, source.brand, source.id, note.kind, note.file, note.content, timestamptz(at)],
  );
  if (begun === undefined) throw new Error('a row that was inserted is answered');
  return begun.number;
}

export async function requireOpenRun(sql: Sql, number: number): Promise<void> {
  const [row] = await sql.query<{ state: string }>('select state from import_run where number = $1', [number]);
  if (row?.state !== 'open') throw new ImportClosed('the run of the import is over');
}

const TALLY = {
  name: 'import-tally',
  text: `update import_run run set last_at = $1, accepted = run.accepted + more.accepted,
      withheld = run.withheld + more.withheld, quarantined = run.quarantined + more.quarantined,
      consents = run.consents + more.consents,
      first_position = coalesce(run.first_position, case when more.journaled then $2::bigint end),
      last_position = case when more.journaled then $2::bigint else run.last_position end
    from unnest($3::integer[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::boolean[])
      as more(run, accepted, withheld, quarantined, consents, journaled)
    where run.number = more.run`,
};

export async function tallyImports(
  sql: Sql,
  tallies: readonly ImportTally[],
  position: number | undefined,
  at: Instant,
): Promise<void> {
  if (tallies.length === 0) return;
  await sql.execute(TALLY, [
    timestamptz(at),
    position ?? null,
    tallies.map(({ run }) => run),
    tallies.map(({ accepted }) => accepted),
    tallies.map(({ withheld }) => withheld),
    tallies.map(({ quarantined }) => quarantined),
    tallies.map(({ consents }) => consents),
    tallies.map(({ journaled }) => journaled),
  ]);
}
