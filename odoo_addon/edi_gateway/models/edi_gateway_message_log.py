from odoo import fields, models
from odoo.exceptions import UserError


class EdiGatewayMessageLog(models.Model):
    """What happened to a message, in order. Rows are added and never changed."""

    _name = "edi.gateway.message.log"
    _description = "EDI Message Log"
    _order = "id"
    _log_access = False

    message_id = fields.Many2one("edi.gateway.message", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="message_id.company_id")
    at = fields.Datetime(required=True, default=fields.Datetime.now)
    actor = fields.Char(required=True, help="User login, or key and subject of the gateway")
    from_state = fields.Char()
    to_state = fields.Char(required=True)
    text = fields.Text()

    def write(self, vals):
        raise UserError(self.env._("The log of a message cannot be changed."))

    def unlink(self):
        raise UserError(self.env._("The log of a message cannot be deleted."))
