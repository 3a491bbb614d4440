-- A copy of a production database must not act for it: no key is valid, no gateway is known, nothing waits to be sent.
UPDATE edi_gateway_key SET active = false, secret = NULL, secret_hash = NULL;
DELETE FROM ir_config_parameter
 WHERE key IN ('edi_gateway.gateway_url', 'edi_gateway.gateway_token', 'edi_gateway.push', 'edi_gateway.bound_uuid',
               'edi_gateway.bound_url', 'edi_gateway.bound_place', 'edi_gateway.bound_at', 'edi_gateway.bound_by', 'edi_gateway.environment');
INSERT INTO edi_gateway_message_log (message_id, at, actor, from_state, to_state, text)
SELECT id, now() AT TIME ZONE 'UTC', 'neutralize', state, 'cancelled', 'The database was neutralized'
  FROM edi_gateway_message WHERE direction = 'out' AND state IN ('queued', 'held', 'error');
UPDATE edi_gateway_message SET state = 'cancelled' WHERE direction = 'out' AND state IN ('queued', 'held', 'error');
UPDATE edi_gateway_message SET report_pending = false WHERE report_pending;
