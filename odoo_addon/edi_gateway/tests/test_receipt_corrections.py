from odoo.tests import tagged

from ..compat import PACKAGE_MODEL
from .common import EdiCase, golden_notice

CARTON = {"id": "1", "level": "carton", "sscc": "000614141000001011"}


@tagged("post_install", "-at_install")
class TestReceiptCorrections(EdiCase):
    """The same shipment number again: repetition, replacement, cancellation."""

    def _packed(self, **values):
        return self._notice([{"packageIds": ["1"]}], packages=[CARTON], **values)

    def test_the_same_notice_again_is_ignored_and_points_to_the_receipt(self):
        order = self._purchase([(self.red, 30)])
        self._receive(self._packed())
        again = self._receive(self._packed(source={"family": "x12", "control": {"interchange": "2", "message": "7"}}))
        self.assertEqual((again.state, again.error_text), ("ignored", False))
        self.assertEqual(again._records(), [order.picking_ids.filtered("edi_gateway_notice_number")])
        self.assertEqual(self._receipts(order), [(None, {"SKU-RED": 18.0}), ("SHP-1", {"SKU-RED": 12.0})])

    def test_the_same_number_with_other_content_is_an_error(self):
        order = self._purchase([(self.red, 30)])
        self._receive(self._packed())
        other = self._receive(self._notice([{"quantityShipped": {"value": "13", "uom": "EA"}}]))
        self.assertProblem(other, "number_reused")
        self.assertEqual(self._receipts(order), [(None, {"SKU-RED": 18.0}), ("SHP-1", {"SKU-RED": 12.0})])

    def test_the_same_number_of_another_partner_is_another_notice(self):
        self._purchase([(self.red, 30)])
        self._receive(self._packed())
        contact = self.env["res.partner"].create({"name": "Second Supplier"})
        self.env["edi.gateway.partner"].create(
            {"name": "Second", "code": "second-supplier", "partner_id": contact.id, "role": "supplier"}
        )
        self._purchase([(self.red, 12)], name="PO-2", partner=contact)
        document = self._notice(order="PO-2", parties=[])
        self.assertEqual(self._receive(document, partner="second-supplier").state, "applied")

    def test_a_cancellation_opens_the_receipt_again(self):
        order = self._purchase([(self.red, 30)])
        original = self._receive(self._packed())
        cancel = self._receive(self._packed(function="cancel"))
        self.assertEqual((original.state, cancel.state), ("superseded", "applied"), cancel.error_text)
        self.assertEqual(self._receipts(order), [(None, {"SKU-RED": 18.0}), (None, {"SKU-RED": 12.0})])
        self.assertFalse(self.env[PACKAGE_MODEL].search([("name", "=", CARTON["sscc"])]))
        self.assertEqual(sum(order.picking_ids.move_line_ids.mapped("quantity")), 30.0)
        after = self._receive(self._notice([{"quantityShipped": {"value": "30", "uom": "EA"}}], number="SHP-2"))
        self.assertEqual(after.state, "applied", "what is open again can be told by another notice")

    def test_a_cancelled_pallet_leaves_no_package(self):
        self._purchase([(self.red, 30), (self.blue, 6)])
        document = golden_notice()
        self.assertEqual(self._receive(document).state, "applied")
        numbers = [package["sscc"] for package in document["body"]["packages"]]
        self.assertEqual(self._receive({**document, "function": "cancel"}).state, "applied")
        self.assertFalse(self.env[PACKAGE_MODEL].search([("name", "in", numbers)]))
        again = self._receive({**document, "documentNumber": "SHP-2"})
        self.assertEqual(again.state, "applied", again.error_text)

    def test_a_cancellation_after_the_goods_moved_is_for_a_person(self):
        self._purchase([(self.red, 30)])
        original = self._receive(self._packed())
        original._records()[0].button_validate()
        cancel = self._receive(self._packed(function="cancel"))
        self.assertProblem(cancel, "already_moved")
        self.assertEqual(original.state, "applied")
        self.assertEqual(cancel.activity_ids.user_id, self.responsible)

    def test_a_replacement_prepares_the_receipt_anew(self):
        order = self._purchase([(self.red, 30)])
        original = self._receive(self._packed())
        lines = [{"packageIds": ["1"], "quantityShipped": {"value": "20", "uom": "EA"}}]
        new = self._receive(self._notice(lines, packages=[CARTON], function="replace"))
        self.assertEqual((original.state, new.state), ("superseded", "applied"), new.error_text)
        told = order.picking_ids.filtered(lambda picking: picking.edi_gateway_notice_number == "SHP-1")
        self.assertEqual(sum(told.move_ids.mapped("product_uom_qty")), 20.0)
        self.assertEqual({line.result_package_id.name for line in told.move_line_ids}, {CARTON["sscc"]})
        self.assertEqual(sum(order.picking_ids.move_ids.mapped("product_uom_qty")), 30.0)

    def test_a_replacement_after_the_goods_moved_is_for_a_person(self):
        self._purchase([(self.red, 30)])
        self._receive(self._packed())._records()[0].button_validate()
        self.assertProblem(self._receive(self._packed(function="replace")), "already_moved")

    def test_a_cancellation_before_its_original_waits_for_it(self):
        self._purchase([(self.red, 30)])
        cancel = self._receive(self._packed(function="cancel"))
        self.assertProblem(cancel, "original_not_found", state="waiting")

    def test_a_notice_that_still_waits_is_set_aside_by_its_cancellation(self):
        original = self._receive(self._packed())
        self.assertEqual(original.state, "waiting")
        cancel = self._receive(self._packed(function="cancel"))
        self.assertEqual((original.state, cancel.state), ("superseded", "applied"))
        order = self._purchase([(self.red, 30)])
        self._run_inbox()
        self.assertEqual(self._receipts(order), [(None, {"SKU-RED": 30.0})])

    def test_a_change_is_for_a_person(self):
        self._purchase([(self.red, 30)])
        self._receive(self._packed())
        self.assertProblem(self._receive(self._packed(function="change")), "change_by_person")

    def test_a_copy_has_no_effect(self):
        order = self._purchase([(self.red, 30)])
        self.assertEqual(self._receive(self._packed(function="copy")).state, "ignored")
        self.assertEqual(self._receipts(order), [(None, {"SKU-RED": 30.0})])

    def test_messages_about_one_shipment_are_applied_in_the_order_they_came(self):
        self._purchase([(self.red, 30)])
        original = self._store(self._packed())
        cancel = self._store(self._packed(function="cancel"))
        original.next_try_at = "2000-01-02 00:00:00"
        cancel.next_try_at = "2000-01-01 00:00:00"
        self._run_inbox()
        self.assertEqual((original.state, cancel.state), ("superseded", "applied"))

    def test_a_new_revision_of_a_message_in_error_takes_its_place(self):
        self._purchase([(self.red, 30)])
        wrong = self._notice([{"productIds": [{"scheme": "supplier", "value": "SKU-NEW"}]}])
        first = self._receive(wrong)
        self.assertProblem(first, "product_unknown")
        second = self._receive(self._packed(), id=first.message_uid, revision=2)
        self.assertEqual((first.state, second.state), ("superseded", "applied"), second.error_text)
        self.assertFalse(first.activity_ids)
