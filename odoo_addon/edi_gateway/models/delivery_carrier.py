from odoo import fields, models


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    edi_gateway_scac = fields.Char("SCAC", help="Standard Carrier Alpha Code, for shipment notices")
