from odoo import fields, models


class SaleOrder(models.Model):
    """As the partner ordered: what documents must repeat. From the partner's order, or typed in."""

    _name = "sale.order"
    _inherit = ["sale.order", "edi.gateway.mixin"]

    edi_gateway_order_date = fields.Date("Customer's Order Date", copy=False)
    edi_gateway_department = fields.Char("Department", copy=False, help="The buyer's department number")
    edi_gateway_store = fields.Char("Store", copy=False, help="The buying store, as numbered by the buyer")

    def _compute_edi_gateway_messages(self):
        """An order shows the messages of its deliveries."""
        super()._compute_edi_gateway_messages()
        for order in self:
            messages = order.edi_gateway_message_ids | order.picking_ids.edi_gateway_message_ids
            order.edi_gateway_message_ids = messages
            order.edi_gateway_message_count = len(messages)
            order.edi_gateway_error_count = len(messages.filtered("has_open_error"))
