-- breaking: no
-- Who may send and who may look. Secrets are kept as hashes only.

create table source_key (
  hash bytea primary key,
  id text not null unique,
  source text not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);

create table api_token (
  hash bytea primary key,
  id text not null unique,
  name text not null,
  scopes text[] not null,
  brand text,
  created_at timestamptz not null,
  -- Set on the tokens that a signing-in gives out; absent, a token lives until it is revoked.
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);

create table account (
  email text primary key,
  password text not null,
  role text not null,
  created_at timestamptz not null
);

create table access_log (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  actor text not null,
  action text not null,
  brand text,
  purpose text,
  subject text,
  outcome text not null
);
create index access_log_at on access_log (at);

-- One row that the readiness check writes and reads back.
create table canary (one boolean primary key default true check (one), at timestamptz not null);
