from odoo import fields, models
from odoo.exceptions import UserError


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    edi_gateway_environment = fields.Selection(
        [("test", "Test"), ("production", "Production")],
        config_parameter="edi_gateway.environment",
        string="EDI environment",
    )
    edi_gateway_paused = fields.Boolean("Pause intake", config_parameter="edi_gateway.paused")
    edi_gateway_url = fields.Char("Gateway address", config_parameter="edi_gateway.gateway_url")
    edi_gateway_token = fields.Char("Gateway token", config_parameter="edi_gateway.gateway_token")
    edi_gateway_push = fields.Boolean("Push documents", config_parameter="edi_gateway.push")
    edi_gateway_push_stopped = fields.Char(config_parameter="edi_gateway.push_stopped", readonly=True)
    edi_gateway_binding = fields.Selection(
        [("bound", "Bound"), ("not_bound", "Not bound"), ("binding_mismatch", "Bound as another database")],
        compute="_compute_edi_gateway_binding",
    )
    edi_gateway_code = fields.Char(related="company_id.edi_gateway_code", readonly=False)
    edi_gateway_gs1_prefix = fields.Char(related="company_id.edi_gateway_gs1_prefix", readonly=False)
    edi_gateway_sscc_extension = fields.Char(related="company_id.edi_gateway_sscc_extension", readonly=False)
    edi_gateway_sscc_on_pack = fields.Boolean(related="company_id.edi_gateway_sscc_on_pack", readonly=False)

    def _compute_edi_gateway_binding(self):
        self.edi_gateway_binding = self.env["edi.gateway.binding"]._state()

    def action_edi_gateway_bind(self):
        self.ensure_one()
        if not self.edi_gateway_environment:
            raise UserError(self.env._("Choose whether this is a test or the production database first."))
        self.env["edi.gateway.binding"]._bind(self.edi_gateway_environment)
        return {"type": "ir.actions.client", "tag": "reload"}

    def action_edi_gateway_start_push(self):
        self.env["edi.gateway.binding"]._set("push_stopped", False)
        self.env["edi.gateway.message"]._wake_push()
        return {"type": "ir.actions.client", "tag": "reload"}
