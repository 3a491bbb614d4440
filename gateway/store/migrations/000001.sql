-- The whole state of the gateway. Words for states are those of edi-maps/canonical/states.ts.
-- Rules for all SQL: no session state, time from now() of the database, ids and hashes made by the gateway.

-- Payloads -----------------------------------------------------------------------------------------------------

create table blob (
  sha256 bytea primary key check (length(sha256) = 32),
  size bigint not null,
  created_at timestamptz not null default now()
);

-- At most 256 KiB per row: pg sends bytea as hex text, a large value would be held several times in memory.
create table blob_part (
  sha256 bytea not null references blob on delete cascade,
  n integer not null,
  bytes bytea not null check (length(bytes) <= 262144),
  primary key (sha256, n)
);
alter table blob_part alter column bytes set storage external;

-- Who and what ---------------------------------------------------------------------------------------------------

create table agreement (
  id text not null,
  version integer not null,
  state text not null check (state in ('draft', 'test', 'active', 'retired')),
  body jsonb not null,
  hash text not null,
  note text,
  created_at timestamptz not null default now(),
  activated_at timestamptz,
  primary key (id, version)
);
create unique index agreement_one_active on agreement (id) where state = 'active';

-- One row that every change of agreements or identities counts up: processes cache until it moves.
create table agreement_stamp (
  one boolean primary key default true check (one),
  stamp bigint not null
);
insert into agreement_stamp (stamp) values (1);

-- Whom a channel authenticated, and which interchange ids and environments it may carry (a VAN: many).
create table channel_identity (
  channel text not null,
  id text not null,
  name text not null,
  carries jsonb not null,
  environments text[] not null,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  primary key (channel, id)
);

-- identity: channel identity of what it hands in; connection: the Odoo connection whose messages it pushes.
create table machine_client (
  id text primary key,
  name text not null,
  scopes text[] not null,
  identity text,
  connection text,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  last_used_at timestamptz
);

-- An API key (only its hash), a shared JWT secret (sealed) or a public key; kid finds it.
create table machine_key (
  kid text primary key,
  client text not null references machine_client on delete cascade,
  kind text not null check (kind in ('api_key', 'hs256', 'rs256', 'es256')),
  hash bytea,
  sealed bytea,
  public_key text,
  issuer text,
  created_at timestamptz not null default now(),
  not_before timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);
create index machine_key_client on machine_key (client);

-- Keys that sign the gateway's own access tokens: the newest signs, older ones still verify what they signed.
create table signing_key (
  kid text primary key,
  public_key text not null,
  sealed bytea not null,
  created_at timestamptz not null default now()
);

-- State of a connection to Odoo (or another target); address and credentials are configuration.
create table target (
  id text primary key,
  bound_uuid text,
  bound_url text,
  bound_environment text,
  checked_at timestamptz,
  paused_reason text,
  paused_at timestamptz
);

-- Intake -----------------------------------------------------------------------------------------------------------

-- One payload as a channel took it. identity is the channel identity that brought it.
create table inbox (
  id uuid primary key,
  channel text not null,
  identity text not null,
  dedupe_key text not null,
  sha256 bytea not null references blob,
  size bigint not null,
  file_name text,
  headers jsonb not null,
  correlation_id text not null,
  answer bytea,
  state text not null default 'received',
  error text,
  received_at timestamptz not null default now(),
  unique (channel, identity, dedupe_key)
);
create index inbox_received on inbox (received_at);
create index inbox_open on inbox (state) where state <> 'translated';

-- A channel that answers late (AS2) claims a key before it has the payload.
create table mailbox_claim (
  channel text not null,
  identity text not null,
  dedupe_key text not null,
  lease_until timestamptz not null,
  primary key (channel, identity, dedupe_key)
);

-- One envelope inside an inbox payload. position counts from 1.
create table interchange (
  id uuid primary key,
  inbox_id uuid not null references inbox,
  position integer not null,
  standard text not null,
  sender_qualifier text not null default '',
  sender text not null,
  receiver_qualifier text not null default '',
  receiver text not null,
  control text not null,
  test boolean not null,
  agreement_id text,
  agreement_version integer,
  state text not null,
  reason text,
  start_offset bigint not null,
  end_offset bigint not null,
  sets integer not null,
  sets_done integer not null default 0,
  sets_done_by text,
  issue_count integer not null default 0,
  issues text not null default '[]',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (inbox_id, position)
);
create index interchange_control on interchange (control);
create index interchange_pair on interchange (sender, receiver, created_at);
create index interchange_open on interchange (state) where state <> 'translated';

-- The last interchange seen by sender, receiver and control number: the row lock decides between two at once.
create table interchange_seen (
  standard text not null,
  sender_qualifier text not null,
  sender text not null,
  receiver_qualifier text not null,
  receiver text not null,
  control text not null,
  test boolean not null,
  interchange_id uuid not null,
  seen_at timestamptz not null,
  primary key (standard, sender_qualifier, sender, receiver_qualifier, receiver, control, test)
);

-- Messages ---------------------------------------------------------------------------------------------------------

-- payload is the JSON text byte for byte as Odoo gets or gave it; over 256 KiB it is a blob instead.
create table message (
  id uuid not null,
  revision integer not null,
  correlation_id text not null,
  direction text not null check (direction in ('in', 'out')),
  state text not null,
  odoo_state text,
  odoo_report integer not null default 0,
  business_state text not null default 'none' check (business_state in ('none', 'accepted', 'rejected')),
  overdue boolean not null default false,
  partner text not null,
  our_role text not null,
  their_role text not null,
  company text,
  test boolean not null,
  target text,
  agreement_id text,
  agreement_version integer,
  map_hash text,
  interchange_id uuid references interchange,
  position integer,
  standard text,
  message_type text,
  message_version text,
  control_interchange text,
  control_group text,
  control_message text,
  kind text,
  document_function text,
  document_number text,
  document_date text,
  payload text,
  payload_blob bytea references blob,
  payload_sha256 bytea,
  issue_count integer not null default 0,
  issues text not null default '[]',
  records text,
  error_owner text,
  error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (id, revision)
);
alter table message alter column payload set storage external;
create index message_created on message (created_at);
create index message_partner on message (partner, created_at);
create index message_document on message (document_number);
create index message_correlation on message (correlation_id);
create index message_interchange on message (interchange_id);
create index message_control on message (control_interchange);
create index message_control_group on message (control_group);
create index message_attention on message (state, created_at)
  where state in ('held', 'dead', 'rejected', 'unmatched', 'quarantined') or overdue;

-- Business numbers a person searches by: order, shipment, sscc, pro, bol, tracking, invoice …
create table message_key (
  value text not null,
  type text not null,
  message_id uuid not null,
  revision integer not null,
  primary key (value, type, message_id, revision),
  foreign key (message_id, revision) references message on delete cascade
);
create index message_key_message on message_key (message_id, revision);

-- How Odoo knows a message it gave us, and what it was last told. No lease token: it was pushed.
create table odoo_outbox (
  message_id uuid not null,
  revision integer not null,
  target text not null,
  outbox_id text not null,
  lease_token text,
  reported text,
  primary key (message_id, revision),
  foreign key (message_id, revision) references message
);

-- Append-only history of every message, interchange and payload.
create table stage_event (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  correlation_id text not null,
  inbox_id uuid,
  interchange_id uuid,
  message_id uuid,
  revision integer,
  stage text not null,
  state text not null,
  actor text,
  detail text
);
create index stage_event_message on stage_event (message_id, revision);
create index stage_event_correlation on stage_event (correlation_id);

-- Sending ----------------------------------------------------------------------------------------------------------

-- Next number of each sequence; it moves in the transaction that stores the bytes, so there is no gap.
create table control_number (
  scope text not null,
  level text not null check (level in ('interchange', 'group', 'message')),
  next bigint not null,
  primary key (scope, level)
);

-- Bytes to be sent with the numbers they carry. Sender and receiver are the envelope's, for matching what answers.
create table outbox (
  id uuid primary key,
  idempotency_key text not null unique,
  purpose text not null check (purpose in ('document', 'ack', 'answer')),
  agreement_id text,
  agreement_version integer,
  partner text not null,
  channel text not null,
  address jsonb,
  message_id uuid,
  revision integer,
  interchange_id uuid references interchange,
  correlation_id text not null,
  standard text,
  sender text,
  receiver text,
  test boolean not null,
  control_interchange text,
  control_group text,
  group_type text,
  control_message text,
  message_type text,
  sha256 bytea not null references blob,
  size bigint not null,
  content_type text not null,
  state text not null default 'sent',
  transmission integer not null default 1,
  evidence jsonb,
  error text,
  created_at timestamptz not null default now(),
  transferred_at timestamptz,
  foreign key (message_id, revision) references message
);
create index outbox_message on outbox (message_id, revision);
create index outbox_interchange on outbox (interchange_id);
create index outbox_control on outbox (control_interchange);
create index outbox_answered on outbox (receiver, sender, control_group);
create index outbox_waiting on outbox (partner, created_at) where state in ('sent', 'awaiting');

create table delivery_attempt (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  duration_ms integer not null,
  destination text not null,
  message_id uuid,
  revision integer,
  outbox_id uuid references outbox,
  outcome text not null check (outcome in ('ok', 'retry', 'refused')),
  status integer,
  detail text
);
create index delivery_attempt_message on delivery_attempt (message_id, revision);
create index delivery_attempt_outbox on delivery_attempt (outbox_id);

create table ack_expectation (
  outbox_id uuid primary key references outbox,
  message_id uuid not null,
  revision integer not null,
  due_at timestamptz not null,
  overdue_at timestamptz,
  fulfilled_at timestamptz
);
create index ack_expectation_due on ack_expectation (due_at) where fulfilled_at is null and overdue_at is null;

-- Work -------------------------------------------------------------------------------------------------------------

create sequence lane_token;

-- Jobs of one lane run in order. turn_at is ready_at plus a handicap by priority, so nothing waits for ever.
create table lane (
  key text primary key,
  kind text not null,
  priority smallint not null default 5,
  policy text not null default 'block' check (policy in ('block', 'park')),
  next_seq bigint not null,
  pending integer not null check (pending >= 0),
  ready_at timestamptz not null,
  turn_at timestamptz not null,
  lease_until timestamptz,
  token bigint,
  target text,
  paused_reason text
) with (fillfactor = 50);
create index lane_turn on lane (kind, turn_at) where pending > 0 and paused_reason is null;
create index lane_lease on lane (kind, lease_until) where lease_until is not null;

create table job (
  lane text not null references lane,
  seq bigint not null,
  kind text not null,
  payload jsonb not null,
  state text not null default 'ready' check (state in ('ready', 'dead')),
  crashes smallint not null default 0,
  failures integer not null default 0,
  last_error text,
  created_at timestamptz not null default now(),
  primary key (lane, seq)
) with (fillfactor = 70);
create index job_dead on job (created_at) where state = 'dead';

create table schedule (
  name text primary key,
  every_ms integer not null check (every_ms > 0),
  next_at timestamptz not null,
  last_at timestamptz,
  last_error text
);
create index schedule_next on schedule (next_at);

-- Watching ---------------------------------------------------------------------------------------------------------

-- One open row per incident; what happens again counts it up.
create table alert (
  id bigint generated always as identity primary key,
  key text not null,
  kind text not null,
  subject text,
  text text not null,
  count integer not null default 1,
  opened_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  closed_at timestamptz,
  closed_by text
);
create unique index alert_open on alert (key) where closed_at is null;

-- Inserted unchained; one sealer gives seq and hash = sha256(previous hash, row). Sealed rows cannot be changed.
create table audit (
  id uuid primary key,
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  action text not null,
  subject text not null,
  detail text not null default '{}',
  seq bigint unique,
  hash bytea
);
create index audit_unsealed on audit (id) where seq is null;
create table audit_head (
  one boolean primary key default true check (one),
  seq bigint not null,
  hash bytea not null
);
insert into audit_head (seq, hash) values (0, decode(repeat('00', 32), 'hex'));

create function audit_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'audit rows are append-only';
end $$;
create trigger audit_no_delete before delete or truncate on audit for each statement execute function audit_refuse();
create trigger audit_no_update before update on audit for each row
  when (old.seq is not null or new.id <> old.id or new.at <> old.at or new.actor <> old.actor
    or new.action <> old.action or new.subject <> old.subject or new.detail <> old.detail)
  execute function audit_refuse();
