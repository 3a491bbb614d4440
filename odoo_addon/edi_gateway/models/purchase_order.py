from odoo import api, fields, models

from ..lib.numbers import normalised_number


class PurchaseOrder(models.Model):
    _name = "purchase.order"
    _inherit = ["purchase.order", "edi.gateway.mixin"]

    edi_gateway_order_key = fields.Char(
        compute="_compute_edi_gateway_order_key", store=True, index=True, help="The number as partners may write it"
    )

    @api.depends("name")
    def _compute_edi_gateway_order_key(self):
        for order in self:
            order.edi_gateway_order_key = normalised_number(order.name)

    def button_approve(self, force=False):
        result = super().button_approve(force=force)
        for order in self:
            self.env["edi.gateway.message"]._wake_waiting(order.company_id, order.name)
        return result

    def _compute_edi_gateway_messages(self):
        """An order shows the messages of its receipts."""
        super()._compute_edi_gateway_messages()
        for order in self:
            messages = order.edi_gateway_message_ids | order.picking_ids.edi_gateway_message_ids
            order.edi_gateway_message_ids = messages
            order.edi_gateway_message_count = len(messages)
            order.edi_gateway_error_count = len(messages.filtered("has_open_error"))
