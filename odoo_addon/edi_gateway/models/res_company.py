import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..compat import PACKAGE_MODEL
from ..lib import gs1
from ..lib.problem import Problem


class ResCompany(models.Model):
    _inherit = "res.company"

    edi_gateway_code = fields.Char(
        "EDI code", help="The company's name in messages of the gateway; empty for a single company"
    )
    edi_gateway_gs1_prefix = fields.Char("GS1 company prefix", help="For SSCCs: 4 to 12 digits")
    edi_gateway_sscc_extension = fields.Char("SSCC extension digit", default="0")
    edi_gateway_sscc_on_pack = fields.Boolean("SSCC when packing", help="Put in Pack names the package by a new SSCC")

    @api.constrains("edi_gateway_gs1_prefix", "edi_gateway_sscc_extension")
    def _check_edi_gateway_gs1(self):
        for company in self:
            if company.edi_gateway_gs1_prefix and not re.fullmatch(r"\d{4,12}", company.edi_gateway_gs1_prefix):
                raise ValidationError(self.env._("A GS1 company prefix has 4 to 12 digits."))
            if not re.fullmatch(r"\d", company.edi_gateway_sscc_extension or "0"):
                raise ValidationError(self.env._("The SSCC extension is one digit."))

    @api.constrains("edi_gateway_code")
    def _check_edi_gateway_code(self):
        for company in self.filtered("edi_gateway_code"):
            if self.search_count([("edi_gateway_code", "=", company.edi_gateway_code)]) > 1:
                raise ValidationError(self.env._("Another company has the EDI code %s.", company.edi_gateway_code))

    def _edi_gateway_next_sscc(self):
        """A new SSCC of this company. Serial numbers are drawn from a PostgreSQL sequence, so none is given twice."""
        self.ensure_one()
        Package = self.env[PACKAGE_MODEL].sudo()
        sequence = self._edi_gateway_sequence()
        try:
            while True:
                serial = int(sequence.next_by_id())
                number = gs1.sscc(self.edi_gateway_gs1_prefix, self.edi_gateway_sscc_extension or "0", serial)
                if not Package.search_count([("name", "=", number)], limit=1):
                    return number
        except ValueError as error:
            raise Problem("content_missing", self.env._("No SSCC can be made: %s", error)) from error

    def _edi_gateway_sequence(self):
        sequences = self.env["ir.sequence"].sudo()
        found = sequences.search([("code", "=", "edi_gateway.sscc"), ("company_id", "=", self.id)], limit=1)
        return found or sequences.create(
            {
                "name": f"SSCC {self.name}",
                "code": "edi_gateway.sscc",
                "company_id": self.id,
                "implementation": "standard",
                "padding": 0,
            }
        )
