-- breaking: no
-- Where the projector stands, and what it folds for single persons. All of it can be rebuilt (filrouge replay).

create table projector (
  one boolean primary key default true check (one),
  -- Names one life of the projections: rows of another generation in ClickHouse are not ours.
  generation uuid not null default gen_random_uuid(),
  position bigint not null default 0,
  items bigint not null default 0,
  -- End of the range under way, written before any of it reaches ClickHouse: after a crash the same range is tried again.
  planned bigint,
  ledger_position bigint not null default 0,
  separation_position bigint not null default 0,
  -- Number of the last attempt, written with `planned`, and of the last one that was committed. An attempt commits only
  -- while it is the last: two processes never commit one range twice, and what a lost one still tells ClickHouse is older.
  version bigint not null default 0,
  committed bigint not null default 0,
  -- Items up to here are in `kept` already: a replay does not count them again.
  counted bigint not null default 0,
  -- Whether anything of this life was committed.
  born boolean not null default false,
  -- Journal rows up to here may be gone (S17).
  pruned bigint not null default 0
);
insert into projector default values;

-- By the key under which a value was stated: at a terminal that several persons used, each has a key (S14).
create table trait_history (
  node uuid not null,
  brand text not null,
  key_id bigint not null,
  sealed bytea not null,
  primary key (node, key_id)
) with (fillfactor = 70);

create table purchase (
  event_id uuid primary key,
  brand text not null,
  node uuid not null,
  -- The terminal it was made on.
  device uuid,
  kind text not null,
  type text not null,
  number text not null,
  store text not null,
  currency text not null,
  amount_minor bigint not null,
  t timestamptz not null,
  c timestamptz not null,
  purposes bigint not null,
  terminal boolean not null,
  source text not null
);
create index purchase_node on purchase (node);

-- Items that were kept, by day of receipt and source (S2).
create table kept (
  day date not null,
  brand text not null,
  source text not null,
  n bigint not null,
  bots bigint not null,
  primary key (day, brand, source)
) with (fillfactor = 50);

-- S17: copies of the projections, from which a replay starts where the journal begins later. The rows are in tables of
-- their own, `snapshot_<id>_node` and so on. Without digests: it was not finished.
create table snapshot (
  id integer primary key generated always as identity,
  taken_at timestamptz not null,
  position bigint not null,
  separation_position bigint not null,
  items bigint not null,
  rows_digest text,
  events_digest text
);
