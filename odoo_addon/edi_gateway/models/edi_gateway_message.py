import json

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..compat import group_users
from ..lib import problem, states

STATES = [
    ("received", "Received"),
    ("waiting", "Waiting"),
    ("error", "Error"),
    ("applied", "Applied"),
    ("ignored", "Ignored"),
    ("superseded", "Superseded"),
    ("queued", "Queued"),
    ("sent", "Sent"),
    ("transferred", "Transferred"),
    ("accepted", "Accepted"),
    ("accepted_with_errors", "Accepted with errors"),
    ("rejected", "Rejected"),
    ("held", "Held"),
    ("dead", "Dead"),
    ("cancelled", "Cancelled"),
]
KINDS = [
    ("shipmentNotice", "Shipment notice"),
    ("warehouseShippingOrder", "Warehouse shipping order"),
    ("warehouseShippingAdvice", "Warehouse shipping advice"),
    ("invoice", "Invoice"),
    ("shipmentStatus", "Shipment status"),
    ("functionalAck", "Functional acknowledgement"),
    ("applicationAck", "Application acknowledgement"),
]


class EdiGatewayMessage(models.Model):
    """One Message received from or on its way to the gateway. Inbox and outbox are the same table.

    Rows of the inbox are made by SQL (edi_gateway_inbox), states move only through `_set_state`.
    """

    _name = "edi.gateway.message"
    _description = "EDI Message"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "document_number"
    _check_company_auto = True

    direction = fields.Selection([("in", "Incoming"), ("out", "Outgoing")], required=True, readonly=True)
    kind = fields.Selection(KINDS, string="Document", required=True, readonly=True)
    function = fields.Char(readonly=True, help="original, replace, cancel … as the document says")
    document_number = fields.Char(readonly=True, index="btree_not_null")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    trading_partner_id = fields.Many2one("edi.gateway.partner", readonly=True, index="btree_not_null")
    partner_code = fields.Char(readonly=True, help="The gateway's name of the partner")
    test = fields.Boolean(readonly=True)
    # Identity: id and revision of the Message; unique per direction, see init().
    message_uid = fields.Char("Message ID", required=True, readonly=True)
    revision = fields.Integer(required=True, readonly=True, default=1)
    idempotency_key = fields.Char(required=True, readonly=True)
    correlation_id = fields.Char(readonly=True, index="btree_not_null")
    ordering_key = fields.Char(readonly=True, help="Messages with the same key are applied in the order they came")
    # The text as it came or goes, byte for byte. Kept out of prefetch: it may be large.
    payload = fields.Text(readonly=True, prefetch=False, groups="edi_gateway.group_operator")
    payload_sha256 = fields.Char("SHA-256", readonly=True)
    content_sha256 = fields.Char(readonly=True, help="Of the document without where it was read from")
    state = fields.Selection(STATES, required=True, readonly=True, index=True, tracking=False)
    business_state = fields.Selection(
        [("none", "None"), ("accepted", "Accepted"), ("rejected", "Rejected")],
        required=True,
        readonly=True,
        default="none",
    )
    overdue = fields.Boolean("Acknowledgement overdue", readonly=True)
    error_code = fields.Selection(
        [(code, code.replace("_", " ").capitalize()) for code in problem.CODES], readonly=True
    )
    error_text = fields.Text(readonly=True)
    attempts = fields.Integer(readonly=True, default=0)
    next_try_at = fields.Datetime(readonly=True)
    processed_at = fields.Datetime(readonly=True)
    waits_for = fields.Char(readonly=True, help="Normalised number of the purchase order it waits for")
    source_key_id = fields.Many2one("edi.gateway.key", string="Received with key", readonly=True)
    corrected_by_id = fields.Many2one("edi.gateway.message", "Corrected by", readonly=True, copy=False)
    gateway_message_uid = fields.Char("Gateway message", readonly=True)
    # Outbox: a row is leased to one caller at a time; the token fences callers whose lease ran out.
    outbox_uid = fields.Char(readonly=True, copy=False)
    lease_token = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)
    lease_until = fields.Datetime(readonly=True, copy=False)
    taken_at = fields.Datetime("Taken by the gateway", readonly=True, copy=False)
    report_pending = fields.Boolean(readonly=True, copy=False)
    report_number = fields.Integer(readonly=True, copy=False, default=0)
    record_ids = fields.One2many("edi.gateway.message.record", "message_id", string="Records", readonly=True)
    log_ids = fields.One2many("edi.gateway.message.log", "message_id", string="Log", readonly=True)
    has_open_error = fields.Boolean(compute="_compute_has_open_error", search="_search_has_open_error")

    def init(self):
        """Unique keys and the partial indexes of the queues, the same on every Odoo version."""
        table = SQL.identifier(self._table)
        for statement in (
            "CREATE UNIQUE INDEX IF NOT EXISTS edi_gateway_message_key ON %s (direction, idempotency_key)",
            "CREATE UNIQUE INDEX IF NOT EXISTS edi_gateway_message_outbox ON %s (outbox_uid)",
            "CREATE INDEX IF NOT EXISTS edi_gateway_message_uid ON %s (message_uid, revision)",
            "CREATE INDEX IF NOT EXISTS edi_gateway_message_inbox ON %s (next_try_at, id) "
            "WHERE direction = 'in' AND state IN ('received', 'waiting')",
            "CREATE INDEX IF NOT EXISTS edi_gateway_message_ordering ON %s (ordering_key, id) WHERE direction = 'in'",
            "CREATE INDEX IF NOT EXISTS edi_gateway_message_queue ON %s (id) "
            "WHERE report_pending OR (direction = 'out' AND state = 'queued')",
            "CREATE INDEX IF NOT EXISTS edi_gateway_message_waits ON %s (waits_for) WHERE state = 'waiting'",
        ):
            self.env.cr.execute(SQL(statement, table))

    @api.depends("state", "business_state", "overdue", "corrected_by_id")
    def _compute_has_open_error(self):
        for message in self:
            message.has_open_error = message._is_open_error()

    def _is_open_error(self):
        wrong = self.state in states.OPEN_ERRORS or self.business_state == "rejected" or self.overdue
        return wrong and not self.corrected_by_id

    def _search_has_open_error(self, operator, value):
        if operator not in ("=", "!=", "in"):
            raise UserError(self.env._("Only = and != are possible here."))
        wanted = bool(value) if operator != "!=" else not value
        if operator == "in":
            wanted = True in value
        domain = [
            "&",
            ("corrected_by_id", "=", False),
            "|",
            "|",
            ("state", "in", states.OPEN_ERRORS),
            ("business_state", "=", "rejected"),
            ("overdue", "=", True),
        ]
        return domain if wanted else ["!", *domain]

    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for message in self:
            message.display_name = (
                f"{kinds.get(message.kind, message.kind)} {message.document_number or message.message_uid}"
            )

    # States ------------------------------------------------------------------------------------------------------

    def _set_state(self, state, error=None, text=None, actor=None, **values):
        """Moves one message to a state, with log row, report to the gateway, and activity or its end.

        `error` is a Problem; `text` an explanation for the log; `actor` who did it when not the current user. Moving to
        the state it is in writes values and error, and a log row only when the text is new.
        """
        self.ensure_one()
        before = self.state
        if state != before and not states.may_move(self.direction, before, state):
            raise UserError(
                self.env._(
                    "A message in state %(before)s cannot become %(after)s.",
                    before=self._state_name(before),
                    after=self._state_name(state),
                )
            )
        explanation = error.text if error else text
        repeated = state == before and explanation == self.error_text
        values.update(
            state=state,
            error_code=error.code if error else False,
            error_text=error.text if error else False,
        )
        if self.direction == "in" and state in states.REPORTED and not repeated:
            values.update(report_pending=True, report_number=self.report_number + 1, lease_until=False)
        self.write(values)
        if not repeated:
            self._log(before, state, explanation, actor)
        self._follow_up()

    def _log(self, before, after, text=None, actor=None):
        self.env["edi.gateway.message.log"].sudo().create(
            {
                "message_id": self.id,
                "actor": actor or self.env.user.login,
                "from_state": before,
                "to_state": after,
                "text": text,
            }
        )

    def _state_name(self, state):
        return dict(self._fields["state"]._description_selection(self.env)).get(state, state)

    def _follow_up(self):
        """One open activity per message in error, for the responsible person; none when all is well again."""
        activity_type = "mail.mail_activity_data_warning"
        if not self._is_open_error():
            self.activity_unlink([activity_type])
            return
        responsible = self.trading_partner_id.responsible_user_id or self._fallback_responsible()
        note = self.error_text or self._state_name(self.state)
        activity = self.activity_ids.filtered(
            lambda a: a.activity_type_id == self.env.ref(activity_type) and a.user_id == responsible
        )[:1]
        if activity:
            activity.write({"note": note})
            return
        self.activity_schedule(
            activity_type,
            summary=self.env._("EDI: %(document)s", document=self.display_name),
            note=note,
            user_id=responsible.id,
        )

    def _fallback_responsible(self):
        """Who hears of messages without a trading partner: an EDI manager of the company, else the administrator."""
        managers = group_users(self.env.ref("edi_gateway.group_manager").sudo())
        return managers.filtered(lambda user: self.company_id in user.company_ids)[:1] or self.env.ref(
            "base.user_admin"
        )

    # Records -----------------------------------------------------------------------------------------------------

    def _link(self, records, note):
        """Links records to the message and notes it on their chatter, once per record and text."""
        self.ensure_one()
        known = {(row.res_model, row.res_id) for row in self.record_ids}
        self.env["edi.gateway.message.record"].sudo().create(
            [
                {"message_id": self.id, "res_model": record._name, "res_id": record.id}
                for record in records
                if (record._name, record.id) not in known
            ]
        )
        for record in records:
            self._note_on(record, note)

    def _note_on(self, record, text):
        body = Markup("<p>%s</p>") % text + Markup("<p>%s</p>") % self._get_html_link(title=self.display_name)
        last = record.sudo().message_ids[:1]
        if last and last.body == body:
            return
        record.message_post(body=body, subtype_xmlid="mail.mt_note")

    def _records(self):
        """The linked records that still exist, as one list of single records."""
        found = []
        for row in self.record_ids.sorted("id"):
            record = self.env[row.res_model].browse(row.res_id).exists()
            if record:
                found.append(record)
        return found

    def _status(self):
        """What the gateway is told: the answer of GET /messages/<id> and the body of a status report."""
        self.ensure_one()
        status = {
            "id": self.message_uid,
            "revision": self.revision,
            "state": self.state,
            "records": [{"model": r._name, "id": r.id, "name": r.display_name} for r in self.sudo()._records()],
        }
        if self.error_code:
            status["error"] = {"code": self.error_code, "text": self.error_text or self.error_code}
        return status

    def _message(self):
        """The Message as stored."""
        self.ensure_one()
        return json.loads(self.sudo().payload)

    # What operators do -------------------------------------------------------------------------------------------

    def action_retry(self):
        """Inbound: process again. Outbound in error: build again from the record as it is now; held or dead: queue again."""
        self.check_access("write")
        for message in self:
            if message.direction == "in":
                message.sudo()._set_state(
                    "received",
                    text=self.env._("Retry"),
                    actor=self.env.user.login,
                    next_try_at=fields.Datetime.now(),
                    attempts=0,
                )
            else:
                message.sudo()._rebuild(self.env.user.login)
        self.env["edi.gateway.message"]._wake_inbox()

    def action_ignore(self):
        self.check_access("write")
        for message in self.filtered(lambda m: m.direction == "in"):
            message.sudo()._set_state("ignored", text=self.env._("Ignored by hand"), actor=self.env.user.login)

    def action_correct(self):
        """Outbound: a new revision built from the record as it is now, for what was refused or turned out wrong."""
        self.ensure_one()
        self.check_access("write")
        correctable = ("held", "rejected", "dead", "accepted", "accepted_with_errors")
        if self.direction != "out" or self.state not in correctable or self.corrected_by_id:
            raise UserError(self.env._("Only a document that was answered, and not corrected yet, can be corrected."))
        row = self.sudo()
        records = row._records()
        if not records:
            raise UserError(self.env._("There is no record of this message yet."))
        new = records[0]._edi_gateway_correct(row)
        actor = self.env.user.login
        if row.state == "held":
            row._set_state("cancelled", text=self.env._("Corrected"), actor=actor)
        else:
            row._log(row.state, row.state, self.env._("Corrected by revision %s", new.revision), actor)
        row.corrected_by_id = new
        row._follow_up()
        return {"type": "ir.actions.act_window", "res_model": self._name, "res_id": new.id, "view_mode": "form"}

    def action_cancel(self):
        self.check_access("write")
        for message in self.filtered(lambda m: m.direction == "out"):
            if message.state == "queued" and message.taken_at:
                raise UserError(self.env._("The gateway has taken this document already; cancel it there."))
            message.sudo()._set_state("cancelled", text=self.env._("Cancelled by hand"), actor=self.env.user.login)

    def action_open_records(self):
        self.ensure_one()
        records = self._records()
        if not records:
            raise UserError(self.env._("There is no record of this message yet."))
        model = records[0]._name
        ids = [record.id for record in records if record._name == model]
        action = {"type": "ir.actions.act_window", "res_model": model, "name": self.display_name}
        if len(ids) == 1:
            return {**action, "view_mode": "form", "res_id": ids[0]}
        return {**action, "view_mode": "list,form", "domain": [("id", "in", ids)]}
