-- Numbers people know documents by, of interchanges that wait and have no messages yet: which orders wait, and why.
create table waiting_key (
  value text not null,
  type text not null,
  interchange_id uuid not null references interchange on delete cascade,
  position integer not null,
  message_type text not null,
  primary key (value, type, interchange_id, position)
);
create index waiting_key_interchange on waiting_key (interchange_id, position);
