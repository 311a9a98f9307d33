import type { Instant } from '@filrouge/domain/base';
import type { SourceId } from '@filrouge/domain/deployment';
import type { ReferenceEntry } from '@filrouge/domain/reference';
import { REFERENCE_VERSIONS_MAX, type ReferenceStore, type ToldReference } from '@filrouge/ports';
import { openImportRun } from '../append/import-runs.ts';
import type { Database } from '../database.ts';
import type { Sql } from '../sql-session.ts';
import { timestamptz } from '../sql-types.ts';

/** Products, stores and campaigns in PostgreSQL. */
export function createPostgresReferenceStore(database: Database): ReferenceStore {
  return {
    tell: (source, entries, note, at) =>
      database.withTransaction(async (sql) => {
        // The appender's lock: whoever closes a run waits, or has closed it.
        if (note !== undefined) await sql.execute('select from head for update');
        const run = note === undefined ? undefined : await openImportRun(sql, note, source, at);
        await tell(sql, source, entries, run ?? 0, at);
        if (run === undefined) return undefined;
        await sql.execute(
          'update import_run set last_at = $2, reference_rows = reference_rows + $3 where number = $1',
          [run, timestamptz(at), entries.length],
        );
        return run;
      }),
    async list({ brand, kind, text, limit, after }) {
      const rows = await database.query<Row>(LIST, [brand, kind, after ?? '', text ?? null, limit]);
      return rows.map(toldReference);
    },
    async names(brand, kind, ids) {
      if (ids.length === 0) return new Map();
      const rows = await database.query<{ id: string; name: string }>(
        `select distinct on (id) id, content ->> 'name' as name from reference
         where brand = $1 and kind = $2 and id = any($3::text[]) order by id, told desc`,
        [brand, kind, ids],
      );
      return new Map(rows.map(({ id, name }) => [id, name]));
    },
  };
}

const TELL = `
insert into reference (brand, kind, id, run, told_at, source, content)
select $1, kind, id, $2, $3, $4, content::jsonb from unnest($5::text[], $6::text[], $7::text[]) as entry(kind, id, content)
on conflict (brand, kind, id, run) do update
  set told = excluded.told, told_at = excluded.told_at, source = excluded.source, content = excluded.content`;
/** Versions beyond those that are kept. */
const FORGET = `
delete from reference using (
  select version.brand, version.kind, version.id, version.run,
    row_number() over (partition by version.kind, version.id order by version.told desc) as rank
  from unnest($2::text[], $3::text[]) as entry(kind, id)
  join reference version on version.brand = $1 and version.kind = entry.kind and version.id = entry.id
) as old
where old.rank > ${REFERENCE_VERSIONS_MAX} and reference.brand = old.brand and reference.kind = old.kind
  and reference.id = old.id and reference.run = old.run`;

async function tell(
  sql: Sql,
  source: { readonly brand: string; readonly id: string },
  entries: readonly ReferenceEntry[],
  run: number,
  at: Instant,
): Promise<void> {
  if (entries.length === 0) return;
  // In one order, so that two that tell the same things never wait for each other in a ring.
  const rows = [...entries].sort((a, b) => (a.id < b.id ? -1 : 1));
  const kinds = rows.map(({ kind }) => kind);
  const ids = rows.map(({ id }) => id);
  const contents = rows.map(({ content }) => JSON.stringify(content));
  await sql.execute(TELL, [source.brand, run, timestamptz(at), source.id, kinds, ids, contents]);
  await sql.execute(FORGET, [source.brand, kinds, ids]);
}

type Row = {
  readonly kind: ReferenceEntry['kind'];
  readonly id: string;
  readonly source: string;
  readonly told_at: Instant;
  readonly content: string;
};

const LIST = `
select kind, id, source, told_at, content::text as content from (
  select distinct on (id collate "C") * from reference
  where brand = $1 and kind = $2 and id collate "C" > $3 collate "C"
  order by id collate "C", told desc
) as standing
where $4::text is null or strpos(lower(id), lower($4)) > 0 or strpos(lower(content ->> 'name'), lower($4)) > 0
order by id collate "C" limit $5`;

function toldReference({ kind, id, source, told_at, content }: Row): ToldReference {
  const told = { source: source as SourceId, toldAt: told_at };
  return { kind, id, content: JSON.parse(content), ...told } as ToldReference;
}
