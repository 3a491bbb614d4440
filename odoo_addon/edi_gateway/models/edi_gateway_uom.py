from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..compat import convertible, packagings
from ..lib import gs1
from ..lib.numbers import is_packaging
from ..lib.problem import Problem


class EdiGatewayUom(models.Model):
    """Which Odoo unit a code of documents (UN/ECE Rec 20) stands for. Package codes stand for none: see `_factor`."""

    _name = "edi.gateway.uom"
    _description = "EDI Unit Code"
    _order = "trading_partner_id, sequence, id"
    _rec_name = "code"

    code = fields.Char(required=True, help="UN/ECE Rec 20, packages with X in front")
    uom_id = fields.Many2one("uom.uom", "Unit", required=True, ondelete="cascade")
    trading_partner_id = fields.Many2one(
        "edi.gateway.partner", index=True, ondelete="cascade", help="Empty: for all of them"
    )
    sequence = fields.Integer(default=10, help="The first code of a unit is the one sent")

    def init(self):
        self.env.cr.execute(
            "CREATE UNIQUE INDEX IF NOT EXISTS edi_gateway_uom_key ON edi_gateway_uom "
            "(code, COALESCE(trading_partner_id, 0))"
        )

    @api.constrains("code")
    def _check_code(self):
        for row in self:
            if is_packaging(row.code) and not row.trading_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(code)s is a package: what is in it depends on the product. Set the quantity on the product's "
                        "packaging or in the partner's products.",
                        code=row.code,
                    )
                )

    @api.model
    def _unit(self, code, trading_partner):
        """The Odoo unit of a code, the partner's own row first; empty when there is none."""
        rows = self.search([("code", "=", code), ("trading_partner_id", "in", [trading_partner.id, False])])
        return (rows.filtered("trading_partner_id") or rows)[:1].uom_id

    @api.model
    def _code(self, unit, trading_partner):
        """The code sent for an Odoo unit, or None."""
        rows = self.search([("uom_id", "=", unit.id), ("trading_partner_id", "in", [trading_partner.id, False])])
        return (rows.filtered("trading_partner_id") or rows)[:1].code or None

    @api.model
    def _factor(self, product, uom, product_ids, trading_partner):
        """How many of the product's own unit one `uom` of a document is → Decimal. Raises Problem, never guesses 1.

        In this order: the partner's product row for that unit; a package code through the packaging whose GTIN the line
        names, or the product's only packaging; a measure through the unit table, unless the line names a case by its GTIN.
        """
        own = self.env["edi.gateway.product"]._for(product, trading_partner, uom)
        if own:
            return Decimal(str(own.factor))
        gtins = {
            spelling
            for one in product_ids
            if one["scheme"] in gs1.GTIN_SCHEMES
            for spelling in gs1.gtin_spellings(one["value"])
        }
        packs = packagings(product)
        named = [pieces for _unit, barcode, pieces in packs if barcode in gtins]
        if is_packaging(uom):
            unit = self._unit(uom, trading_partner)
            of_unit = [pieces for pack_unit, _barcode, pieces in packs if unit and pack_unit == unit]
            sizes = named or of_unit or [pieces for _unit, _barcode, pieces in packs]
            if len(set(sizes)) == 1:
                return Decimal(str(sizes[0]))
            raise Problem(
                "unit_unknown",
                self.env._(
                    "It is not known how many of %(product)s are in one %(uom)s: set a packaging on the product, or the "
                    "factor in the products of trading partner %(partner)s.",
                    product=product.display_name,
                    uom=uom,
                    partner=trading_partner.name,
                ),
            )
        if named:
            raise Problem(
                "unit_ambiguous",
                self.env._(
                    "%(product)s is named by the GTIN of a packaging but counted in %(uom)s: say in the products of trading "
                    "partner %(partner)s how many pieces one %(uom)s is.",
                    product=product.display_name,
                    uom=uom,
                    partner=trading_partner.name,
                ),
            )
        unit = self._unit(uom, trading_partner)
        if not unit or not convertible(unit, product.uom_id):
            raise Problem(
                "unit_unknown",
                self.env._(
                    "Unit %(uom)s cannot be converted to %(unit)s, the unit of %(product)s.",
                    uom=uom,
                    unit=product.uom_id.name,
                    product=product.display_name,
                ),
            )
        return Decimal(str(unit._compute_quantity(1, product.uom_id, round=False)))
