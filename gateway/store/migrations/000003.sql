-- AS2. A station is an AS2 name of ours, a partner one that talks to it; the partner's id is the channel identity of what
-- it brings. Names are compared exactly (RFC 4130 §6.2).

create table as2_station (
  name text primary key,
  created_at timestamptz not null default now()
);

-- Keys of ours, sealed; several at once during a roll-over. Times narrow the validity of the certificate.
create table as2_key (
  fingerprint text primary key,
  station text not null references as2_station,
  certificate bytea not null,
  sealed bytea not null,
  use text check (use in ('signature', 'encryption')),
  valid_from timestamptz,
  valid_until timestamptz,
  created_at timestamptz not null default now()
);
create index as2_key_station on as2_key (station);

-- settings: channels/as2/settings.ts. secrets: sealed JSON (HTTP password, TLS client key).
create table as2_partner (
  id text primary key,
  station text not null references as2_station,
  name text not null,
  settings jsonb not null,
  secrets bytea,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  unique (name, station)
);

-- Certificates pinned for a partner. accept_expired_until: an expired one counts until then, with an alert.
create table as2_certificate (
  partner text not null references as2_partner on delete cascade,
  fingerprint text not null,
  certificate bytea not null,
  use text check (use in ('signature', 'encryption')),
  valid_from timestamptz,
  valid_until timestamptz,
  accept_expired_until timestamptz,
  created_at timestamptz not null default now(),
  primary key (partner, fingerprint)
);

-- What became of each message received: an accepted one has its inbox row, made in the same transaction, and is there
-- once for a Message-ID; rejected ones may repeat. detail is for us, never for the partner.
create table as2_received (
  id uuid primary key,
  partner text not null references as2_partner,
  message_id text not null,
  state text not null check (state in ('accepted', 'rejected')),
  inbox_id uuid references inbox,
  disposition text not null,
  detail text,
  mic text,
  protection jsonb not null default '{}',
  mdn_id text,
  raw_sha256 bytea not null,
  raw_size bigint not null,
  received_at timestamptz not null default now()
);
create unique index as2_received_once on as2_received (partner, message_id) where state = 'accepted';
create index as2_received_message on as2_received (message_id);
create index as2_received_at on as2_received (received_at);

-- Payloads of a message besides the first, which is the inbox row's.
create table as2_attachment (
  received_id uuid not null references as2_received on delete cascade,
  n integer not null,
  sha256 bytea not null references blob,
  size bigint not null,
  content_type text not null,
  file_name text,
  primary key (received_id, n)
);

-- A message of ours as it was built: every try sends these bytes under this Message-ID. mdn: the receipt as it came.
create table as2_sent (
  idempotency_key text primary key,
  outbox_id uuid not null references outbox,
  partner text not null references as2_partner,
  message_id text not null unique,
  headers jsonb not null,
  sha256 bytea not null references blob,
  size bigint not null,
  mic text not null,
  signed boolean not null,
  state text not null default 'built' check (state in ('built', 'awaiting', 'transferred', 'refused')),
  tries integer not null default 0,
  deadline timestamptz,
  outcome text,
  mdn bytea,
  built_at timestamptz not null default now(),
  ended_at timestamptz
);
create index as2_sent_outbox on as2_sent (outbox_id);
create index as2_sent_deadline on as2_sent (deadline) where state = 'awaiting';
