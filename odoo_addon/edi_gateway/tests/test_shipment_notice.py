import json

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..compat import PACKAGE_MODEL, SERIES
from ..lib import gs1
from .common import MESSAGE, DeliveryCase

SSCC_1 = "000614141000001011"
SSCC_2 = "000614141000001028"


@tagged("post_install", "-at_install")
class TestShipmentNotice(DeliveryCase):
    """A done delivery makes a shipment notice in the same transaction."""

    def _body(self, row):
        message = json.loads(row.payload)
        self.assertEqual(MESSAGE.issues(message), [])
        return message["document"]["body"]

    def test_the_message_says_exactly_what_left(self):
        order = self._sale(
            [(self.red, 24), (self.blue, 6)], edi_gateway_order_date="2025-12-15", edi_gateway_department="0042"
        )
        picking = order.picking_ids
        picking.carrier_tracking_ref = "PRO1234567"
        self._pack(picking, self.red, SSCC_1, 12)
        second = self._pack(picking, self.red, SSCC_2)
        picking.move_line_ids.filtered(lambda line: line.product_id == self.blue).result_package_id = second
        row = self._done(picking)
        self.assertEqual((row.direction, row.state, row.kind), ("out", "queued", "shipmentNotice"))
        message = json.loads(row.payload)
        self.assertEqual(MESSAGE.issues(message), [])
        self.assertEqual(
            {key: message[key] for key in ("id", "revision", "direction", "partner", "ourRole", "theirRole", "test")},
            {
                "id": row.message_uid,
                "revision": 1,
                "direction": "out",
                "partner": "example-retail",
                "ourRole": "supplier",
                "theirRole": "customer",
                "test": False,
            },
        )
        document = message["document"]
        self.assertEqual((document["function"], document["documentNumber"]), ("original", picking.name))
        self.assertEqual(document["references"], [{"type": "trackingNumber", "value": "PRO1234567"}])
        parties = {party["role"]: party for party in document["parties"]}
        self.assertEqual(parties["shipTo"]["ids"], [{"scheme": "gln", "value": "0614141900015"}])
        self.assertEqual(
            parties["shipTo"]["address"],
            {
                "lines": ["100 Warehouse Road"],
                "city": "Springfield",
                "region": "IL",
                "postalCode": "62701",
                "country": "US",
            },
        )
        self.assertEqual(parties["buyer"]["ids"], [{"scheme": "gln", "value": "0614141900008"}])
        self.assertEqual(parties["supplier"]["ids"], [{"scheme": "supplierAssigned", "value": "V-88"}])
        body = document["body"]
        self.assertEqual(
            body["orders"],
            [
                {
                    "orderNumber": "PO-4500012",
                    "orderDate": "2025-12-15",
                    "references": [{"type": "department", "value": "0042"}],
                    "parties": [],
                }
            ],
        )
        self.assertEqual(
            [(package["id"], package["sscc"], package["level"], package["orderIndex"]) for package in body["packages"]],
            [("1", SSCC_1, "carton", 0), ("2", SSCC_2, "carton", 0)],
        )
        red_ids = [
            {"scheme": "gtin13", "value": "0061414100014"},
            {"scheme": "buyer", "value": "700123"},
            {"scheme": "supplier", "value": "SKU-RED"},
        ]
        blue_ids = [{"scheme": "gtin12", "value": "061414100021"}, {"scheme": "supplier", "value": "SKU-BLU"}]
        ordered = {"value": "24", "uom": "EA"}
        self.assertEqual(
            sorted(body["lines"], key=lambda line: (line["lineNumber"], line["packageIds"])),
            [
                {
                    "lineNumber": "1", "orderIndex": 0, "packageIds": ["1"], "productIds": red_ids, "description": "WIDGET RED",
                    "quantityShipped": {"value": "12", "uom": "EA"}, "quantityOrdered": ordered,
                },
                {
                    "lineNumber": "1", "orderIndex": 0, "packageIds": ["2"], "productIds": red_ids, "description": "WIDGET RED",
                    "quantityShipped": {"value": "12", "uom": "EA"}, "quantityOrdered": ordered,
                },
                {
                    "lineNumber": "2", "orderIndex": 0, "packageIds": ["2"], "productIds": blue_ids, "description": "WIDGET BLUE",
                    "quantityShipped": {"value": "6", "uom": "EA"}, "quantityOrdered": {"value": "6", "uom": "EA"},
                    "lots": [{"lot": "LOT-B7", "quantity": {"value": "6", "uom": "EA"}}],
                },
            ],
        )  # fmt: skip
        self.assertEqual(body["totals"]["packages"], {"value": "2", "uom": "XPK"})

    def test_times_are_those_of_the_warehouse(self):
        picking = self._sale([(self.red, 1)]).picking_ids
        row = self._done(picking)
        self.assertRegex(self._body(row)["shippedAt"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-0[56]:00$")

    def test_a_backorder_makes_its_own_message(self):
        order = self._sale([(self.red, 24)])
        picking = order.picking_ids
        picking.move_ids.quantity = 10
        first = self._done(picking)
        self.assertEqual([line["quantityShipped"]["value"] for line in self._body(first)["lines"]], ["10"])
        rest = order.picking_ids - picking
        rest.action_assign()
        second = self._done(rest)
        self.assertEqual([line["quantityShipped"]["value"] for line in self._body(second)["lines"]], ["14"])
        self.assertEqual(self._body(second)["lines"][0]["quantityOrdered"]["value"], "24")
        order.invalidate_recordset()
        self.assertEqual(order.edi_gateway_message_ids, first | second)

    def test_only_the_last_step_of_a_delivery_sends(self):
        self.warehouse.delivery_steps = "pick_ship"
        order = self._sale([(self.red, 24)])
        pick = order.picking_ids.filtered(lambda p: p.state == "assigned")
        self.assertEqual(pick.location_dest_id.usage, "internal")
        self.assertFalse(self._done(pick))
        ship = order.picking_ids - pick
        self.assertEqual(ship.location_dest_id.usage, "customer")
        self.assertEqual(self._done(ship).state, "queued")

    def test_no_message_without_the_policy_and_for_nobody_else(self):
        self.customer.send_shipment_notice = False
        self.assertFalse(self._done(self._sale([(self.red, 1)]).picking_ids))
        self.customer.send_shipment_notice = True
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        order = self._sale([(self.red, 1)], partner_id=stranger.id, partner_shipping_id=stranger.id)
        self.assertFalse(self._done(order.picking_ids))

    def test_a_receipt_makes_no_message(self):
        self.customer.role = "customer"
        order = self._purchase([(self.red, 12)], partner=self.customer_contact)
        self.assertFalse(self._done(order.picking_ids))

    def test_a_return_makes_no_message(self):
        picking = self._sale([(self.red, 2)]).picking_ids
        self._done(picking)
        wizard = (
            self.env["stock.return.picking"].with_context(active_id=picking.id, active_model="stock.picking").create({})
        )
        wizard.product_return_moves.quantity = 2
        result = wizard.action_create_returns()
        back = self.env["stock.picking"].browse(result["res_id"])
        self.assertFalse(self._done(back))

    def test_what_cannot_be_built_never_stops_the_delivery(self):
        picking = self._sale([(self.red, 2)], reference=False).picking_ids
        row = self._done(picking)
        self.assertProblem(row, "content_missing")
        self.assertIn("has no Customer Reference", row.error_text)
        self.assertEqual(row.activity_ids.user_id, self.responsible)
        self.assertEqual(picking.edi_gateway_error_count, 1)
        self.assertIn(picking, self.env["stock.picking"].search([("edi_gateway_error_count", ">", 0)]))
        self.assertTrue(picking.message_ids.filtered(lambda message: "could not be made" in (message.body or "")))

    def test_retry_builds_the_message_from_what_is_there_now(self):
        order = self._sale([(self.red, 2)], reference=False)
        row = self._done(order.picking_ids)
        with self.assertRaises(UserError):
            row.action_retry()
        order.client_order_ref = "PO-77"
        row.with_user(self.responsible).action_retry()
        self.assertEqual((row.state, row.error_text), ("queued", False))
        self.assertEqual(self._body(row)["orders"][0]["orderNumber"], "PO-77")
        self.assertFalse(row.activity_ids)

    def test_an_ordinary_user_may_validate(self):
        clerk = new_test_user(self.env, "edi-shipper", groups="stock.group_stock_user")
        self.company.edi_gateway_gs1_prefix = "0614141"
        picking = self._sale([(self.red, 2)]).picking_ids.with_user(clerk)
        self._pack(picking, self.red, "PACK-1")
        self.assertEqual(self._done(picking).state, "queued")
        self.assertEqual(picking.edi_gateway_message_count, 1)

    def test_the_partners_unit_and_item_are_those_of_the_order(self):
        self.customer.product_ids.write({"uom_code": "XCS", "factor": 12})
        line = {"edi_gateway_uom_code": "XCS", "edi_gateway_item_code": "ITEM-9", "edi_gateway_line_number": "007"}
        row = self._done(self._sale([(self.red, 24, line)]).picking_ids)
        line = self._body(row)["lines"][0]
        self.assertEqual((line["quantityShipped"], line["quantityOrdered"]), ({"value": "2", "uom": "XCS"},) * 2)
        self.assertEqual(line["lineNumber"], "007")
        self.assertIn({"scheme": "buyer", "value": "ITEM-9"}, line["productIds"])

    def test_a_part_of_the_ordered_case_is_an_error(self):
        self.customer.product_ids.write({"uom_code": "XCS", "factor": 12})
        row = self._done(self._sale([(self.red, 30)]).picking_ids)
        self.assertProblem(row, "quantity_fraction")

    def test_dozens_ordered_are_dozens_told(self):
        unit_field = "product_uom_id" if "product_uom_id" in self.env["sale.order.line"]._fields else "product_uom"
        dozen = self.env.ref("uom.product_uom_dozen")
        row = self._done(self._sale([(self.red, 2, {unit_field: dozen.id})]).picking_ids)
        self.assertEqual(self._body(row)["lines"][0]["quantityShipped"], {"value": "2", "uom": "DZN"})

    def test_packages_without_sscc_get_one_from_the_company_prefix(self):
        self.company.edi_gateway_gs1_prefix = "0614141"
        self.company.edi_gateway_sscc_extension = "3"
        picking = self._sale([(self.red, 24)]).picking_ids
        package = self._pack(picking, self.red, "PACK-1", 12)
        kept = self._pack(picking, self.red, SSCC_1)
        row = self._done(picking)
        self.assertEqual(kept.name, SSCC_1, "an SSCC that is there is kept")
        self.assertTrue(gs1.is_sscc(package.name))
        self.assertEqual(package.name[:8], "30614141")
        self.assertEqual({entry["sscc"] for entry in self._body(row)["packages"]}, {SSCC_1, package.name})

    def test_packages_without_sscc_and_without_prefix_are_named(self):
        picking = self._sale([(self.red, 24)]).picking_ids
        self._pack(picking, self.red, "PACK-1")
        row = self._done(picking)
        self.assertProblem(row, "content_missing")
        self.assertIn("PACK-1", row.error_text)

    def test_no_sscc_is_given_twice(self):
        self.company.edi_gateway_gs1_prefix = "0614141"
        given = {self.company._edi_gateway_next_sscc() for _n in range(50)}
        self.assertEqual(len(given), 50)
        self.assertTrue(all(gs1.is_sscc(number) for number in given))
        taken = self.company._edi_gateway_sequence().number_next_actual
        self.env[PACKAGE_MODEL].create({"name": gs1.sscc("0614141", "0", taken)})
        self.assertNotEqual(self.company._edi_gateway_next_sscc(), gs1.sscc("0614141", "0", taken))

    def test_a_range_that_is_used_up_is_said(self):
        self.company.edi_gateway_gs1_prefix = "061414100000"
        self.company._edi_gateway_sequence().number_next = 9999
        self.company._edi_gateway_next_sscc()
        picking = self._sale([(self.red, 2)]).picking_ids
        self._pack(picking, self.red, "PACK-1")
        with self.assertRaisesRegex(UserError, "used up"):
            picking.action_edi_gateway_assign_sscc()

    def test_put_in_pack_names_the_package_at_once(self):
        self.company.edi_gateway_gs1_prefix = "0614141"
        self.company.edi_gateway_sscc_on_pack = True
        picking = self._sale([(self.red, 2)]).picking_ids
        picking.action_put_in_pack()
        self.assertTrue(gs1.is_sscc(picking.move_line_ids.result_package_id.name))

    def test_pallets_are_told_where_odoo_has_them(self):
        if SERIES < 19:
            # Odoo 18 has no packages in packages: cartons are told without a pallet.
            picking = self._sale([(self.red, 24)]).picking_ids
            self._pack(picking, self.red, SSCC_1)
            self.assertEqual([p.get("parentId") for p in self._body(self._done(picking))["packages"]], [None])
            return
        picking = self._sale([(self.red, 24)]).picking_ids
        carton = self._pack(picking, self.red, SSCC_1)
        pallet = self.env[PACKAGE_MODEL].create({"name": SSCC_2})
        carton.package_dest_id = pallet
        packages = self._body(self._done(picking))["packages"]
        self.assertEqual(
            [(p["id"], p["level"], p["sscc"], p.get("parentId")) for p in packages],
            [("1", "pallet", SSCC_2, None), ("2", "carton", SSCC_1, "1")],
        )

    def test_a_test_partner_of_a_production_database_is_held(self):
        self.customer.test = True
        row = self._done(self._sale([(self.red, 2)]).picking_ids)
        self.assertProblem(row, "test_mismatch", state="held")

    def test_the_carrier_is_told_by_its_code(self):
        carrier = self.env["delivery.carrier"].create(
            {
                "name": "Example Freight Lines",
                "product_id": self._product("Freight", "FREIGHT").id,
                "edi_gateway_scac": "EXMP",
            }
        )
        picking = self._sale([(self.red, 2)]).picking_ids
        picking.carrier_id = carrier
        body = self._body(self._done(picking))
        self.assertEqual(body["transport"]["carrier"], {"scac": "EXMP", "name": "Example Freight Lines"})

    def test_a_rejection_is_an_activity_and_names_the_reasons(self):
        row = self._done(self._sale([(self.red, 2)]).picking_ids)
        messages = self.env["edi.gateway.message"].sudo()
        leased = json.loads(messages._lease(10, 60, self.company))[0]
        result = {
            "leaseToken": leased["leaseToken"],
            "state": "rejected",
            "issues": [{"path": "/x", "text": "Unknown store"}],
        }
        status, answer = messages._result(leased["id"], result, "gateway", self.company)
        self.assertEqual((status, answer["state"], row.state), (200, "rejected", "rejected"))
        self.assertIn("Unknown store", row.error_text)
        self.assertEqual(row.activity_ids.user_id, self.responsible)

    def test_a_business_rejection_after_acceptance_wins(self):
        row = self._done(self._sale([(self.red, 2)]).picking_ids)
        messages = self.env["edi.gateway.message"].sudo()
        leased = json.loads(messages._lease(10, 60, self.company))[0]
        for result in ({"state": "accepted"}, {"state": "accepted", "businessState": "rejected"}):
            messages._result(leased["id"], {"leaseToken": leased["leaseToken"], **result}, "gateway", self.company)
        self.assertEqual((row.state, row.business_state), ("accepted", "rejected"))
        self.assertTrue(row.has_open_error)
        self.assertTrue(row.activity_ids)

    def test_a_document_the_gateway_has_not_taken_can_be_cancelled(self):
        row = self._done(self._sale([(self.red, 2)]).picking_ids)
        row.with_user(self.responsible).action_cancel()
        self.assertEqual(row.state, "cancelled")
        self.assertEqual(json.loads(self.env["edi.gateway.message"].sudo()._lease(10, 60, self.company)), [])

    def test_a_document_the_gateway_has_taken_cannot_be_cancelled_here(self):
        row = self._done(self._sale([(self.red, 2)]).picking_ids)
        row.taken_at = "2026-01-01 00:00:00"
        with self.assertRaises(UserError):
            row.action_cancel()

    def _reported(self, row, *results):
        """Leases the row and reports results on it, as the gateway does."""
        messages = self.env["edi.gateway.message"].sudo()
        [leased] = json.loads(messages._lease(10, 60, self.company))
        for result in results:
            messages._result(leased["id"], {"leaseToken": leased["leaseToken"], **result}, "gateway", self.company)

    def test_a_rejected_document_is_corrected_as_its_next_revision(self):
        order = self._sale([(self.red, 2)])
        row = self._done(order.picking_ids)
        self._reported(row, {"state": "rejected"})
        order.client_order_ref = "PO-77"
        action = row.with_user(self.responsible).action_correct()
        new = self.env["edi.gateway.message"].browse(action["res_id"])
        self.assertEqual((new.message_uid, new.revision, new.state), (row.message_uid, 2, "queued"))
        self.assertEqual(new.idempotency_key, f"{row.message_uid}.2")
        message = json.loads(new.payload)
        self.assertEqual((message["revision"], message["document"]["function"]), (2, "original"))
        self.assertEqual(message["document"]["body"]["orders"][0]["orderNumber"], "PO-77")
        self.assertEqual((row.state, row.has_open_error), ("rejected", False))
        self.assertNotIn(row, self.env["edi.gateway.message"].search([("has_open_error", "=", True)]))
        self.assertFalse(row.activity_ids)
        with self.assertRaises(UserError):
            row.action_correct()

    def test_an_accepted_document_is_corrected_by_a_replacement(self):
        row = self._done(self._sale([(self.red, 2)]).picking_ids)
        self._reported(row, {"state": "accepted"}, {"state": "accepted", "businessState": "rejected"})
        new = self.env["edi.gateway.message"].browse(row.action_correct()["res_id"])
        self.assertEqual(json.loads(new.payload)["document"]["function"], "replace")
        self.assertFalse(row.has_open_error)

    def test_what_is_on_its_way_cannot_be_corrected(self):
        row = self._done(self._sale([(self.red, 2)]).picking_ids)
        with self.assertRaises(UserError):
            row.action_correct()

    def test_a_customer_who_also_supplies_gets_notices_as_customer(self):
        self.env["edi.gateway.partner"].create(
            {"name": "A supplier", "code": "a-supplier", "partner_id": self.customer_contact.id, "role": "supplier"}
        )
        row = self._done(self._sale([(self.red, 2)]).picking_ids)
        self.assertEqual(row.trading_partner_id, self.customer)
