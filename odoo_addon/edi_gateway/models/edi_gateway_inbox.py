import hashlib
import json
import logging
import random
import time

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from ..compat import commit_progress, in_test
from ..lib import backoff
from ..lib.numbers import normalised_number
from ..lib.problem import Problem

_logger = logging.getLogger(__name__)

#: Canonical kind → the model that carries out its effect.
EFFECTS = {"shipmentNotice": "edi.gateway.receipt"}
#: One cron run works this long, then lets other jobs have their turn.
RUN_SECONDS = 50


class EdiGatewayInbox(models.Model):
    """Intake (store, nothing else) and processing (one message, one transaction)."""

    _inherit = "edi.gateway.message"

    # Intake ------------------------------------------------------------------------------------------------------

    @api.model
    def _intake(self, text, message, key, actor):
        """Stores an inbound Message → (HTTP status, answer). Safe to run twice: the caller may be re-run by Odoo.

        `text` is the body as received, `message` the same decoded and checked against the schema.
        """
        digest = hashlib.sha256(text.encode()).hexdigest()
        idempotency_key = f"{message['id']}.{message['revision']}"
        known = self._by_uid(message["id"], direction="in")
        same = known.filtered(lambda m: m.idempotency_key == idempotency_key)
        if same:
            answer = {"id": same.message_uid, "state": same.state}
            if same.payload_sha256 == digest:
                return 200, answer
            return 409, {"error": "idempotency_conflict", "text": "This key was used with another body.", **answer}
        newest = known[:1]
        applied = known.filtered(lambda m: m.state == "applied")[:1]
        if applied:
            return 409, {
                "error": "already_applied",
                "text": f"Revision {applied.revision} of this message was applied.",
                "id": applied.message_uid,
                "state": applied.state,
            }
        if newest and newest.revision > message["revision"]:
            return 409, {
                "error": "stale_revision",
                "text": f"Revision {newest.revision} of this message is known already.",
                "id": newest.message_uid,
                "state": newest.state,
            }
        stored = self._insert(text, message, digest, idempotency_key, key)
        for older in known.filtered(lambda m: m.state in ("received", "waiting", "error")):
            older._set_state("superseded", text=f"Revision {message['revision']} arrived", actor=actor)
        stored._log(False, "received", actor=actor)
        self._wake_inbox()
        return 202, {"id": stored.message_uid, "state": stored.state}

    @api.model
    def _by_uid(self, uid, direction=None):
        """All revisions of a Message id, newest first."""
        domain = [("message_uid", "=", uid)] + ([("direction", "=", direction)] if direction else [])
        return self.search(domain, order="revision desc, id desc")

    @api.model
    def _insert(self, text, message, digest, idempotency_key, key):
        """One INSERT. Two parallel posts of one key: the later one fails to serialise, Odoo runs its request again in a
        new snapshot, and there the first look-up finds the row. (Catching the error and searching again would not.)
        """
        document = message["document"]
        company = self._company_of(message, key.user_id)
        partner = self.env["edi.gateway.partner"].search(
            [("company_id", "=", company.id), ("code", "=", message["partner"])], limit=1
        )
        now = fields.Datetime.now()
        values = {
            "direction": "in",
            "kind": document["kind"],
            "function": document["function"],
            "document_number": document["documentNumber"],
            "company_id": company.id,
            "trading_partner_id": partner.id or None,
            "partner_code": message["partner"],
            "test": message["test"],
            "message_uid": message["id"],
            "revision": message["revision"],
            "idempotency_key": idempotency_key,
            "correlation_id": message["correlationId"],
            "ordering_key": f"{company.id}:{message['partner']}:{document['kind']}:{document['documentNumber']}",
            "payload": text,
            "payload_sha256": digest,
            "content_sha256": content_digest(document),
            "state": "received",
            "business_state": "none",
            "overdue": False,
            "attempts": 0,
            "report_pending": False,
            "report_number": 0,
            "next_try_at": now,
            "source_key_id": key.id,
            "create_uid": self.env.uid,
            "write_uid": self.env.uid,
            "create_date": now,
            "write_date": now,
        }
        self.env.cr.execute(
            SQL(
                "INSERT INTO edi_gateway_message (%s) VALUES %s ON CONFLICT DO NOTHING RETURNING id",
                SQL(", ").join(SQL.identifier(name) for name in values),
                tuple(values.values()),
            ),
            # Losing the race is normal, and the statement holds the payload: it must not be logged.
            log_exceptions=False,
        )
        row = self.env.cr.fetchone()
        if row is None:
            # The row is of this snapshot after all (same request twice in one transaction cannot happen; be loud).
            raise RuntimeError(f"message {idempotency_key} was neither found nor inserted")
        return self.browse(row[0])

    @api.model
    def _company_of(self, message, user):
        """The company a Message is for: by its code, else the user's own."""
        code = message.get("company")
        if not code:
            return user.company_id
        companies = user.sudo().company_ids
        return companies.filtered(lambda c: c.edi_gateway_code == code)[:1] or user.company_id

    @api.model
    def _wake_inbox(self):
        """Starts processing when this transaction commits."""
        self.env.ref("edi_gateway.cron_inbox").sudo()._trigger()

    # Processing --------------------------------------------------------------------------------------------------

    @api.model
    def _cron_process_inbox(self):
        """Applies messages one by one, each committed by itself, until none is due or the time is up."""
        started = time.monotonic()
        done = 0
        while message := self._claim_due():
            message._process()
            done += 1
            out_of_time = time.monotonic() - started > RUN_SECONDS
            commit_progress(self.env, done, remaining=int(out_of_time))
            if out_of_time:
                break
        return done

    @api.model
    def _claim_due(self):
        """The next message to apply, locked. Another worker's message is skipped, and so is one whose predecessor with
        the same ordering key has not been looked at yet."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT m.id FROM edi_gateway_message m
            WHERE m.direction = 'in' AND m.state IN ('received', 'waiting')
              AND m.next_try_at <= %s
              AND NOT EXISTS (
                SELECT 1 FROM edi_gateway_message earlier
                WHERE earlier.direction = 'in' AND earlier.ordering_key = m.ordering_key
                  AND earlier.state = 'received' AND earlier.id < m.id)
            ORDER BY m.next_try_at, m.id
            LIMIT 1
            FOR UPDATE OF m SKIP LOCKED
            """,
            [fields.Datetime.now()],
            log_exceptions=False,
        )
        row = self.env.cr.fetchone()
        return self.browse(row[0]) if row else self.browse()

    def _process(self):
        """Applies one message in a savepoint: either all of its effect or none, and its state says which."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._apply()
                self.env.flush_all()
        except Problem as found:
            self._note_problem(found)
        except psycopg2.OperationalError:
            # Somebody else changed the same records: the transaction is of no use any more. Begin a new one, later.
            if in_test():
                raise
            self.env.cr.rollback()
            self._postpone(self.env._("Another transaction changed the same records."))
        except Exception as error:
            _logger.exception("EDI message %s could not be applied", self.idempotency_key)
            self._note_problem(Problem("internal", f"{type(error).__name__}: {error}"))

    def _apply(self):
        """Carries out the effect of the document. Raises Problem."""
        message = self._message()
        document = message["document"]
        self._check_addressee(message)
        model = EFFECTS.get(document["kind"])
        if not model:
            raise Problem(
                "kind_unsupported", self.env._("Odoo does nothing with a %(kind)s yet.", kind=document["kind"])
            )
        partner = self.env["edi.gateway.partner"]._sender(
            self.company_id, message["partner"], message["theirRole"], document
        )
        if partner.test != message["test"]:
            raise Problem(
                "test_mismatch",
                self.env._(
                    "The message says test: %(message)s, trading partner %(partner)s says %(setting)s.",
                    message=message["test"],
                    partner=partner.name,
                    setting=partner.test,
                ),
            )
        if self.trading_partner_id != partner:
            self.trading_partner_id = partner
        user = partner.effect_user_id
        effect = self.env[model].with_company(self.company_id)
        if user:
            effect = effect.with_user(user).with_context(allowed_company_ids=self.company_id.ids)
        effect._apply(self, partner, document)

    def _check_addressee(self, message):
        code = message.get("company")
        if code and self.company_id.edi_gateway_code != code:
            raise Problem("company_unknown", self.env._("No company has the EDI code %(code)s.", code=code))

    def _note_problem(self, found):
        """Waiting, with a time to look again, or an error for a person."""
        attempts = self.attempts + 1
        values = {"attempts": attempts, "processed_at": fields.Datetime.now()}
        if found.waits and not self._waited_enough():
            values["next_try_at"] = fields.Datetime.add(
                fields.Datetime.now(), seconds=backoff.delay(attempts, backoff.WAITING, random.random())
            )
            values["waits_for"] = normalised_number(getattr(found, "order_number", "")) or False
            self._set_state("waiting", error=found, **values)
            return
        self._set_state("error", error=found, waits_for=False, **values)

    def _waited_enough(self):
        hours = self.trading_partner_id.wait_hours or 72
        return fields.Datetime.add(self.create_date, hours=hours) < fields.Datetime.now()

    def _postpone(self, text):
        attempts = self.attempts + 1
        self.write(
            {
                "attempts": attempts,
                "next_try_at": fields.Datetime.add(
                    fields.Datetime.now(), seconds=backoff.delay(attempts, backoff.FAILED, random.random())
                ),
            }
        )
        _logger.info("EDI message %s is tried again: %s", self.idempotency_key, text)

    def _applied(self, records, text):
        """The effect is done: links the records and says so."""
        self._link(records, text)
        self._set_state("applied", text=text, waits_for=False, processed_at=fields.Datetime.now())

    # Earlier messages --------------------------------------------------------------------------------------------

    def _predecessor(self):
        """The last message before this one with the same ordering key that still counts, or none."""
        return self.search(
            [
                ("direction", "=", "in"),
                ("ordering_key", "=", self.ordering_key),
                ("id", "<", self.id),
                ("message_uid", "!=", self.message_uid),
                ("state", "in", ["received", "waiting", "error", "applied"]),
            ],
            order="id desc",
            limit=1,
        )

    @api.model
    def _wake_waiting(self, company, order_number):
        """Lets messages that wait for an order be tried at once."""
        waiting = self.sudo().search(
            [
                ("state", "=", "waiting"),
                ("company_id", "=", company.id),
                ("waits_for", "=", normalised_number(order_number)),
            ]
        )
        if waiting:
            waiting.write({"next_try_at": fields.Datetime.now()})
            self._wake_inbox()


def content_digest(document):
    """SHA-256 of what a document says, without where it was read from: tells a repetition from another content."""
    said = {key: value for key, value in document.items() if key not in ("source", "extras")}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
