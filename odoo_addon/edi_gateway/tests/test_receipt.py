from odoo import fields
from odoo.tests import Form, new_test_user, tagged

from ..compat import PACKAGE_MODEL, SERIES
from .common import EdiCase, golden_notice


@tagged("post_install", "-at_install")
class TestReceipt(EdiCase):
    """An inbound shipment notice prepares its own receipt."""

    def test_a_notice_of_everything_prepares_the_open_receipt(self):
        order = self._purchase([(self.red, 24), (self.blue, 6)])
        opened = order.picking_ids
        row = self._receive(golden_notice())
        self.assertEqual(row.state, "applied", row.error_text)
        self.assertEqual(order.picking_ids, opened)
        self.assertEqual(opened.edi_gateway_notice_number, "SHP-2025-0001")
        self.assertEqual(opened.state, "assigned")
        self.assertEqual(
            self._contents(opened),
            [
                ("SKU-BLU", 6.0, "000614141000001028", "LOT-B7"),
                ("SKU-RED", 12.0, "000614141000001011", None),
                ("SKU-RED", 12.0, "000614141000001028", None),
            ],
        )
        self.assertFalse(any(opened.move_line_ids.mapped("picked")), "nothing is received before a person says so")
        self.assertEqual(opened.carrier_tracking_ref, "PRO1234567")
        self.assertEqual((opened.edi_gateway_scac, opened.edi_gateway_bill_of_lading), ("EXMP", "BOL556677"))

    def test_what_was_not_shipped_stays_open_in_its_receipt(self):
        order = self._purchase([(self.red, 30), (self.blue, 6)])
        opened = order.picking_ids
        row = self._receive(golden_notice())
        self.assertEqual(row.state, "applied", row.error_text)
        self.assertEqual(
            self._receipts(order), [(None, {"SKU-RED": 6.0}), ("SHP-2025-0001", {"SKU-RED": 24.0, "SKU-BLU": 6.0})]
        )
        receipt = order.picking_ids - opened
        self.assertEqual((opened.state, receipt.state), ("assigned", "assigned"))
        self.assertEqual(opened.move_line_ids.mapped("quantity"), [6.0])
        self.assertEqual(receipt.partner_id, opened.partner_id)
        self.assertEqual(receipt.origin, opened.origin)
        self.assertFalse(receipt.backorder_id, "the shipped part is no backorder of the rest")

    def test_several_notices_each_get_their_receipt(self):
        order = self._purchase([(self.red, 30)])
        for number in ("SHP-1", "SHP-2"):
            self.assertEqual(self._receive(self._notice(number=number)).state, "applied")
        self.assertEqual(
            self._receipts(order),
            [(None, {"SKU-RED": 6.0}), ("SHP-1", {"SKU-RED": 12.0}), ("SHP-2", {"SKU-RED": 12.0})],
        )

    def test_the_receipt_is_validated_by_a_person_with_packages_and_lots(self):
        order = self._purchase([(self.red, 30), (self.blue, 6)])
        row = self._receive(golden_notice())
        receipt = row._records()[0]
        self.assertIs(receipt.button_validate(), True)
        self.assertEqual(receipt.state, "done")
        package = self.env[PACKAGE_MODEL].search([("name", "=", "000614141000001028")])
        self.assertEqual(
            sorted((quant.product_id.default_code, quant.quantity, quant.lot_id.name) for quant in package.quant_ids),
            [("SKU-BLU", 6.0, "LOT-B7"), ("SKU-RED", 12.0, False)],
        )
        self.assertEqual(
            [(line.product_id, line.qty_received) for line in order.order_line], [(self.red, 24), (self.blue, 6)]
        )
        if SERIES >= 19:
            self.assertEqual(package.parent_package_id.name, "000614141000000014")

    def test_the_receipt_is_validated_by_policy(self):
        self.supplier.validate_receipts = True
        self._purchase([(self.red, 30), (self.blue, 6)])
        row = self._receive(golden_notice())
        self.assertEqual(row.state, "applied")
        self.assertEqual(row._records()[0].state, "done")

    def test_policy_never_overrides_what_odoo_demands(self):
        self.supplier.validate_receipts = True
        self._purchase([(self.blue, 6)])
        blue = {"productIds": [{"scheme": "buyer", "value": "SKU-BLU"}], "quantityShipped": {"value": "6", "uom": "EA"}}
        row = self._receive(self._notice([blue]))
        receipt = row._records()[0]
        self.assertEqual((row.state, receipt.state), ("applied", "assigned"), "the lot is missing: prepared, not done")
        self.assertIn("Lot/Serial", receipt.activity_ids.note)

    def test_the_receipt_of_two_steps_moves_on_to_stock(self):
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        warehouse.reception_steps = "two_steps"
        order = self._purchase([(self.red, 30)])
        row = self._receive(self._notice())
        self.assertEqual(row.state, "applied", row.error_text)
        receipt = row._records()[0]
        self.assertEqual(receipt.location_dest_id, warehouse.wh_input_stock_loc_id)
        receipt.button_validate()
        self.assertEqual(receipt.state, "done")
        self.assertEqual(order.order_line.qty_received, 12)

    def test_one_notice_for_two_orders_makes_a_receipt_for_each(self):
        first = self._purchase([(self.red, 12)])
        second = self._purchase([(self.red, 20)], name="PO-4500013")
        document = self._notice([{"orderIndex": 0}, {"orderIndex": 1}])
        document["body"]["orders"].append({"orderNumber": "PO-4500013", "references": [], "parties": []})
        row = self._receive(document)
        self.assertEqual(row.state, "applied", row.error_text)
        self.assertEqual([record.purchase_id for record in row._records()], [first, second])
        self.assertEqual(self._receipts(second), [(None, {"SKU-RED": 8.0}), ("SHP-1", {"SKU-RED": 12.0})])

    def test_equal_order_lines_are_filled_by_line_number_then_in_order(self):
        order = self._purchase([(self.red, 10), (self.red, 10)])
        row = self._receive(self._notice([{"lineNumber": "2"}]))
        self.assertEqual(row.state, "applied", row.error_text)
        receipt = row._records()[0]
        by_line = {move.purchase_line_id: move.product_uom_qty for move in receipt.move_ids}
        self.assertEqual([by_line[line] for line in order.order_line], [2.0, 10.0])

    def test_the_order_number_may_be_written_another_way(self):
        order = self._purchase([(self.red, 12)], name="P/2026/00012")
        row = self._receive(self._notice(order="p-2026-12"))
        self.assertEqual((row.state, row._records()[0]), ("applied", order.picking_ids))

    def test_two_orders_that_fit_the_number_are_not_guessed(self):
        self._purchase([(self.red, 12)], name="PO-0012")
        self._purchase([(self.red, 12)], name="PO/12")
        self.assertProblem(self._receive(self._notice(order="po12")), "order_ambiguous")

    def test_a_notice_waits_for_its_order(self):
        row = self._receive(self._notice())
        self.assertProblem(row, "order_not_found", state="waiting")
        self.assertGreater(row.next_try_at, fields.Datetime.now())
        order = self._purchase([(self.red, 12)], confirm=False)
        row.next_try_at = fields.Datetime.now()
        self._run_inbox()
        self.assertProblem(row, "order_not_confirmed", state="waiting")
        order.button_confirm()
        self._run_inbox()
        self.assertEqual(row.state, "applied", "confirming the order ends the wait at once")
        self.assertFalse(row.error_text)

    def test_a_wait_that_is_too_long_is_an_error(self):
        row = self._receive(self._notice())
        self.env.cr.execute("UPDATE edi_gateway_message SET create_date = create_date - interval '73 hours'")
        self.env.invalidate_all()
        row.next_try_at = fields.Datetime.now()
        self._run_inbox()
        self.assertProblem(row, "order_not_found")
        self.assertEqual(row.activity_ids.user_id, self.responsible)

    def test_an_unknown_product_leaves_nothing_half_done(self):
        order = self._purchase([(self.red, 24), (self.blue, 6)])
        unknown = {"productIds": [{"scheme": "supplier", "value": "SKU-NEW"}]}
        package = {"id": "1", "level": "carton", "sscc": "000614141000001011"}
        row = self._receive(self._notice([{"packageIds": ["1"]}, unknown], packages=[package]))
        self.assertProblem(row, "product_unknown")
        self.assertIn("supplier SKU-NEW", row.error_text)
        self.assertEqual(self._receipts(order), [(None, {"SKU-RED": 24.0, "SKU-BLU": 6.0})])
        self.assertFalse(self.env[PACKAGE_MODEL].search([("name", "=", package["sscc"])]))
        self.assertEqual(row.activity_ids.user_id, self.responsible)

    def test_retry_after_the_product_is_known_applies_and_ends_the_activity(self):
        self._purchase([(self.red, 24)])
        row = self._receive(self._notice([{"productIds": [{"scheme": "supplier", "value": "SKU-NEW"}]}]))
        self.assertProblem(row, "product_unknown")
        self.env["edi.gateway.product"].create(
            {"trading_partner_id": self.supplier.id, "product_id": self.red.id, "partner_code": "SKU-NEW"}
        )
        row.with_user(self.responsible).action_retry()
        self._run_inbox()
        self.assertEqual(row.state, "applied", row.error_text)
        self.assertFalse(row.activity_ids)
        self.assertEqual(row.log_ids.mapped("to_state"), ["received", "error", "received", "applied"])

    def test_the_same_error_again_adds_no_log_and_no_activity(self):
        row = self._receive(self._notice([{"productIds": [{"scheme": "supplier", "value": "SKU-NEW"}]}]))
        self._purchase([(self.red, 12)])
        for _time in range(2):
            row.action_retry()
            self._run_inbox()
        self.assertEqual(len(row.activity_ids), 1)

    def test_products_are_found_by_the_partners_price_list(self):
        order = self._purchase([(self.red, 12)])
        self.env["product.supplierinfo"].create(
            {
                "partner_id": self.supplier_contact.id,
                "product_tmpl_id": self.red.product_tmpl_id.id,
                "product_code": "EX-77",
            }
        )
        row = self._receive(self._notice([{"productIds": [{"scheme": "supplier", "value": "EX-77"}]}]))
        self.assertEqual((row.state, row._records()), ("applied", [order.picking_ids]))

    def test_a_code_of_several_products_is_not_guessed(self):
        self._purchase([(self.red, 12)])
        self._product("TWIN", "SKU-TWIN-1")
        twin = self._product("TWIN", "SKU-TWIN-2")
        for product in (self.red, twin):
            self.env["edi.gateway.product"].create(
                {"trading_partner_id": self.supplier.id, "product_id": product.id, "partner_code": "EX-1"}
            )
        row = self._receive(self._notice([{"productIds": [{"scheme": "supplier", "value": "EX-1"}]}]))
        self.assertProblem(row, "product_ambiguous")

    def test_more_than_is_open_is_an_error_with_the_figures(self):
        self._purchase([(self.red, 10)])
        row = self._receive(self._notice())
        self.assertProblem(row, "over_shipment")
        self.assertRegex(row.error_text, r"12 of .*WIDGET RED were shipped, 10 are still open")

    def test_goods_of_an_earlier_notice_are_not_open(self):
        self._purchase([(self.red, 20)])
        self.assertEqual(self._receive(self._notice(number="SHP-1")).state, "applied")
        self.assertProblem(self._receive(self._notice(number="SHP-2")), "over_shipment")

    def test_a_cancelled_order_is_an_error(self):
        self._purchase([(self.red, 12)]).button_cancel()
        self.assertProblem(self._receive(self._notice()), "order_cancelled")

    def test_an_order_with_somebody_else_is_never_touched(self):
        other = self.env["res.partner"].create({"name": "Another Supplier"})
        order = self._purchase([(self.red, 12)], partner=other)
        self.assertProblem(self._receive(self._notice()), "partner_mismatch")
        self.assertEqual(self._receipts(order), [(None, {"SKU-RED": 12.0})])

    def test_a_receipt_somebody_is_working_on_is_left_alone(self):
        order = self._purchase([(self.red, 30)])
        order.picking_ids.move_ids.picked = True
        self.assertProblem(self._receive(self._notice()), "receipt_in_progress")

    def test_an_sscc_that_exists_already_is_an_error(self):
        self._purchase([(self.red, 30)])
        package = {"id": "1", "level": "carton", "sscc": "000614141000001011"}
        first = self._receive(self._notice([{"packageIds": ["1"]}], packages=[package]))
        self.assertEqual(first.state, "applied")
        again = self._receive(self._notice([{"packageIds": ["1"]}], packages=[package], number="SHP-2"))
        self.assertProblem(again, "package_in_use")

    def test_the_party_in_the_document_decides_for_a_carrier_of_others(self):
        self.supplier.code = "example-van"
        self.supplier.is_carrier_of_others = True
        contact = self.env["res.partner"].create({"name": "Small Supplier", "is_company": True})
        small = self.env["edi.gateway.partner"].create(
            {
                "name": "Small Supplier",
                "code": "small",
                "partner_id": contact.id,
                "role": "supplier",
                "id_ids": [(0, 0, {"scheme": "gln", "value": "4012345000009"})],
            }
        )
        self._purchase([(self.red, 12)], partner=contact)
        document = self._notice()
        document["parties"] = [{"role": "shipFrom", "ids": [{"scheme": "gln", "value": "4012345000009"}]}]
        row = self._receive(document, partner="example-van")
        self.assertEqual((row.state, row.trading_partner_id), ("applied", small), row.error_text)
        document = self._notice(number="SHP-2")
        document["parties"] = [{"role": "shipFrom", "ids": [{"scheme": "gln", "value": "4099999000004"}]}]
        self.assertProblem(self._receive(document, partner="example-van"), "partner_unknown")

    def test_nobody_speaks_for_another_partner(self):
        contact = self.env["res.partner"].create({"name": "Second Supplier"})
        self.env["edi.gateway.partner"].create(
            {"name": "Second", "code": "second-supplier", "partner_id": contact.id, "role": "supplier"}
        )
        order = self._purchase([(self.red, 12)])
        self.assertProblem(self._receive(self._notice(), partner="second-supplier"), "partner_mismatch")
        self.assertFalse(order.picking_ids.edi_gateway_notice_number)

    def test_an_unknown_partner_is_an_error_for_a_manager(self):
        row = self._receive(self._notice(), partner="nobody")
        self.assertProblem(row, "partner_unknown")
        self.assertTrue(row.activity_ids.user_id.has_group("edi_gateway.group_manager"))

    def test_test_and_production_are_never_mixed(self):
        self.supplier.test = True
        self._purchase([(self.red, 12)])
        self.assertProblem(self._receive(self._notice()), "test_mismatch")

    def test_a_message_for_an_unknown_company_is_an_error(self):
        self.assertProblem(self._receive(self._notice(), company="nowhere"), "company_unknown")

    def test_a_message_goes_to_the_company_it_names(self):
        second = self.env["res.company"].create({"name": "Second company", "edi_gateway_code": "second"})
        self.api_user.company_ids |= second
        self.env.user.company_ids |= second
        partner = self.supplier.copy({"company_id": second.id, "code": "example-supplier"})
        env = self.env(context={"allowed_company_ids": [second.id]})
        warehouse = env["stock.warehouse"].search([("company_id", "=", second.id)], limit=1)
        order = env["purchase.order"].create(
            {
                "name": "PO-4500012",
                "partner_id": self.supplier_contact.id,
                "company_id": second.id,
                "picking_type_id": warehouse.in_type_id.id,
                "order_line": [(0, 0, {"product_id": self.red.id, "product_qty": 12})],
            }
        )
        order.button_confirm()
        first = self._purchase([(self.red, 12)])
        row = self._receive(self._notice(), company="second")
        self.assertEqual(
            (row.state, row.company_id, row.trading_partner_id), ("applied", second, partner), row.error_text
        )
        self.assertEqual(row._records()[0], order.picking_ids)
        self.assertFalse(first.picking_ids.edi_gateway_notice_number)

    def test_receipts_can_be_prepared_as_an_ordinary_user(self):
        clerk = new_test_user(
            self.env,
            "edi-clerk",
            groups="stock.group_stock_user,purchase.group_purchase_user,edi_gateway.group_operator",
        )
        self.supplier.effect_user_id = clerk
        self._purchase([(self.red, 30), (self.blue, 6)])
        row = self._receive(golden_notice())
        self.assertEqual(row.state, "applied", row.error_text)
        self.assertEqual(row._records()[0].create_uid, clerk)

    def test_a_quantity_added_to_the_order_later_is_not_part_of_the_notice(self):
        order = self._purchase([(self.red, 12)])
        self.assertEqual(self._receive(self._notice()).state, "applied")
        order.order_line.product_qty = 20
        self.assertEqual(self._receipts(order), [("SHP-1", {"SKU-RED": 12.0}), (None, {"SKU-RED": 8.0})])

    def test_the_receipt_shows_its_message(self):
        order = self._purchase([(self.red, 12)])
        row = self._receive(self._notice())
        receipt = order.picking_ids
        self.assertEqual((receipt.edi_gateway_message_count, receipt.edi_gateway_error_count), (1, 0))
        self.assertEqual(receipt.action_view_edi_gateway_messages()["res_id"], row.id)
        self.assertEqual(order.edi_gateway_message_ids, row)
        note = receipt.message_ids.filtered(lambda message: "shipment notice SHP-1" in (message.body or ""))
        self.assertEqual(len(note), 1)
        self.assertIn(f'data-oe-model="edi.gateway.message" data-oe-id="{row.id}"', note.body)
        with Form(receipt) as form:
            self.assertEqual(form.edi_gateway_notice_number, "SHP-1")

    def test_a_kind_without_an_effect_is_an_error_that_says_so(self):
        document = {
            **{
                key: self._notice()[key]
                for key in ("version", "function", "documentDate", "parties", "references", "dates", "notes")
            },
            "kind": "functionalAck",
            "documentNumber": "1",
            "body": {"acknowledged": []},
        }
        self.assertProblem(self._receive(document), "kind_unsupported")
