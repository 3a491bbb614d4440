-- Payloads at rest: each is encrypted with a key of its own, that key with the data key of its partner, that with the
-- master key, which is not here (store/blobs.ts, docs/architecture.md).

-- partner: as in message and outbox; null for the gateway's own key, which keeps what belongs to no single partner (yet).
-- sealed: the key, sealed by the master key; null once it was destroyed. A partner has one living key at most.
create table data_key (
  id uuid primary key,
  partner text,
  sealed bytea,
  created_at timestamptz not null default now(),
  erased_at timestamptz,
  check ((sealed is null) = (erased_at is not null)),
  check (partner is not null or erased_at is null)
);
create unique index data_key_living on data_key (coalesce(partner, '')) where erased_at is null;

-- The key of a payload for each whose payload it is: bytes that two partners gave are stored once.
create table blob_key (
  sha256 bytea not null references blob on delete cascade,
  key_id uuid not null references data_key,
  sealed bytea not null,
  primary key (sha256, key_id)
);

-- 256 KiB and the tag of AES-GCM.
alter table blob_part drop constraint blob_part_bytes_check, add check (length(bytes) <= 262160);

-- The JSON text as before, encrypted with the key named.
alter table message
  alter column payload type bytea using convert_to(payload, 'UTF8'),
  add column payload_key uuid references data_key;
alter table message alter column payload set storage external;

-- What was stored before this migration: the next start encrypts it and empties these lists (store/encrypt-plain.ts).
create table plain_blob (
  sha256 bytea primary key,
  partner text
);
insert into plain_blob (sha256, partner)
  select sha256, case when count(partner) = 1 then min(partner) end
  from blob left join (
    select sha256, partner from outbox where purpose <> 'answer'
    union select sent.sha256, o.partner from as2_sent sent join outbox o on o.id = sent.outbox_id
    union select payload_blob, partner from message where payload_blob is not null
    union select i.sha256, m.partner from inbox i
      join interchange x on x.inbox_id = i.id join message m on m.interchange_id = x.id
  ) known using (sha256)
  group by sha256;
create table plain_message (
  id uuid not null,
  revision integer not null,
  primary key (id, revision)
);
insert into plain_message select id, revision from message where payload is not null;
