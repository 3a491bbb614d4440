-- SFTP, both directions. A user is a partner who logs in to us, a connection a server we log in to; the name of either
-- is the channel identity of what it brings.

-- password: scrypt hash; keys: public keys as lines of authorized_keys. settings: channels/sftp/settings.ts.
create table sftp_user (
  name text primary key,
  password text,
  keys text[] not null default '{}',
  settings jsonb not null,
  active boolean not null default true,
  created_at timestamptz not null default now()
);

-- What a user sees in its folders: uploads that were taken in (use 'in', shown for a while), files waiting to be
-- fetched ('out') and those fetched ('archive'). Bytes are in blob.
create table sftp_file (
  id uuid primary key,
  user_name text not null references sftp_user (name),
  use text not null check (use in ('in', 'out', 'archive')),
  folder text not null,
  name text not null,
  sha256 bytea not null references blob,
  size bigint not null,
  outbox_id uuid,
  idempotency_key text,
  created_at timestamptz not null default now(),
  fetched_at timestamptz,
  reported_at timestamptz,
  expires_at timestamptz,
  unique (user_name, folder, name)
);
create unique index sftp_file_once on sftp_file (user_name, idempotency_key);
create index sftp_file_unreported on sftp_file (fetched_at) where fetched_at is not null and reported_at is null;
create index sftp_file_expiring on sftp_file (expires_at) where expires_at is not null;

-- secrets: password, private key and passphrase, sealed. not_before: back-off after failures.
create table sftp_connection (
  id text primary key,
  settings jsonb not null,
  secrets bytea,
  active boolean not null default true,
  failures integer not null default 0,
  not_before timestamptz not null default now(),
  lease_until timestamptz,
  token bigint not null default 0,
  last_ok_at timestamptz,
  last_error text,
  created_at timestamptz not null default now()
);

-- Files of a server we poll, as they were last listed. unchanged counts listings with equal size and time; taken_at is
-- set once the bytes are in the inbox, done_at once the file was removed or moved there.
create table sftp_remote_file (
  connection text not null references sftp_connection (id) on delete cascade,
  path text not null,
  size bigint not null,
  modified bigint not null,
  unchanged integer not null default 0,
  sha256 bytea,
  taken_at timestamptz,
  failures integer not null default 0,
  not_before timestamptz not null default now(),
  error text,
  seen_at timestamptz not null default now(),
  primary key (connection, path)
);
