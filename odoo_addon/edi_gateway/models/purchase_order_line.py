from odoo import models


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    def _create_stock_moves(self, picking):
        """A quantity added to an order later is not part of what a shipment notice told: it goes to an open receipt of
        the order without a notice, or to a new one."""
        if picking.edi_gateway_notice_number and any(line._edi_gateway_adds() for line in self):
            order = picking.purchase_id or self.order_id[:1]
            others = order.picking_ids.filtered(
                lambda other: (
                    other.state not in ("done", "cancel")
                    and not other.edi_gateway_notice_number
                    and other.picking_type_id == picking.picking_type_id
                )
            )
            picking = others[:1] or self.env["stock.picking"].create(order._prepare_picking())
        return super()._create_stock_moves(picking)

    def _edi_gateway_adds(self):
        return self.product_qty > self._get_qty_procurement()
