from odoo import api, fields, models
from odoo.exceptions import UserError

PREFIX = "edi_gateway."


class EdiGatewayBinding(models.AbstractModel):
    """Settings of the connection, and its binding: database uuid, address, environment and place a manager has confirmed.

    A copied, restored or moved database no longer matches, and refuses until a manager binds it again. The place tells
    a copy that still has uuid and address of the original.
    """

    _name = "edi.gateway.binding"
    _description = "EDI Gateway Connection"

    @api.model
    def _get(self, name, default=""):
        return self.env["ir.config_parameter"].sudo().get_param(PREFIX + name) or default

    @api.model
    def _set(self, name, value):
        self.env["ir.config_parameter"].sudo().set_param(PREFIX + name, value or False)

    @api.model
    def _identity(self):
        parameters = self.env["ir.config_parameter"].sudo()
        return {"uuid": parameters.get_param("database.uuid") or "", "url": parameters.get_param("web.base.url") or ""}

    @api.model
    def _place(self):
        """Which database of which PostgreSQL cluster this is: `<oid>@<system identifier>`. A dump that is restored or a
        database that is copied gets another one; a failover to a physical replica keeps it."""
        self.env.cr.execute(
            "SELECT oid, has_function_privilege('pg_control_system()', 'execute') FROM pg_database "
            "WHERE datname = current_database()"
        )
        oid, allowed = self.env.cr.fetchone()
        if not allowed:
            return str(oid)
        self.env.cr.execute("SELECT system_identifier FROM pg_control_system()")
        return f"{oid}@{self.env.cr.fetchone()[0]}"

    @api.model
    def _state(self):
        """`bound`, `not_bound` or `binding_mismatch`."""
        if not self._get("bound_uuid"):
            return "not_bound"
        identity = self._identity()
        bound = (self._get("bound_uuid"), self._get("bound_url"), self._get("bound_place"))
        return "bound" if bound == (identity["uuid"], identity["url"], self._place()) else "binding_mismatch"

    @api.model
    def _environment(self):
        """`test` or `production`, as confirmed when binding."""
        return self._get("environment")

    @api.model
    def _bind(self, environment):
        """Binds this database as it is now. For managers only: called by the settings page and by set-up scripts."""
        if not self.env.su and not self.env.user.has_group("edi_gateway.group_manager"):
            raise UserError(self.env._("Only an EDI manager can bind the database to the gateway."))
        identity = self._identity()
        self._set("bound_uuid", identity["uuid"])
        self._set("bound_url", identity["url"])
        self._set("bound_place", self._place())
        self._set("environment", environment)
        self._set("bound_at", fields.Datetime.to_string(fields.Datetime.now()))
        self._set("bound_by", self.env.user.login)

    @api.model
    def _unbind(self):
        for name in ("bound_uuid", "bound_url", "bound_place", "bound_at", "bound_by"):
            self._set(name, False)
