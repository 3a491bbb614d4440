from collections import defaultdict
from zoneinfo import ZoneInfo

from odoo import api, fields, models

from ..compat import line_uom, parent_package
from ..lib import gs1
from ..lib.numbers import decimal_text
from ..lib.problem import Problem
from ..lib.shipment_notice import build


class EdiGatewayShipmentNotice(models.AbstractModel):
    """A done delivery → canonical shipment notice: exactly the packages and quantities that left. Of one that is not
    done yet, what would leave now."""

    _name = "edi.gateway.shipment.notice"
    _description = "EDI Shipment Notice"

    @api.model
    def _document(self, picking, partner):
        """The Document for a picking. Raises Problem naming what lacks."""
        lines = picking.move_line_ids.filtered(lambda line: line.quantity)
        if picking.state != "done" and any(lines.mapped("picked")):
            lines = lines.filtered("picked")
        packages = self._packages(lines)
        orders = self._orders(picking, partner)
        return build(
            {
                "number": picking.name,
                "documentDate": self._local(picking, fields.Datetime.now()),
                "shippedAt": self._local(picking, picking.date_done or fields.Datetime.now()),
                "parties": self._parties(picking, partner),
                "references": self._references(picking),
                "transport": self._transport(picking),
                "totals": self._totals(picking, packages),
                "orders": orders,
                "packages": packages,
                "lines": self._lines(lines, partner),
            }
        )

    def _local(self, picking, moment):
        """A moment in the ship-from warehouse's time, with offset: the date a partner reads is the warehouse's."""
        warehouse = picking.picking_type_id.warehouse_id
        zone = warehouse.partner_id.tz or picking.company_id.partner_id.tz or "UTC"
        local = moment.replace(microsecond=0, tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone))
        return local.isoformat()

    # Parties, references, transport ----------------------------------------------------------------------------------

    def _parties(self, picking, partner):
        warehouse = picking.picking_type_id.warehouse_id
        parties = []
        if picking.partner_id:
            parties.append(self._party("shipTo", picking.partner_id, partner))
        parties.append(
            self._party("shipFrom", warehouse.partner_id or picking.company_id.partner_id, partner, ours=True)
        )
        order = picking.sale_id
        if order and order.partner_id != picking.partner_id:
            parties.append(self._party("buyer", order.partner_id, partner))
        parties.append(self._party("supplier", picking.company_id.partner_id, partner, ours=True))
        return parties

    def _party(self, role, contact, partner, ours=False):
        ids = partner._identifiers(contact, ours=ours)
        address = {
            "lines": [line for line in (contact.street, contact.street2) if line],
            "city": contact.city or None,
            "region": contact.state_id.code or None,
            "postalCode": contact.zip or None,
            "country": contact.country_id.code or None,
        }
        known = bool(address["lines"]) or any(value for key, value in address.items() if key != "lines")
        return {
            "role": role,
            "ids": ids,
            "name": contact.name or contact.commercial_company_name or None,
            "address": address if known else None,
        }

    def _references(self, picking):
        references = []
        if picking.edi_gateway_bill_of_lading:
            references.append({"type": "billOfLading", "value": picking.edi_gateway_bill_of_lading})
        if picking.carrier_tracking_ref:
            references.append({"type": "trackingNumber", "value": picking.carrier_tracking_ref})
        return references

    def _transport(self, picking):
        carrier = picking.carrier_id
        scac = picking.edi_gateway_scac or carrier.edi_gateway_scac
        if not (scac or carrier):
            return None
        return {"carrier": {"scac": scac or None, "name": carrier.name or None}}

    def _totals(self, picking, packages):
        weight = picking.shipping_weight or picking.weight
        outermost = [package for package in packages if not package.get("parent")]
        return {
            "packages": {"value": str(len(outermost)), "uom": "XPK"} if outermost else None,
            "grossWeight": self._weight(weight),
        }

    def _weight(self, weight):
        """A weight Odoo keeps in its own unit → canonical, or None."""
        if not weight:
            return None
        unit = self.env["product.template"]._get_weight_uom_id_from_ir_config_parameter()
        code = "LBR" if unit == self.env.ref("uom.product_uom_lb") else "KGM"
        return {"value": decimal_text(weight, 3), "uom": code, "kind": "gross"}

    # Orders, packages, lines -------------------------------------------------------------------------------------------

    def _orders(self, picking, partner):
        orders = picking.move_ids.sale_line_id.order_id | picking.sale_id
        if not orders:
            raise Problem("content_missing", self.env._("Delivery %s has no sale order.", picking.name))
        return [self._sale_order(order, partner) for order in orders.sorted("id")]

    def _sale_order(self, order, partner):
        references = []
        if order.edi_gateway_department:
            references.append({"type": "department", "value": order.edi_gateway_department})
        parties = []
        if order.edi_gateway_store:
            store = {"scheme": "buyerAssigned", "value": order.edi_gateway_store}
            parties.append({"role": "buyer", "ids": [store]})
        return {
            "key": order.id,
            "name": order.name,
            "orderNumber": order.client_order_ref or None,
            "orderDate": order.edi_gateway_order_date and order.edi_gateway_order_date.isoformat() or None,
            "references": references,
            "parties": parties,
        }

    def _packages(self, lines):
        facts = {}
        for package in lines.result_package_id:
            child = None
            while package and package.id not in facts:
                facts[package.id] = {
                    "key": package.id,
                    "name": package.name,
                    "sscc": package.name if gs1.is_sscc(package.name) else None,
                    "parent": parent_package(package).id or None,
                    "level": "pallet" if child else "carton",
                    "weight": self._weight(package.shipping_weight),
                }
                child, package = package, parent_package(package)
        return list(facts.values())

    def _lines(self, lines, partner):
        """One line per order line and package; lots within it."""
        grouped = defaultdict(lambda: self.env["stock.move.line"])
        for line in lines.sorted("id"):
            grouped[line.move_id.sale_line_id, line.move_id.product_id, line.result_package_id] |= line
        return [
            self._line(sale_line, product, package, group, partner)
            for (sale_line, product, package), group in grouped.items()
        ]

    def _line(self, sale_line, product, package, group, partner):
        Product = self.env["edi.gateway.product"]
        code = self._ordered_in(sale_line, product, partner)
        pieces = sum(line.quantity_product_uom for line in group)
        shipped = Product._ordered_quantity(product, decimal_text(pieces), code, partner)
        ordered = None
        if sale_line:
            unit = line_uom(sale_line)
            ordered_pieces = unit._compute_quantity(sale_line.product_uom_qty, product.uom_id, round=False)
            ordered = Product._ordered_quantity(product, decimal_text(ordered_pieces), code, partner)
        return {
            "name": product.display_name,
            "order": (sale_line.order_id or group.picking_id.sale_id).id,
            "package": package.id or None,
            "lineNumber": self._line_number(sale_line),
            "productIds": Product._identifiers(product, partner, sale_line.edi_gateway_item_code),
            "description": product.name,
            "quantityShipped": {"value": decimal_text(shipped), "uom": code},
            "quantityOrdered": {"value": decimal_text(ordered), "uom": code} if ordered else None,
            "lots": self._lots(group, product, code, partner),
        }

    def _ordered_in(self, sale_line, product, partner):
        """The unit code the partner ordered in: as noted on the order line, as in their product list, or of Odoo's unit."""
        if sale_line.edi_gateway_uom_code:
            return sale_line.edi_gateway_uom_code
        row = self.env["edi.gateway.product"]._for(product, partner)
        if row.uom_code:
            return row.uom_code
        unit = line_uom(sale_line) if sale_line else product.uom_id
        code = self.env["edi.gateway.uom"]._code(unit, partner)
        if not code:
            raise Problem(
                "unit_unknown",
                self.env._(
                    "Unit %(unit)s of %(product)s has no EDI code: add it in EDI Gateway / Configuration / Units, or to the "
                    "products of trading partner %(partner)s.",
                    unit=unit.name,
                    product=product.display_name,
                    partner=partner.name,
                ),
            )
        return code

    def _line_number(self, sale_line):
        """As the partner numbered it, else its place on the order."""
        if not sale_line:
            return None
        if sale_line.edi_gateway_line_number:
            return sale_line.edi_gateway_line_number
        lines = sale_line.order_id.order_line.filtered(lambda line: line.product_id and not line.display_type)
        return str(lines.ids.index(sale_line.id) + 1)

    def _lots(self, group, product, code, partner):
        if product.tracking == "none":
            return None
        Product = self.env["edi.gateway.product"]
        lots = []
        for lot in group.lot_id:
            pieces = sum(group.filtered(lambda line, lot=lot: line.lot_id == lot).mapped("quantity_product_uom"))
            amount = Product._ordered_quantity(product, decimal_text(pieces), code, partner)
            expiry = lot.expiration_date if "expiration_date" in lot._fields else False
            lots.append(
                {
                    "serial" if product.tracking == "serial" else "lot": lot.name,
                    "expiry": expiry.date().isoformat() if expiry else None,
                    "quantity": {"value": decimal_text(amount), "uom": code},
                }
            )
        return lots
