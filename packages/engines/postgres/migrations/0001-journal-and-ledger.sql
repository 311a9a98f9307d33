-- breaking: no
-- The two logs everything else is folded from, and what the one appender needs to decide before it writes.

create table head (
  one boolean primary key default true check (one),
  journal_position bigint not null default 0,
  journal_items bigint not null default 0,
  ledger_position bigint not null default 0,
  identity_version bigint not null default 0
);
insert into head default values;

-- One row is one group commit: its items sealed one by one. Positions are gapless: the appender holds `head`.
create table journal (
  position bigint not null,
  received_at timestamptz not null,
  items integer not null,
  body bytea not null,
  -- Of the items those that came in on another day, and left quarantine with this commit: {"2026-11-20": 2}.
  earlier jsonb,
  primary key (position, received_at)
) partition by range (received_at);
alter table journal alter column body set storage external;

-- S16: (brand, source, messageId) as a keyed hash, by the day of the raw client time, with the hash of the body.
create table seen (
  day date not null,
  id uuid not null,
  body uuid not null,
  -- The id first: an item that states no day is looked for in every partition.
  primary key (id, day)
) partition by range (day);

-- Ids whose item states no day, or one that is long past (imports): one place to look, whatever the day of receipt.
create table seen_undated (
  id uuid primary key,
  body uuid not null,
  received_on date not null
);
create index seen_undated_received on seen_undated (received_on);

-- S2: all that is ever kept of withheld items. One row is one group commit.
create table withheld (
  received_at timestamptz not null,
  position bigint not null,
  headers jsonb not null
) partition by range (received_at);
create index withheld_received on withheld (received_at);

create table flow (
  day date not null,
  brand text not null,
  source text not null,
  outcome text not null,
  reason text not null,
  name text not null,
  n bigint not null,
  primary key (day, brand, source, outcome, reason, name)
) with (fillfactor = 50);

create table quarantine (
  id uuid primary key,
  brand text not null,
  source text not null,
  name text not null,
  reason text not null,
  received_at timestamptz not null,
  key_id bigint not null,
  sealed bytea not null,
  state text not null default 'open' check (state in ('open', 'released', 'discarded')),
  decided_by text,
  decided_at timestamptz
);
create index quarantine_open on quarantine (received_at, id) where state = 'open';

-- The bits that stored rows carry for purposes: given once, and never to another.
create table purpose_bit (
  purpose text primary key,
  bit smallint not null unique check (bit between 0 and 62)
);

create table data_key (
  id bigint primary key,
  brand text not null,
  claim uuid not null,
  unique (brand, claim)
);

-- The ledger (S5): append-only, complete from the first day; the proofs that come later seal these rows.
create table consent_record (
  record_id uuid primary key,
  brand text not null,
  -- S1: for whom the person decided, the brand whose notice it was first; a record stands in the ledger of each.
  brands text[] not null,
  source text not null,
  channel text not null,
  notice_id text not null,
  notice_version text not null,
  indicated_by text not null,
  -- 'dated-ahead': what came with a date of the future is dated to its receipt.
  marks text[] not null,
  received_at timestamptz not null,
  key_id bigint not null,
  sealed bytea not null
);
create table consent_fact (
  position bigint primary key,
  record_id uuid not null references consent_record,
  brand text not null,
  purpose text not null,
  vendor text not null,
  status text not null check (status in ('given', 'refused', 'withdrawn', 'objected')),
  indicated_at timestamptz not null,
  received_at timestamptz not null,
  trusted boolean not null,
  verified boolean not null,
  -- S7: a browser's standing signal is about its terminal alone.
  signal boolean not null,
  device text,
  sequence bigint,
  basis text
);
create index consent_fact_record on consent_fact (record_id);
create table consent_fact_node (
  node uuid not null,
  position bigint not null references consent_fact,
  own boolean not null,
  primary key (node, position)
);
create index consent_fact_node_position on consent_fact_node (position);

create function ledger_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the consent ledger is append-only: % on % is refused', tg_op, tg_table_name;
end
$$;
create trigger consent_record_append_only before update or delete on consent_record
  for each row execute function ledger_is_append_only();
create trigger consent_fact_append_only before update or delete on consent_fact
  for each row execute function ledger_is_append_only();
create trigger consent_fact_node_append_only before update or delete on consent_fact_node
  for each row execute function ledger_is_append_only();
create trigger consent_record_never_emptied before truncate on consent_record
  for each statement execute function ledger_is_append_only();
create trigger consent_fact_never_emptied before truncate on consent_fact
  for each statement execute function ledger_is_append_only();
create trigger consent_fact_node_never_emptied before truncate on consent_fact_node
  for each statement execute function ledger_is_append_only();

-- S14: what an erased person's identifiers leave behind.
create table tombstone (
  brand text not null,
  node uuid not null,
  erased_at timestamptz not null,
  lifted_at timestamptz,
  primary key (node)
);
