-- breaking: no
-- What the retailer knows of its own things: products, stores, campaigns. No person is in it, and it is in clear.

create sequence reference_told;
-- A version for each run of an import that told it (0: none), so that undoing one brings back what was told before.
create table reference (
  brand text not null,
  kind text not null check (kind in ('products', 'stores', 'campaigns')),
  id text not null,
  run integer not null,
  -- The version that was told last is the one that counts.
  told bigint not null default nextval('reference_told'),
  told_at timestamptz not null,
  source text not null,
  content jsonb not null,
  primary key (brand, kind, id, run)
);
create index reference_run on reference (run) where run <> 0;
