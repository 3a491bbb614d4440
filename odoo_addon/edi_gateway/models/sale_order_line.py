from odoo import fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    edi_gateway_line_number = fields.Char("Customer's Line", copy=False)
    edi_gateway_item_code = fields.Char("Customer's Item", copy=False)
    edi_gateway_uom_code = fields.Char("Customer's Unit", copy=False, help="UN/ECE Rec 20 code the customer ordered in")
