import hashlib
import json
import secrets
import time
import uuid

from odoo import api, fields, models

from ..lib import states
from ..lib.identity import uuid7
from ..lib.problem import Problem
from .edi_gateway_inbox import content_digest

#: Rank of outbound states: a report never moves a document back.
FORWARD = {"queued": 0, "sent": 1, "transferred": 2, "accepted": 3, "accepted_with_errors": 3, "rejected": 3}


class EdiGatewayOutbox(models.Model):
    """What the gateway fetches: documents to send, and what became of inbound messages. One row, one lease at a time."""

    _inherit = "edi.gateway.message"

    @api.model
    def _lease(self, limit, seconds, companies):
        """Gives rows to one caller for a while → text of a JSON array. Messages go out byte for byte as stored."""
        self.env.flush_all()
        now = fields.Datetime.now()
        self.env.cr.execute(
            """
            UPDATE edi_gateway_message SET
                lease_token = gen_random_uuid()::text,
                outbox_uid = COALESCE(outbox_uid, gen_random_uuid()::text),
                lease_until = %(until)s
            WHERE id IN (
                SELECT id FROM edi_gateway_message
                WHERE (report_pending OR (direction = 'out' AND state = 'queued' AND taken_at IS NULL))
                  AND (lease_until IS NULL OR lease_until <= %(now)s)
                  AND (next_try_at IS NULL OR direction = 'in' OR next_try_at <= %(now)s)
                  AND company_id IN %(companies)s
                ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
            RETURNING id
            """,
            {
                "now": now,
                "until": fields.Datetime.add(now, seconds=seconds),
                "companies": tuple(companies.ids),
                "limit": limit,
            },
            log_exceptions=False,
        )
        ids = sorted(row[0] for row in self.env.cr.fetchall())
        rows = self.browse(ids)
        rows.invalidate_recordset(["lease_token", "outbox_uid", "lease_until"])
        return "[" + ",".join(row._outbox_item() for row in rows) + "]"

    def _outbox_item(self):
        self.ensure_one()
        head = {"id": self.outbox_uid, "leaseToken": self.lease_token}
        if self.direction == "out":
            head["idempotencyKey"] = self.idempotency_key
            # The payload is put in as it is: its hash was taken over these bytes.
            return f'{_json(head)[:-1]},"message":{self.payload}}}'
        head["idempotencyKey"] = f"{self.idempotency_key}.s{self.report_number}"
        at = max(self.log_ids.mapped("at"), default=self.create_date)
        return _json({**head, "status": {**self._status(), "at": at.isoformat() + "Z"}})

    @api.model
    def _result(self, outbox_uid, result, actor, companies):
        """What the gateway reports on a leased row → (HTTP status, answer)."""
        row = self.search([("outbox_uid", "=", outbox_uid), ("company_id", "in", companies.ids)], limit=1)
        if not row:
            return 404, {"error": "not_found", "text": "There is no such row in the outbox."}
        # A row that was pushed has no lease; its results carry no token.
        if result.get("leaseToken") != (row.lease_token or None):
            return 409, {"error": "stale_lease", "text": "The row was leased again since; that lease reports now."}
        if row.direction == "in":
            row._report_delivered(result, actor)
        else:
            row._move_to(result, actor)
        return 200, {"id": outbox_uid, "state": row.state}

    def _report_delivered(self, result, actor):
        """The gateway has (or refuses) a state report. A newer state than the one leased stays to be reported."""
        if self.lease_until:
            self.write({"report_pending": False, "lease_until": False})
        if result["state"] != "accepted":
            self._log(self.state, self.state, f"The gateway did not take the report: {_issues_text(result)}", actor)

    def _move_to(self, result, actor):
        """Moves an outbound document forward as reported."""
        state = result["state"]
        values = {"lease_until": False}
        if not self.taken_at and state not in ("held", "dead", "cancelled"):
            values["taken_at"] = fields.Datetime.now()
        if result.get("gatewayMessageId"):
            values["gateway_message_uid"] = result["gatewayMessageId"]
        if "overdue" in result:
            values["overdue"] = result["overdue"]
        if result.get("businessState"):
            values["business_state"] = result["businessState"]
        late = state in FORWARD and FORWARD.get(self.state, -1) >= FORWARD[state]
        if state == self.state or late or not states.may_move("out", self.state, state):
            self.write(values)
            self._follow_up()
            return
        if state in ("accepted", "accepted_with_errors", "rejected"):
            values["overdue"] = False
        problem = None
        if state in ("rejected", "held", "dead"):
            problem = _reported(state, result)
        self._set_state(state, error=problem, text=_issues_text(result), actor=actor, **values)

    # Putting documents in ------------------------------------------------------------------------------------------

    @api.model
    def _queue(self, partner, document, record, previous=None):
        """Puts a Document into the outbox, in the caller's transaction → its row. `previous` is corrected by it."""
        uid = previous.message_uid if previous else self._new_uid()
        revision = previous.revision + 1 if previous else 1
        row = self.sudo().create(
            {
                **self._outbound_values(partner, record, uid, revision),
                "kind": document["kind"],
                "function": document["function"],
                "document_number": document["documentNumber"],
                "state": "queued",
            }
        )
        row._fill(partner, document)
        row._log(False, row.state)
        row.env["edi.gateway.message.record"].create(
            {"message_id": row.id, "res_model": record._name, "res_id": record.id}
        )
        self._wake_push()
        return row

    @api.model
    def _new_uid(self):
        return uuid7(time.time_ns() // 1_000_000, secrets.token_bytes(10))

    @api.model
    def _queue_problem(self, partner, kind, record, found):
        """A document that could not be built: a row in state error, so that it is seen and can be built again."""
        row = self.sudo().create(
            {
                **self._outbound_values(partner, record, self._new_uid(), 1),
                "kind": kind,
                "document_number": record.display_name,
                "state": "error",
                "error_code": found.code,
                "error_text": found.text,
            }
        )
        row._log(False, "error", found.text)
        row.env["edi.gateway.message.record"].create(
            {"message_id": row.id, "res_model": record._name, "res_id": record.id}
        )
        row._follow_up()
        return row

    @api.model
    def _outbound_values(self, partner, record, uid, revision):
        return {
            "direction": "out",
            "company_id": record.company_id.id,
            "trading_partner_id": partner.id,
            "partner_code": partner.code,
            "test": partner.test,
            "message_uid": uid,
            "revision": revision,
            "idempotency_key": f"{uid}.{revision}",
            "correlation_id": uid,
            "outbox_uid": str(uuid.uuid4()),
        }

    def _fill(self, partner, document):
        """Wraps the Document into a Message and stores its text; holds what is of another environment than the database."""
        self.ensure_one()
        text = _json(self._wrapped(partner, self.company_id, document, self.message_uid, self.revision))
        self.write(
            {
                "payload": text,
                "payload_sha256": hashlib.sha256(text.encode()).hexdigest(),
                "content_sha256": content_digest(document),
            }
        )
        mismatch = self._environment_mismatch(partner)
        if mismatch:
            self._set_state("held", error=mismatch)

    @api.model
    def _wrapped(self, partner, company, document, uid, revision):
        """The Message around a Document of ours."""
        return {
            "id": uid,
            "revision": revision,
            "correlationId": uid,
            "direction": "out",
            "partner": partner.code,
            "ourRole": partner.our_role,
            "theirRole": partner.role,
            **({"company": company.edi_gateway_code} if company.edi_gateway_code else {}),
            "test": partner.test,
            "document": document,
        }

    @api.model
    def _environment_mismatch(self, partner):
        """The Problem of a trading partner whose documents are of another environment than the database, else None."""
        environment = self.env["edi.gateway.binding"]._environment()
        if not environment or (environment == "test") == partner.test:
            return None
        return Problem(
            "test_mismatch",
            self.env._(
                "The database is bound as %(environment)s, trading partner %(partner)s is %(setting)s.",
                environment=environment,
                partner=partner.name,
                setting="test" if partner.test else "production",
            ),
        )

    def action_check(self):
        """Button: what the gateway would send for this document as it is stored."""
        self.ensure_one()
        return self.env["edi.gateway.check"]._check(self, json.loads(self.sudo().payload))

    def _rebuild(self, actor):
        """Outbound Retry: an error is built again from its record; held or dead goes back into the queue unchanged."""
        self.ensure_one()
        if self.state == "error":
            for record in self._records():
                record._edi_gateway_build_again(self, actor)
            return
        self._set_state(
            "queued", text="Retry", actor=actor, taken_at=False, lease_until=False, next_try_at=False, attempts=0
        )
        self._wake_push()


def _json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _issues_text(result):
    return "\n".join(
        f"{issue.get('path', '')} {issue.get('text') or issue.get('code', '')}".strip()
        for issue in result.get("issues", [])
    )


def _reported(state, result):
    texts = {"rejected": "Rejected.", "held": "The gateway cannot send it.", "dead": "The gateway gave up sending it."}
    return Problem("rejected", _issues_text(result) or texts[state])
