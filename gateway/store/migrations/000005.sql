-- Sets of an interchange that were rejected when it was translated: lists tell them and find interchanges by them.
alter table interchange add column sets_rejected integer not null default 0;
update interchange set sets_rejected = found.rejected
from (
  select interchange_id, count(*)::integer as rejected from message m
  where state = 'rejected' and interchange_id is not null
    and not exists (select from message newer where newer.id = m.id and newer.revision > m.revision)
  group by interchange_id
) found
where interchange.id = found.interchange_id;
create index interchange_sets_rejected on interchange (inbox_id) where sets_rejected > 0;
create index message_stopped on message (interchange_id) where state in ('held', 'dead');

-- When a message that could not be handed over is tried again; error says why it could not.
alter table message add column next_attempt_at timestamptz;
