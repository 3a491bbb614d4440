-- Parts of payloads are written once and never changed: a vacuum after every so many inserts reads and writes all of them
-- again, hundreds of megabytes, while messages wait for the log. Those removed are vacuumed as before.
alter table blob_part set (toast.autovacuum_vacuum_insert_threshold = 5000000);
