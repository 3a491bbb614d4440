from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import EdiCase


@tagged("post_install", "-at_install")
class TestAccess(EdiCase):
    """Who may see and do what."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(cls.env, "edi-stock-clerk", groups="stock.group_stock_user")
        cls.stranger = new_test_user(cls.env, "edi-stranger", groups="base.group_user")
        cls.manager = new_test_user(cls.env, "edi-manager", groups="edi_gateway.group_manager")

    def setUp(self):
        super().setUp()
        self._purchase([(self.red, 12)])
        self.row = self._receive(self._notice())

    def test_a_stock_user_sees_messages_but_not_their_content(self):
        row = self.row.with_user(self.clerk)
        self.assertEqual(row.state, "applied")
        with self.assertRaises(AccessError):
            row.read(["payload"])
        with self.assertRaises(AccessError):
            row.action_retry()

    def test_others_see_nothing(self):
        with self.assertRaises(AccessError):
            self.row.with_user(self.stranger).read(["state"])

    def test_an_operator_sees_the_content(self):
        self.assertIn("SHP-1", self.row.with_user(self.responsible).payload)

    def test_nobody_creates_or_deletes_messages_by_hand(self):
        with self.assertRaises(AccessError):
            self.row.with_user(self.manager).unlink()
        with self.assertRaises(AccessError):
            self.env["edi.gateway.message"].with_user(self.manager).create({"direction": "in"})

    def test_the_log_only_grows(self):
        with self.assertRaises(UserError):
            self.row.log_ids.write({"text": "another story"})
        with self.assertRaises(UserError):
            self.row.log_ids.unlink()
        with self.assertRaises(AccessError):
            self.env["edi.gateway.message.log"].with_user(self.manager).create({"message_id": self.row.id})

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_messages_of_another_company_are_out_of_sight(self):
        other = self.env["res.company"].create({"name": "Another company"})
        self.row.sudo().company_id = other
        self.assertFalse(self.env["edi.gateway.message"].with_user(self.clerk).search([("id", "=", self.row.id)]))
        with self.assertRaises(AccessError):
            self.row.log_ids.with_user(self.clerk).read(["to_state"])

    def test_an_operator_sets_up_codes_but_no_partners_and_keys(self):
        self.env["edi.gateway.product"].with_user(self.responsible).create(
            {"trading_partner_id": self.supplier.id, "product_id": self.red.id, "partner_code": "X"}
        )
        with self.assertRaises(AccessError):
            self.supplier.with_user(self.responsible).validate_receipts = True
        with self.assertRaises(AccessError):
            self.key.with_user(self.responsible).read(["kid"])

    def test_only_a_manager_binds_the_database(self):
        with self.assertRaises(UserError):
            self.env["edi.gateway.binding"].with_user(self.responsible)._bind("test")
        self.env["edi.gateway.binding"].with_user(self.manager)._bind("test")
        self.assertEqual(self.env["edi.gateway.binding"]._environment(), "test")

    def test_a_database_that_moved_is_no_longer_bound(self):
        binding = self.env["edi.gateway.binding"]
        for name, value in (("bound_uuid", "x"), ("bound_url", "https://other.example"), ("bound_place", "1@2")):
            binding._bind("production")
            self.assertEqual(binding._state(), "bound")
            binding._set(name, value)
            self.assertEqual(binding._state(), "binding_mismatch", name)

    def test_a_message_ignored_by_hand_says_by_whom(self):
        row = self._receive(
            self._notice([{"productIds": [{"scheme": "supplier", "value": "SKU-NEW"}]}], number="SHP-2")
        )
        row.with_user(self.responsible).action_ignore()
        self.assertEqual((row.state, row.log_ids[-1].actor), ("ignored", "edi-responsible"))
        self.assertFalse(row.activity_ids)

    def test_a_state_cannot_be_reached_from_everywhere(self):
        with self.assertRaises(UserError):
            self.row.action_ignore()

    def test_every_view_opens(self):
        for model in ("message", "partner", "product", "uom", "key"):
            views = self.env["ir.ui.view"].search([("model", "=", f"edi.gateway.{model}")])
            self.assertTrue(views)
            for view in views:
                arch = self.env[f"edi.gateway.{model}"].with_user(self.manager).get_view(view.id, view.type)["arch"]
                self.assertTrue(arch)
        self.env["res.config.settings"].create({}).execute()
