-- While bytes are tried again, `error` says why the last try failed and this when the next one comes.
alter table outbox add column next_attempt_at timestamptz;
create index outbox_failing on outbox (partner, channel) where next_attempt_at is not null;
