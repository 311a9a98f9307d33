-- breaking: no
-- What each import brought, so that a whole one can be undone. A run is what one import brought until it was undone:
-- the same file imported again after that is another run of the same import.

create table import_run (
  number integer primary key generated always as identity,
  import text not null,
  brand text not null,
  source text not null,
  kind text not null,
  -- The file's own name, and the SHA-256 of its content; empty where the sender named none.
  file text not null,
  content text not null,
  begun_at timestamptz not null,
  last_at timestamptz not null,
  -- Journal positions between which all it kept stands; null while nothing of it was kept.
  first_position bigint,
  last_position bigint,
  accepted bigint not null default 0,
  withheld bigint not null default 0,
  quarantined bigint not null default 0,
  consents bigint not null default 0,
  reference_rows bigint not null default 0,
  state text not null default 'open' check (state in ('open', 'undoing', 'undone')),
  undo_asked_at timestamptz,
  undo_asked_by text,
  undo_read bigint not null default 0,
  undo_total bigint not null default 0,
  undone_at timestamptz
);
create unique index import_run_standing on import_run (brand, source, import) where state <> 'undone';
create index import_run_content on import_run (content);

-- Ids that an import claimed are free again once it is undone.
alter table seen add column run integer;
create index seen_run on seen (run) where run is not null;
alter table seen_undated add column run integer;
create index seen_undated_run on seen_undated (run) where run is not null;

alter table quarantine add column run integer;
create index quarantine_run on quarantine (run) where run is not null;
alter table consent_record add column run integer;
create index consent_record_run on consent_record (run) where run is not null;

-- The yeses of undone imports: they stay in the ledger and are not folded. A no is never taken out.
create table consent_fact_void (
  position bigint primary key references consent_fact,
  run integer not null
);

-- Moves whenever facts were taken back: what a projector holds in memory of them is old then.
alter table projector add column taken_back bigint not null default 0;
