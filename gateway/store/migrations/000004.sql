-- A partner who logs in to us by SFTP has an account with us; `user` is left to the name we have on a server of theirs.
alter table sftp_user rename to sftp_account;
alter table sftp_file rename column user_name to account;

-- Files put to servers, as far as each has got: a try whose end is unknown is not repeated blindly. path is the final
-- one; temporary is absent where the server wants files written directly. In state 'completing' every byte was
-- acknowledged and the rename (or the close) may have been done.
create table sftp_put (
  idempotency_key text primary key,
  connection text not null references sftp_connection (id) on delete cascade,
  path text not null,
  temporary text,
  state text not null default 'uploading' check (state in ('uploading', 'completing', 'done')),
  updated_at timestamptz not null default now()
);
create index sftp_put_done on sftp_put (updated_at) where state = 'done';
