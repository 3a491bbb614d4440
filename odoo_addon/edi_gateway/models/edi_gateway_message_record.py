from odoo import api, fields, models


class EdiGatewayMessageRecord(models.Model):
    """A record a message led to (a receipt) or was made from (a delivery)."""

    _name = "edi.gateway.message.record"
    _description = "EDI Message Record"
    _log_access = False

    message_id = fields.Many2one("edi.gateway.message", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="message_id.company_id")
    res_model = fields.Char("Model", required=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", required=True)

    def init(self):
        self.env.cr.execute(
            "CREATE UNIQUE INDEX IF NOT EXISTS edi_gateway_message_record_key "
            "ON edi_gateway_message_record (res_model, res_id, message_id)"
        )

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        for row in rows:
            # The smart button's fields depend on rows found by search, which the ORM cannot see.
            self.env[row.res_model].browse(row.res_id).invalidate_recordset(
                ["edi_gateway_message_ids", "edi_gateway_message_count", "edi_gateway_error_count"]
            )
        return rows
