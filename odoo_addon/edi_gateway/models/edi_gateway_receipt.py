from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from ..compat import PACKAGE_MODEL, PACKAGES_NEST, clear_parent_package, set_parent_package
from ..lib import shipment_plan as plan
from ..lib import states
from ..lib.numbers import KILOGRAMS, is_packaging, normalised_number
from ..lib.problem import Problem

#: References of a notice that make a good tracking reference, best first.
TRACKING = ("trackingNumber", "proNumber", "billOfLading")


class EdiGatewayReceipt(models.AbstractModel):
    """Inbound shipment notice → its own receipt, split off the open one of the purchase order, prepared but not validated.

    Everything happens in the caller's savepoint: a Problem anywhere leaves nothing behind.
    """

    _name = "edi.gateway.receipt"
    _description = "EDI Receipt"

    @api.model
    def _apply(self, message, partner, document):
        if partner.role != "supplier":
            raise Problem(
                "role_unsupported",
                self.env._(
                    "A shipment notice makes a receipt when it is from a supplier; %(name)s is set up as %(role)s.",
                    name=partner.name,
                    role=partner.role,
                ),
            )
        earlier = message._predecessor()
        state = {"received": "waiting"}.get(earlier.state, earlier.state) or "none"
        effect = states.SHIPMENT_NOTICE_EFFECTS[document["function"], state]
        getattr(self, f"_effect_{effect}")(message, partner, document, earlier)

    # One method per word of the table in lib/states.py --------------------------------------------------------------

    def _effect_apply(self, message, partner, document, earlier):
        pickings = self._prepare(message, partner, document)
        text = self.env._("Receipt prepared from shipment notice %(number)s.", number=document["documentNumber"])
        message._applied(pickings, text)
        if partner.validate_receipts:
            self._validate(message, pickings)

    def _effect_compare(self, message, partner, document, earlier):
        if earlier.content_sha256 == message.content_sha256:
            message._link(earlier._records(), self.env._("Shipment notice %s came again.", document["documentNumber"]))
            message._set_state("ignored", text=self.env._("The same notice came before (%s).", earlier.message_uid))
            return
        raise Problem(
            "number_reused",
            self.env._(
                "Shipment notice %(number)s came before with other content. A correction must say that it replaces.",
                number=document["documentNumber"],
            ),
        )

    def _effect_ignore(self, message, partner, document, earlier):
        message._set_state("ignored", text=self.env._("A %s has no effect.", document["function"]))

    def _effect_drop(self, message, partner, document, earlier):
        number = document["documentNumber"]
        earlier._set_state("superseded", text=self.env._("Cancelled by the partner before it had an effect"))
        message._set_state("applied", text=self.env._("Shipment notice %s had no effect yet and is cancelled.", number))

    def _effect_drop_and_apply(self, message, partner, document, earlier):
        earlier._set_state("superseded", text=self.env._("Replaced by the partner before it had an effect"))
        self._effect_apply(message, partner, document, earlier)

    def _effect_replace(self, message, partner, document, earlier):
        self._take_back(earlier)
        earlier._set_state("superseded", text=self.env._("Replaced by the partner"))
        self._effect_apply(message, partner, document, earlier)

    def _effect_cancel(self, message, partner, document, earlier):
        pickings = self._take_back(earlier)
        earlier._set_state("superseded", text=self.env._("Cancelled by the partner"))
        text = self.env._("Shipment notice %s is cancelled: the receipt is open again.", document["documentNumber"])
        message._applied(pickings, text)

    def _effect_original_not_found(self, message, partner, document, earlier):
        raise Problem(
            "original_not_found",
            self.env._(
                "Shipment notice %s, which this one changes or cancels, has not come.", document["documentNumber"]
            ),
            waits=True,
        )

    def _effect_change_by_person(self, message, partner, document, earlier):
        raise Problem(
            "change_by_person",
            self.env._(
                "The partner changed shipment notice %s. Please change the receipt by hand, then ignore this message.",
                document["documentNumber"],
            ),
        )

    # Preparing -----------------------------------------------------------------------------------------------------

    def _prepare(self, message, partner, document):
        """The receipts of a notice, one per purchase order. Raises Problem."""
        body = document["body"]
        needs, parts, products = self._lines(partner, body)
        orders = {
            index: self._purchase_order(partner, body["orders"][index]) for index in {need.order for need in needs}
        }
        offers, moves = self._open_moves(orders)
        shares = plan.allocate(needs, offers, {product.id: product.display_name for product in products.values()})
        packages = self._packages(body, {part.package for part in parts})
        pickings = self._own_pickings(shares, moves, document)
        self._write_move_lines(plan.move_parts(parts, shares), pickings, packages)
        receipts = self.env["stock.picking"].union(*{picking for picking, _move in pickings.values()})
        receipts = receipts.sorted("id")
        receipts.write(self._picking_values(document))
        return receipts

    def _lines(self, partner, body):
        """Lines of the notice in product units → (needs, parts, products by id)."""
        needs, parts, products = [], [], {}
        for index, line in enumerate(body["lines"]):
            name = plan.line_name(line, index)
            order = plan.order_of(body, index)
            if "quantityShipped" not in line:
                raise Problem("quantity_missing", self.env._("%s says no quantity.", name.capitalize()))
            shipped = Decimal(line["quantityShipped"]["value"])
            if not shipped:
                continue
            uom = line["quantityShipped"]["uom"]
            product = self.env["edi.gateway.product"]._resolve(line["productIds"], partner, name)
            factor = self.env["edi.gateway.uom"]._factor(product, uom, line["productIds"], partner)
            if shipped < 0 or (is_packaging(uom) and shipped != shipped.to_integral_value()):
                raise Problem(
                    "quantity_fraction",
                    self.env._(
                        "%(line)s says %(quantity)s %(uom)s.", line=name.capitalize(), quantity=shipped, uom=uom
                    ),
                )
            quantity = _plain(shipped * factor)
            whole = quantity == quantity.to_integral_value()
            products[product.id] = product
            needs.append(plan.Need(index, order, product.id, line.get("lineNumber"), quantity))
            parts.extend(plan.split_line(body, index, quantity, factor, product.tracking, whole))
        if not needs:
            raise Problem("quantity_missing", self.env._("The notice says that nothing was shipped."))
        return needs, parts, products

    def _purchase_order(self, partner, order):
        """The confirmed purchase order of an order of the notice. Raises Problem, waiting where it may still come."""
        number = order.get("orderNumber")
        if not number:
            raise Problem("order_missing", self.env._("The notice names an order without its number."))
        domain = [("company_id", "=", partner.company_id.id)]
        found = self.env["purchase.order"].search([*domain, ("name", "=", number)])
        if not found:
            found = self.env["purchase.order"].search(
                [*domain, ("edi_gateway_order_key", "=", normalised_number(number))]
            )
        if len(found) > 1:
            raise Problem(
                "order_ambiguous",
                self.env._(
                    "Order %(number)s may be %(orders)s.", number=number, orders=", ".join(found.mapped("name"))
                ),
            )
        if not found:
            raise _waiting("order_not_found", self.env._("There is no purchase order %s yet.", number), number)
        if found.partner_id.commercial_partner_id != partner.partner_id.commercial_partner_id:
            raise Problem(
                "partner_mismatch",
                self.env._(
                    "Purchase order %(order)s is with %(theirs)s, the notice is from %(sender)s.",
                    order=found.name,
                    theirs=found.partner_id.display_name,
                    sender=partner.name,
                ),
            )
        if found.state == "cancel":
            raise Problem("order_cancelled", self.env._("Purchase order %s is cancelled.", found.name))
        if found.state in ("draft", "sent", "to approve"):
            raise _waiting(
                "order_not_confirmed", self.env._("Purchase order %s is not confirmed yet.", found.name), number
            )
        return found

    def _open_moves(self, orders):
        """What may still be received on the orders and no other notice has taken → (offers, moves by id)."""
        offers, moves = [], {}
        for index, order in orders.items():
            open_moves = order.order_line.move_ids.filtered(
                lambda move: (
                    move.state not in ("done", "cancel")
                    and move.location_id.usage == "supplier"
                    and move.picking_id
                    and not move.picking_id.edi_gateway_notice_number
                )
            ).sorted(lambda move: (move.date, move.id))
            lines = order.order_line.filtered("product_id")
            position = {line.id: place + 1 for place, line in enumerate(lines)}
            for move in open_moves:
                moves[move.id] = move
                quantity = Decimal(str(move.product_qty))
                offers.append(
                    plan.Open(move.id, index, move.product_id.id, position[move.purchase_line_id.id], quantity)
                )
        return offers, moves

    def _own_pickings(self, shares, moves, document):
        """Splits what the notice tells off its open receipts → {open move id: (receipt, move of the receipt)}.

        An open receipt that is told whole is taken as it is; else the shipped part moves to a new receipt and the rest
        stays where it is, for later notices.
        """
        wanted = defaultdict(Decimal)
        for share in shares:
            wanted[share.move] += share.quantity
        by_picking = defaultdict(list)
        for move_id in wanted:
            by_picking[moves[move_id].picking_id].append(moves[move_id])
        result = {}
        for picking, told in by_picking.items():
            open_here = picking.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))
            if any(open_here.move_line_ids.mapped("picked")):
                raise Problem("receipt_in_progress", self.env._("Receipt %s is being worked on.", picking.name))
            whole = {move.id for move in told if wanted[move.id] == Decimal(str(move.product_qty))}
            open_here._do_unreserve()
            if whole == set(open_here.ids):
                result.update({move.id: (picking, move) for move in told})
                continue
            receipt = picking._create_backorder_picking()
            receipt.write({"backorder_id": False, "user_id": False, "origin": picking.origin})
            for move in told:
                own = move
                if move.id not in whole:
                    own = self.env["stock.move"].create(move._split(float(wanted[move.id])))
                own.write({"picking_id": receipt.id, "picked": False})
                result[move.id] = (receipt, own)
            new_moves = receipt.move_ids.filtered(lambda move: move.state == "draft")
            new_moves._action_confirm(merge=False)
            receipt.move_ids._do_unreserve()
            picking.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))._action_assign()
        return result

    def _write_move_lines(self, placed, pickings, packages):
        """The expected quantities, one move line per package and lot. Nothing is marked as picked."""
        values = []
        for move_id, package, lot, quantity in placed:
            _receipt, move = pickings[move_id]
            line = move._prepare_move_line_vals(quantity=float(quantity))
            line["picked"] = False
            if package:
                line["result_package_id"] = packages[package].id
            if lot:
                line.update(self._lot_values(move, lot))
            values.append(line)
        self.env["stock.move.line"].create(values)
        self.env["stock.move"].union(*(move for _receipt, move in pickings.values()))._recompute_state()

    def _lot_values(self, move, name):
        known = self.env["stock.lot"].search(
            [
                ("product_id", "=", move.product_id.id),
                ("name", "=", name),
                ("company_id", "in", [move.company_id.id, False]),
            ],
            limit=1,
        )
        return {"lot_id": known.id} if known else {"lot_name": name}

    def _packages(self, body, used):
        """Odoo packages named by SSCC: those `used` by goods, and where Odoo has packages in packages what they stand on
        → {package id of the notice: package}."""
        Package = self.env[PACKAGE_MODEL]
        created = {}
        by_id = plan.packages_by_id(body)
        wanted = plan.with_parents(by_id, used) if PACKAGES_NEST else used
        for package in body["packages"]:
            if package["id"] not in wanted:
                continue
            existing = Package.search([("name", "=", package["sscc"])])
            if existing and self._in_use(existing):
                raise Problem(
                    "package_in_use",
                    self.env._("A package with SSCC %s is in stock or expected already.", package["sscc"]),
                )
            created[package["id"]] = existing[:1] or Package.create({"name": package["sscc"]})
            weight = package.get("weight")
            if weight and weight["uom"] in KILOGRAMS:
                created[package["id"]].shipping_weight = self._weight(weight)
        for package_id, package in created.items():
            parent = plan.identified_package(by_id, by_id[package_id].get("parentId"))
            if parent in created:
                set_parent_package(package, created[parent])
        return created

    def _in_use(self, packages):
        lines = self.env["stock.move.line"].search_count(
            [("result_package_id", "in", packages.ids), ("state", "!=", "cancel")], limit=1
        )
        return bool(lines or packages.quant_ids)

    def _weight(self, weight):
        """A canonical weight in the unit Odoo keeps weights in (kilograms or pounds)."""
        kilograms = Decimal(weight["value"]) * KILOGRAMS[weight["uom"]]
        unit = self.env["product.template"]._get_weight_uom_id_from_ir_config_parameter()
        kilogram = self.env.ref("uom.product_uom_kgm")
        return kilogram._compute_quantity(float(kilograms), unit, round=False)

    def _picking_values(self, document):
        body = document["body"]
        values = {"edi_gateway_notice_number": document["documentNumber"]}
        references = {reference["type"]: reference["value"] for reference in reversed(document["references"])}
        parcel = next(
            (package["trackingNumber"] for package in body["packages"] if package.get("trackingNumber")), None
        )
        tracking = parcel or next((references[name] for name in TRACKING if name in references), None)
        if tracking:
            values["carrier_tracking_ref"] = tracking
        if references.get("billOfLading"):
            values["edi_gateway_bill_of_lading"] = references["billOfLading"]
        scac = body.get("transport", {}).get("carrier", {}).get("scac")
        if scac:
            values["edi_gateway_scac"] = scac
        return values

    # Afterwards ----------------------------------------------------------------------------------------------------

    def _validate(self, message, pickings):
        """Validates by policy. Where Odoo wants something first (a lot, a decision), the receipt stays prepared."""
        for picking in pickings:
            try:
                with self.env.cr.savepoint():
                    picking.move_ids.picked = True
                    done = picking.with_context(skip_backorder=True, skip_sms=True).button_validate()
                    if picking.state != "done":
                        raise UserError(self.env._("Odoo asks for a decision (%s).", (done or {}).get("name", "")))
            except (UserError, ValidationError) as refused:
                picking.activity_schedule(
                    "mail.mail_activity_data_warning",
                    summary=self.env._("EDI: receipt was not validated automatically"),
                    note=str(refused),
                    user_id=(message.trading_partner_id.responsible_user_id or message._fallback_responsible()).id,
                )

    def _take_back(self, earlier):
        """Undoes what a notice prepared, while nothing has moved: its receipts are ordinary open receipts again."""
        pickings = self.env["stock.picking"].union(*(r for r in earlier._records() if r._name == "stock.picking"))
        if any(picking.state in ("done", "cancel") or any(picking.move_ids.mapped("picked")) for picking in pickings):
            raise Problem(
                "already_moved",
                self.env._(
                    "Receipt %s has moved already: please correct it by hand.", ", ".join(pickings.mapped("name"))
                ),
            )
        packages = pickings.move_line_ids.result_package_id
        packages |= packages.browse() if "package_dest_id" not in packages._fields else packages.package_dest_id
        pickings.move_ids._do_unreserve()
        clear_parent_package(packages)
        packages.filtered(lambda package: not self._in_use(package)).unlink()
        pickings.write(
            {"edi_gateway_notice_number": False, "edi_gateway_bill_of_lading": False, "carrier_tracking_ref": False}
        )
        pickings.move_ids._action_assign()
        return pickings


def _waiting(code, text, order_number):
    waiting = Problem(code, text, waits=True)
    waiting.order_number = order_number
    return waiting


def _plain(quantity):
    """A Decimal without exponent and without the noise of a float factor (1 lb = 0.45359237 kg)."""
    return quantity.quantize(Decimal("0.000001")).normalize() + Decimal(0)
