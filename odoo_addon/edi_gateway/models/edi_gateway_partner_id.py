from odoo import api, fields, models

SCHEMES = [
    ("gln", "GLN"),
    ("duns", "DUNS"),
    ("duns4", "DUNS + 4"),
    ("scac", "SCAC"),
    ("buyerAssigned", "Assigned by the buyer"),
    ("supplierAssigned", "Assigned by the supplier"),
    ("vat", "VAT"),
    ("taxId", "Tax ID"),
    ("mutual", "Mutually defined"),
]


class EdiGatewayPartnerId(models.Model):
    """One identifier in documents with a trading partner: of them, of one of their addresses, or of us."""

    _name = "edi.gateway.partner.id"
    _description = "EDI Party Identifier"
    _order = "trading_partner_id, is_ours, id"
    _rec_name = "value"
    _check_company_auto = True

    trading_partner_id = fields.Many2one("edi.gateway.partner", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="trading_partner_id.company_id", store=True, index=True)
    is_ours = fields.Boolean("Ours", help="How they know us, not we them")
    partner_id = fields.Many2one("res.partner", "Address", help="Empty: the trading partner itself")
    scheme = fields.Selection(SCHEMES, required=True)
    value = fields.Char(required=True)

    def init(self):
        self.env.cr.execute(
            "CREATE UNIQUE INDEX IF NOT EXISTS edi_gateway_partner_id_key ON edi_gateway_partner_id "
            "(trading_partner_id, is_ours, scheme, value)"
        )

    @api.model
    def _trading_partners(self, company, role, ids):
        """Active trading partners in a role that any of the ids ({scheme, value}) names."""
        found = self.env["edi.gateway.partner"]
        for one in ids:
            found |= self.search(
                [
                    ("company_id", "=", company.id),
                    ("is_ours", "=", False),
                    ("scheme", "=", one["scheme"]),
                    ("value", "=", one["value"]),
                    ("trading_partner_id.role", "=", role),
                    ("trading_partner_id.active", "=", True),
                ]
            ).trading_partner_id
        return found
