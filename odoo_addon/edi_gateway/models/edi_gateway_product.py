from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..compat import packaging_products
from ..lib import gs1
from ..lib.numbers import decimal_text, is_packaging
from ..lib.problem import Problem

#: Identifier schemes of a line, by who gave the number.
BUYER_SCHEMES = ("buyer",)
SUPPLIER_SCHEMES = ("supplier", "supplierSku", "manufacturer")


class EdiGatewayProduct(models.Model):
    """A product as one trading partner knows it: their item code, GTIN, and what one of their units holds."""

    _name = "edi.gateway.product"
    _description = "EDI Partner Product"
    _order = "trading_partner_id, product_id, id"
    _rec_name = "partner_code"
    _check_company_auto = True

    trading_partner_id = fields.Many2one("edi.gateway.partner", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="trading_partner_id.company_id", store=True)
    product_id = fields.Many2one("product.product", required=True, index=True, ondelete="cascade", check_company=True)
    partner_code = fields.Char("Their item code", index="btree_not_null")
    gtin = fields.Char("GTIN", help="Where it is not the product's barcode, e.g. of their case")
    uom_code = fields.Char("Unit code", help="UN/ECE Rec 20 code they order and ship in, e.g. EA or XCS")
    factor = fields.Float(
        "Contains", default=1.0, digits=(16, 6), help="Pieces of the product's own unit in one of that unit"
    )

    @api.constrains("factor")
    def _check_factor(self):
        if any(row.factor <= 0 for row in self):
            raise ValidationError(self.env._("A unit contains more than nothing."))

    @api.constrains("gtin")
    def _check_gtin(self):
        for row in self.filtered("gtin"):
            if not gs1.gtin_scheme(row.gtin):
                raise ValidationError(self.env._("%(gtin)s is not a valid GTIN.", gtin=row.gtin))

    @api.model
    def _for(self, product, trading_partner, uom=None):
        """The partner's row of a product; with `uom` the one for that unit only."""
        rows = self.search([("trading_partner_id", "=", trading_partner.id), ("product_id", "=", product.id)])
        return rows.filtered(lambda row: row.uom_code == uom)[:1] if uom else rows[:1]

    @api.model
    def _resolve(self, product_ids, trading_partner, line_name):
        """The product of a line by its identifiers: GTIN, then the partner's codes, then ours. Raises Problem."""
        company = trading_partner.company_id
        for find in (self._by_gtin, self._by_partner_code, self._by_supplier_code, self._by_own_code):
            found = find(product_ids, trading_partner)
            found = found.filtered(lambda product: product.company_id.id in (False, company.id))
            if len(found) == 1:
                return found
            if found:
                raise Problem(
                    "product_ambiguous",
                    self.env._(
                        "%(line)s (%(ids)s) fits several products: %(products)s.",
                        line=line_name.capitalize(),
                        ids=_shown(product_ids),
                        products=", ".join(found.mapped("display_name")),
                    ),
                )
        raise Problem(
            "product_unknown",
            self.env._(
                "No product fits %(line)s (%(ids)s). Add the code to the products of trading partner %(partner)s, or the GTIN "
                "as barcode of the product.",
                line=line_name,
                ids=_shown(product_ids) or "-",
                partner=trading_partner.name,
            ),
        )

    def _by_gtin(self, product_ids, trading_partner):
        products = self.env["product.product"]
        for one in product_ids:
            if one["scheme"] in gs1.GTIN_SCHEMES:
                spellings = gs1.gtin_spellings(one["value"])
                products |= self.search(
                    [("trading_partner_id", "=", trading_partner.id), ("gtin", "in", spellings)]
                ).product_id
                products |= products.search([("barcode", "in", spellings)])
                products |= packaging_products(self.env, spellings, trading_partner.company_id)
        return products

    def _by_partner_code(self, product_ids, trading_partner):
        theirs = SUPPLIER_SCHEMES if trading_partner.role == "supplier" else BUYER_SCHEMES
        codes = [one["value"] for one in product_ids if one["scheme"] in theirs]
        return self.search([("trading_partner_id", "=", trading_partner.id), ("partner_code", "in", codes)]).product_id

    def _by_supplier_code(self, product_ids, trading_partner):
        products = self.env["product.product"]
        codes = [one["value"] for one in product_ids if one["scheme"] in SUPPLIER_SCHEMES]
        if trading_partner.role != "supplier" or not codes:
            return products
        rows = self.env["product.supplierinfo"].search(
            [
                ("partner_id", "child_of", trading_partner.partner_id.commercial_partner_id.id),
                ("product_code", "in", codes),
                ("company_id", "in", [trading_partner.company_id.id, False]),
            ]
        )
        for row in rows:
            products |= row.product_id or row.product_tmpl_id.product_variant_ids
        return products

    def _by_own_code(self, product_ids, trading_partner):
        ours = BUYER_SCHEMES if trading_partner.role == "supplier" else SUPPLIER_SCHEMES
        codes = [one["value"] for one in product_ids if one["scheme"] in ours]
        return self.env["product.product"].search([("default_code", "in", codes)]) if codes else self.product_id

    @api.model
    def _identifiers(self, product, trading_partner, as_ordered=None):
        """The product ids of an outgoing line: what the partner ordered by, GTIN, our code."""
        row = self._for(product, trading_partner)
        ids = []
        gtin = row.gtin or product.barcode
        scheme = gs1.gtin_scheme(gtin)
        if scheme:
            ids.append({"scheme": scheme, "value": gtin})
        theirs = as_ordered or row.partner_code
        if theirs:
            ids.append({"scheme": "buyer" if trading_partner.role == "customer" else "supplier", "value": theirs})
        if product.default_code:
            ids.append(
                {"scheme": "supplier" if trading_partner.role == "customer" else "buyer", "value": product.default_code}
            )
        return ids

    @api.model
    def _ordered_quantity(self, product, pieces, uom_code, trading_partner):
        """Pieces in the product's unit → Decimal in the unit the partner ordered in. Raises Problem on a fraction."""
        factor = self.env["edi.gateway.uom"]._factor(product, uom_code, [], trading_partner)
        quantity = Decimal(str(pieces)) / factor
        whole = quantity == quantity.to_integral_value()
        # A case is never split; of a measure six decimals must tell it exactly (13 pieces are no number of dozens).
        if not whole and (
            is_packaging(uom_code) or quantity.quantize(Decimal("0.000001")) * factor != Decimal(str(pieces))
        ):
            raise Problem(
                "quantity_fraction",
                self.env._(
                    "%(pieces)s of %(product)s are not whole %(uom)s of %(factor)s, the unit the partner ordered in.",
                    pieces=decimal_text(pieces),
                    product=product.display_name,
                    uom=uom_code,
                    factor=decimal_text(factor),
                ),
            )
        return quantity


def _shown(product_ids):
    return ", ".join(f"{one['scheme']} {one['value']}" for one in product_ids)
