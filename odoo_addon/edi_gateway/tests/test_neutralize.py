from pathlib import Path

from odoo.tests import tagged

from .common import EdiCase

SCRIPT = Path(__file__).parent.parent / "data" / "neutralize.sql"


@tagged("post_install", "-at_install")
class TestNeutralize(EdiCase):
    def test_a_neutralized_copy_cannot_act(self):
        text = self.key._generate()
        self.env["edi.gateway.binding"]._set("gateway_url", "https://gateway.example")
        queued = self.env["edi.gateway.message"].create(
            {
                "direction": "out",
                "kind": "shipmentNotice",
                "company_id": self.company.id,
                "message_uid": "u1",
                "idempotency_key": "u1.1",
                "state": "queued",
            }
        )
        reported = self._receive(self._notice())
        self.assertTrue(reported.report_pending)
        self.env.flush_all()
        self.env.cr.execute(SCRIPT.read_text())
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.assertEqual(self.env["edi.gateway.binding"]._state(), "not_bound")
        self.assertFalse(self.env["edi.gateway.binding"]._get("gateway_url"))
        self.assertFalse(self.key.active)
        self.assertFalse(self.key.sudo().secret_hash)
        self.assertEqual((queued.state, queued.log_ids.to_state), ("cancelled", "cancelled"))
        self.assertFalse(reported.report_pending)
        self.assertTrue(text)
