import json

from odoo.tests import tagged

from .common import EdiCase, Gateway


@tagged("post_install", "-at_install")
class TestPush(EdiCase):
    """Push posts what pull would hand out, with the same key, and what the answer means is the client rules."""

    def setUp(self):
        super().setUp()
        self.gateway = Gateway()
        self.addCleanup(self.gateway.stop)
        self.binding = self.env["edi.gateway.binding"]
        self.binding._set("gateway_url", self.gateway.url + "/")
        self.binding._set("gateway_token", "token-1")
        self.binding._set("push", "True")
        picking = self.env["stock.picking"].create(
            {"picking_type_id": self.env["stock.picking.type"].search([("code", "=", "outgoing")], limit=1).id}
        )
        self.row = self.env["edi.gateway.message"]._queue(self.supplier, self._notice(), picking)

    def _push(self):
        self.env["edi.gateway.message"]._cron_push()
        self.env.invalidate_all()

    def _leased(self):
        return json.loads(self.env["edi.gateway.message"].sudo()._lease(10, 60, self.company))

    def test_the_document_is_posted_once_and_no_longer_leased(self):
        self._push()
        self._push()
        [(path, headers, body)] = self.gateway.requests
        self.assertEqual(path, "/v1/messages")
        self.assertEqual(body.decode(), self.row.payload)
        self.assertEqual(headers["Authorization"], "Bearer token-1")
        self.assertEqual(headers["Idempotency-Key"], self.row.idempotency_key)
        self.assertTrue(self.row.taken_at)
        self.assertEqual(self._leased(), [])

    def test_results_of_a_pushed_document_need_no_lease(self):
        self._push()
        outbox_id = self.gateway.requests[0][1]["X-Outbox-Id"]
        messages = self.env["edi.gateway.message"].sudo()
        status, _answer = messages._result(outbox_id, {"state": "accepted"}, "gateway", self.company)
        self.assertEqual((status, self.row.state), (200, "accepted"))

    def test_a_busy_gateway_is_tried_again_later_with_the_same_bytes(self):
        self.gateway.answers = [(503, {})]
        self._push()
        self.assertEqual((self.row.state, self.row.attempts), ("queued", 1))
        self._push()
        self.assertEqual(len(self.gateway.requests), 1, "not before its time")
        self.row.next_try_at = "2026-01-01 00:00:00"
        self._push()
        self.assertEqual(len({body for _path, _headers, body in self.gateway.requests}), 1)
        self.assertTrue(self.row.taken_at)

    def test_an_unreachable_gateway_is_tried_again_later(self):
        self.binding._set("gateway_url", "http://127.0.0.1:9")
        self._push()
        self.assertEqual((self.row.state, self.row.attempts), ("queued", 1))

    def test_a_refused_connection_stops_push_with_one_alert(self):
        self.gateway.answers = [(401, {})]
        self._push()
        self.assertEqual(self.row.state, "queued")
        self.assertTrue(self.binding._get("push_stopped"))
        self.assertEqual(len(self.row.activity_ids), 1)
        self.row.next_try_at = False
        self._push()
        self.assertEqual(len(self.gateway.requests), 1)

    def test_a_document_the_gateway_refuses_is_held_with_its_reasons(self):
        self.gateway.answers = [
            (422, {"issues": [{"path": "/document/parties", "text": "A ship-to party is needed."}]})
        ]
        self._push()
        self.assertEqual(self.row.state, "held")
        self.assertIn("A ship-to party is needed.", self.row.error_text)

    def test_an_unbound_database_pushes_nothing(self):
        self.binding._unbind()
        self._push()
        self.assertEqual(self.gateway.requests, [])
