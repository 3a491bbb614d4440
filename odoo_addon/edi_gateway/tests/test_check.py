import json
import re

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..lib import gs1
from .common import MESSAGE, DeliveryCase, Gateway


@tagged("post_install", "-at_install")
class TestCheck(DeliveryCase):
    """Check EDI: the gateway's dry run of what a transfer or a waiting document would send."""

    def setUp(self):
        super().setUp()
        self.gateway = Gateway()
        self.addCleanup(self.gateway.stop)
        self.binding = self.env["edi.gateway.binding"]
        self.binding._set("gateway_url", self.gateway.url)
        self.binding._set("gateway_token", "token-1")
        self.gateway.answers = [(200, {"ok": True, "text": "ISA*00*~\nIEA*1*000000001~\n", "issues": []})]
        # Works in the warehouse and does not see sale orders.
        self.user = new_test_user(self.env, "edi-looks", groups="stock.group_stock_user,edi_gateway.group_user")

    def _check(self, record):
        button = "action_edi_gateway_check" if record._name == "stock.picking" else "action_check"
        self.env.invalidate_all()
        action = getattr(record.with_user(self.user), button)()
        return self.env[action["res_model"]].with_user(self.user).browse(action["res_id"])

    def _sent(self):
        """The one Message the gateway was asked about."""
        [(path, headers, body)] = self.gateway.requests
        self.assertEqual((path, headers["Authorization"]), ("/v1/messages?dryRun=true", "Bearer token-1"))
        message = json.loads(body)
        self.assertEqual(MESSAGE.issues(message), [])
        return message

    def test_a_transfer_is_checked_before_it_is_validated_and_stays_as_it_was(self):
        picking = self._sale([(self.red, 24)]).picking_ids
        self._pack(picking, self.red, "PACK-1")
        self.company.edi_gateway_gs1_prefix = "0614141"
        drawn = self.env["ir.sequence"].search_count([("code", "=", "edi_gateway.sscc")])
        check = self._check(picking)
        self.assertEqual((check.result, check.findings, check.name), ("ok", False, picking.name))
        self.assertTrue(check.edi.startswith("ISA*"))
        document = self._sent()["document"]
        self.assertEqual(document["documentNumber"], picking.name)
        [line] = document["body"]["lines"]
        self.assertEqual(line["quantityShipped"], {"value": "24", "uom": "EA"})
        [package] = document["body"]["packages"]
        self.assertTrue(gs1.is_sscc(package["sscc"]), "an example")
        self.assertEqual(picking.move_line_ids.result_package_id.name, "PACK-1")
        self.assertEqual(self.env["ir.sequence"].search_count([("code", "=", "edi_gateway.sscc")]), drawn)
        self.assertFalse(picking.edi_gateway_message_ids)
        self.assertNotEqual(picking.state, "done")

    def test_only_what_is_picked_would_leave(self):
        picking = self._sale([(self.red, 24), (self.blue, 6)]).picking_ids
        picking.move_ids.filtered(lambda move: move.product_id == self.blue).picked = True
        self._check(picking)
        [line] = self._sent()["document"]["body"]["lines"]
        self.assertEqual(line["quantityShipped"]["value"], "6")

    def test_what_the_gateway_finds_is_told_by_its_place_in_odoo(self):
        picking = self._sale([(self.red, 24)]).picking_ids
        issues = [
            {"path": "/document/body/lines/0/productIds", "code": "x", "severity": "error", "text": "No <UPC>."},
            {"path": "/document/body/orders/0/orderNumber", "code": "x", "severity": "warning", "text": "Too long."},
            {"path": "/document/body/totals", "code": "x", "severity": "info", "text": "Left out."},
        ]
        self.gateway.answers = [(200, {"ok": False, "issues": issues})]
        check = self._check(picking)
        self.assertEqual((check.result, check.edi), ("refused", False))
        told = re.findall(r"<li.*?</li>", str(check.findings), re.S)
        self.assertEqual(len(told), 2)
        self.assertIn("partner's code of WIDGET RED", told[0])
        self.assertIn("No &lt;UPC&gt;.", told[0])
        self.assertIn("Customer Reference of sale order PO-4500012", told[1])

    def test_what_odoo_itself_misses_needs_no_gateway(self):
        picking = self._sale([(self.red, 24)], reference=False).picking_ids
        check = self._check(picking)
        self.assertEqual((check.result, self.gateway.requests), ("refused", []))
        self.assertIn("has no Customer Reference", check.findings)

    def test_a_waiting_document_is_checked_as_it_is_stored(self):
        row = self._done(self._sale([(self.red, 24)]).picking_ids)
        self.gateway.answers = [(422, {"detail": "no", "issues": [{"path": "/partner", "text": "is unknown"}]})]
        check = self._check(row)
        self.assertEqual(self._sent(), json.loads(row.payload))
        self.assertEqual(check.result, "refused")
        self.assertIn("Trading partner", check.findings)
        self.assertEqual(row.state, "queued")

    def test_who_gets_nothing_is_not_checked(self):
        picking = self._sale([(self.red, 24)]).picking_ids
        self.customer.send_shipment_notice = False
        with self.assertRaisesRegex(UserError, "No trading partner"):
            self._check(picking)

    def test_a_gateway_that_cannot_be_asked_is_told_in_words(self):
        picking = self._sale([(self.red, 24)]).picking_ids
        self.gateway.answers = [(403, {"detail": "the key lacks the scope messages:write"})]
        with self.assertRaisesRegex(UserError, "403: the key lacks the scope"):
            self._check(picking)
        self.binding._set("gateway_url", "http://127.0.0.1:9")
        with self.assertRaisesRegex(UserError, "cannot be asked"):
            self._check(picking)
        self.binding._set("gateway_url", "")
        with self.assertRaisesRegex(UserError, "address and token"):
            self._check(picking)
        self.binding._set("gateway_url", self.gateway.url)
        self.binding._unbind()
        with self.assertRaisesRegex(UserError, "not bound"):
            self._check(picking)
