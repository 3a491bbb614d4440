import logging
import re
import secrets
import time

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..lib import tokens

_logger = logging.getLogger(__name__)


class EdiGatewayKey(models.Model):
    """A credential the gateway shows. API keys are kept as hash only; a JWT secret can be set but never read again."""

    _name = "edi.gateway.key"
    _description = "EDI Gateway Key"
    _inherit = ["mail.thread"]
    _rec_name = "kid"
    _order = "kid"

    kid = fields.Char("Key ID", required=True, copy=False)
    kind = fields.Selection([("jwt", "JWT, HS256"), ("api_key", "API key")], required=True, default="jwt")
    active = fields.Boolean(default=True, tracking=True)
    user_id = fields.Many2one(
        "res.users",
        "Runs as",
        required=True,
        tracking=True,
        help="Requests with this key see the companies of this user and nothing else.",
    )
    issuer = fields.Char(help="The `iss` claim a JWT must carry")
    scope_inbox = fields.Boolean("May hand over messages", default=True, tracking=True)
    scope_outbox = fields.Boolean("May fetch the outbox", default=True, tracking=True)
    expires_at = fields.Datetime(tracking=True)
    last_used_at = fields.Datetime(readonly=True, copy=False)
    # No one reads these through Odoo, managers included: only code running as superuser does.
    secret = fields.Char(copy=False, groups=fields.NO_ACCESS)
    secret_hash = fields.Char(copy=False, groups=fields.NO_ACCESS)
    new_secret = fields.Char(
        "Set secret", compute="_compute_new_secret", inverse="_inverse_new_secret", help="At least 32 characters"
    )
    has_secret = fields.Boolean(compute="_compute_has_secret")

    def init(self):
        self.env.cr.execute("CREATE UNIQUE INDEX IF NOT EXISTS edi_gateway_key_kid ON edi_gateway_key (kid)")

    @api.constrains("kid")
    def _check_kid(self):
        for key in self:
            if not re.fullmatch(tokens.KID, key.kid):
                raise ValidationError(self.env._("A key ID is made of letters, digits, dots and hyphens."))

    @api.constrains("kind", "issuer")
    def _check_issuer(self):
        for key in self:
            if key.kind == "jwt" and not key.issuer:
                raise ValidationError(self.env._("A JWT key needs the issuer whose tokens it accepts."))

    def _compute_new_secret(self):
        self.new_secret = False

    @api.depends("kind")
    def _compute_has_secret(self):
        for key in self.sudo():
            key.has_secret = bool(key.secret if key.kind == "jwt" else key.secret_hash)

    def _inverse_new_secret(self):
        for key in self.filtered("new_secret"):
            if key.kind != "jwt":
                raise UserError(self.env._("An API key is generated, not set."))
            if len(key.new_secret) < 32:
                raise UserError(self.env._("A JWT secret has at least 32 characters."))
            key.sudo().secret = key.new_secret
        self.invalidate_recordset(["new_secret"])

    def action_generate(self):
        """Makes a new secret and shows it once; the old one ends at once."""
        self.ensure_one()
        text = self._generate()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Copy this now: it is not shown again"),
                "message": text,
                "sticky": True,
                "type": "warning",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _generate(self):
        """A new secret for this key → what the gateway is to be configured with."""
        self.ensure_one()
        self.check_access("write")
        if self.kind == "jwt":
            text = secrets.token_urlsafe(48)
            self.sudo().secret = text
        else:
            text = f"edigw_{self.kid}_{secrets.token_hex(32)}"
            self.sudo().secret_hash = tokens.api_key_hash(text)
        self.message_post(body=self.env._("A new secret was generated."))
        return text

    @api.model
    def _authenticate(self, header):
        """The Authorization header → (key as superuser, actor for logs). Raises tokens.Refused."""
        presented = tokens.read_authorization(header)
        key = self.sudo().search([("kid", "=", presented.kid)], limit=1)
        if not key:
            raise tokens.Refused(f"unknown key {presented.kid}")
        if key.expires_at and key.expires_at <= fields.Datetime.now():
            raise tokens.Refused(f"key {key.kid} has expired")
        if not key.user_id.active:
            raise tokens.Refused(f"the user of key {key.kid} is archived")
        if not key.user_id.has_group("edi_gateway.group_api"):
            raise tokens.Refused(f"the user of key {key.kid} is not in the group for the gateway")
        actor = key.kid
        if isinstance(presented, tokens.ApiKey):
            if key.kind != "api_key":
                raise tokens.Refused(f"key {key.kid} is no API key")
            tokens.check_api_key(presented, key.secret_hash)
        else:
            if key.kind != "jwt" or not key.secret:
                raise tokens.Refused(f"key {key.kid} is no JWT key")
            actor = f"{key.kid}/{tokens.check_jwt(presented, key.secret, key.issuer, time.time())}"
        key._touch()
        return key, actor

    def _touch(self):
        """Notes the use, once an hour and in a transaction of its own: written in the request's, parallel requests of one
        key would fail to serialise. Losing that race means that another request has just noted it."""
        self.ensure_one()
        now = fields.Datetime.now()
        before = fields.Datetime.subtract(now, hours=1)
        if self.last_used_at and self.last_used_at > before:
            return
        with self.env.registry.cursor() as cr:
            cr.execute(
                """
                UPDATE edi_gateway_key SET last_used_at = %s WHERE id IN (
                    SELECT id FROM edi_gateway_key
                    WHERE id = %s AND (last_used_at IS NULL OR last_used_at <= %s) FOR UPDATE SKIP LOCKED)
                """,
                [now, self.id, before],
                log_exceptions=False,
            )
        self.invalidate_recordset(["last_used_at"])
