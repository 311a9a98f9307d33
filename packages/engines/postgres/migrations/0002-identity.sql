-- breaking: no
-- Who is who: facts with evidence, and the partition folded from them (S11, S13). All of it can be rebuilt.

create table node (
  node uuid primary key,
  brand text not null,
  namespace text not null,
  -- The number its rows carry in ClickHouse, by which a person is found whose first identifier it was.
  thread bigint not null,
  -- The person-type node that stands for its verified component; null for a device.
  component uuid,
  -- 'secret-keys' or 'public-keys' for a value that is nobody's, 'device' for a terminal seen with too many persons.
  blocked text,
  first_position bigint not null,
  last_act_at timestamptz,
  key_id bigint not null,
  sealed bytea not null
) with (fillfactor = 80);
create index node_component on node (component) where component is not null;
create index node_thread on node (thread);

-- Of each pair and worth the first fact in canonical order; a < b.
create table link (
  brand text not null,
  a uuid not null,
  b uuid not null,
  worth text not null check (worth in ('verified', 'stated', 'claimed')),
  -- The two ends as the fact named them: strongest first.
  forward boolean not null,
  evidence text not null,
  source_kind text not null,
  source text not null,
  t timestamptz not null,
  message uuid not null,
  primary key (a, b, worth)
) with (fillfactor = 80);
create index link_b on link (b);

create table device_link (
  brand text not null,
  a uuid not null,
  b uuid not null,
  t timestamptz not null,
  message uuid not null,
  source text not null,
  primary key (a, b)
);
create index device_link_b on device_link (b);

-- First and last sighting of a person at a device within an hour: commutative, so any order gives the same timeline.
create table sighting (
  brand text not null,
  device uuid not null,
  person uuid not null,
  hour bigint not null,
  first_t timestamptz not null,
  last_t timestamptz not null,
  verified boolean not null,
  kiosk boolean not null,
  primary key (device, person, hour)
) with (fillfactor = 70);

-- The same by pair, for the questions that the door asks: who was at which device, since when, proven since when.
create table encounter (
  brand text not null,
  device uuid not null,
  person uuid not null,
  first_t timestamptz not null,
  last_t timestamptz not null,
  verified_t timestamptz,
  kiosk boolean not null,
  primary key (device, person)
) with (fillfactor = 70);
create index encounter_person on encounter (person);

create table logout (
  brand text not null,
  device uuid not null,
  t timestamptz not null,
  message uuid not null,
  primary key (device, t)
);

create table separation (
  id uuid primary key,
  -- The order in which the projector takes them in. Written under its lock, so that none appears behind one it has passed.
  position bigint not null generated always as identity unique,
  brand text not null,
  a uuid not null,
  b uuid not null,
  t timestamptz not null,
  stands boolean not null,
  decided_by text not null,
  reason text not null
);
create index separation_a on separation (a);
create index separation_b on separation (b);

create table thread_span (
  brand text not null,
  node uuid not null,
  from_t timestamptz not null,
  to_t timestamptz not null,
  person bigint not null,
  primary key (node, from_t)
);
create index thread_span_person on thread_span (person);

-- What the door must forget: nodes whose links moved, by version of `head.identity_version`.
create table identity_change (version bigint primary key, nodes uuid[] not null);
