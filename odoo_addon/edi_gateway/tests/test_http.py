"""Plays every golden case of the contract against this Odoo over HTTP."""

import base64
import json
import re
import time
import uuid

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.edi_gateway.lib import tokens
from odoo.addons.edi_gateway.models.edi_gateway_inbox import content_digest

from .common import DATA

KEYS = json.loads((DATA / "keys.json").read_text())
MATCHERS = {
    "text": lambda value: isinstance(value, str) and bool(value),
    "number": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "uuid": lambda value: isinstance(value, str) and str(uuid.UUID(value)) == value,
    "instant": lambda value: (
        isinstance(value, str)
        and bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)", value))
    ),
}


@tagged("post_install", "-at_install")
class TestHttp(HttpCase):
    """One test method per golden case, made below."""

    def setUp(self):
        super().setUp()
        self.company = self.env.company
        self.binding = self.env["edi.gateway.binding"]
        self.binding._bind("production")
        self.user = new_test_user(self.env, "edi-http", groups="edi_gateway.group_api")
        self.remembered = {}
        self._make_keys()

    def _make_keys(self):
        jwt, keys = KEYS["jwt"], KEYS["apiKeys"]
        values = {"user_id": self.user.id}
        key = self.env["edi.gateway.key"].create({**values, "kid": jwt["kid"], "kind": "jwt", "issuer": jwt["issuer"]})
        key.new_secret = jwt["secret"]
        for placeholder, extra in (
            ("<api key>", {}),
            ("<api key expired>", {"expires_at": "2026-01-01 00:00:00"}),
            ("<api key inbox only>", {"scope_outbox": False}),
            ("<api key outbox only>", {"scope_inbox": False}),
        ):
            text = keys[placeholder]
            made = self.env["edi.gateway.key"].create({**values, **extra, "kid": text.split("_")[1], "kind": "api_key"})
            made.sudo().secret_hash = tokens.api_key_hash(text)

    def _authorization(self, placeholder):
        if placeholder in KEYS["apiKeys"]:
            return f"Bearer {KEYS['apiKeys'][placeholder]}"
        if not placeholder.startswith("<jwt"):
            return placeholder
        jwt = KEYS["jwt"]
        kid, secret, now = jwt["kid"], jwt["secret"], int(time.time())
        claims = {"iss": jwt["issuer"], "aud": jwt["audience"], "sub": jwt["subject"], "iat": now, "exp": now + 300}
        if placeholder == "<jwt alg none>":
            head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": kid}).encode()).rstrip(b"=").decode()
            body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
            return f"Bearer {head}.{body}."
        claims |= {
            "<jwt>": {},
            "<jwt expired>": {"iat": now - 3600, "exp": now - 3300},
            "<jwt not yet valid>": {"nbf": now + 3600},
            "<jwt wrong audience>": {"aud": "another"},
            "<jwt wrong issuer>": {"iss": "https://another.example"},
            "<jwt longer than 15 minutes>": {"exp": now + 3600},
            "<jwt unknown kid>": {},
            "<jwt wrong signature>": {},
        }[placeholder]
        kid = "unknown" if placeholder == "<jwt unknown kid>" else kid
        secret = secret[::-1] if placeholder == "<jwt wrong signature>" else secret
        return f"Bearer {tokens.sign_jwt(kid, secret, claims)}"

    # Given -------------------------------------------------------------------------------------------------------

    def _prepare(self, given):
        for row in given.get("inbox", []):
            self._inbound(row)
        for message in given.get("outbox", []):
            self._outbound(message)
        if given.get("binding") == "none":
            self.binding._unbind()
        elif given.get("binding") == "mismatch":
            self.binding._set("bound_uuid", str(uuid.uuid4()))
        if given.get("paused"):
            self.binding._set("paused", "True")
        if "maxBodyBytes" in given:
            self.binding._set("max_body_bytes", str(given["maxBodyBytes"]))

    def _row(self, message, **values):
        document = message["document"]
        return self.env["edi.gateway.message"].create(
            {
                "direction": message["direction"],
                "kind": document["kind"],
                "function": document["function"],
                "document_number": document["documentNumber"],
                "company_id": self.company.id,
                "partner_code": message["partner"],
                "test": message["test"],
                "message_uid": message["id"],
                "revision": message["revision"],
                "idempotency_key": f"{message['id']}.{message['revision']}",
                "correlation_id": message["correlationId"],
                "payload": json.dumps(message),
                "content_sha256": content_digest(document),
                **values,
            }
        )

    def _inbound(self, given):
        error = given.get("error", {})
        row = self._row(
            given["message"],
            state=given["state"],
            error_code=error.get("code"),
            error_text=error.get("text"),
            report_pending=given.get("report", False),
            report_number=1 if given.get("report") else 0,
        )
        if given.get("records"):
            picking = self.env["stock.picking"].create(
                {"picking_type_id": self.env["stock.picking.type"].search([("code", "=", "incoming")], limit=1).id}
            )
            self.env["edi.gateway.message.record"].create(
                {"message_id": row.id, "res_model": "stock.picking", "res_id": picking.id}
            )

    def _outbound(self, message):
        self._row(message, state="queued", outbox_uid=str(uuid.uuid4()))

    # Exchange ----------------------------------------------------------------------------------------------------

    def _filled(self, value):
        """The value with what was remembered put in."""
        text = json.dumps(value)
        for name, remembered in self.remembered.items():
            text = text.replace("{" + name + "}", remembered)
        return json.loads(text)

    def _send(self, request):
        headers = dict(request["headers"])
        if "Authorization" in headers:
            headers["Authorization"] = self._authorization(headers["Authorization"])
        data = None
        if "bodyHex" in request:
            data = bytes.fromhex(request["bodyHex"])
        elif "bodyText" in request:
            data = request["bodyText"].encode()
        elif "body" in request:
            body = json.dumps(self._filled(request["body"]), ensure_ascii=False, separators=(",", ":"))
            data = body.encode()
        self.env.flush_all()
        response = self.opener.request(
            request["method"], self.base_url() + self._filled(request["path"]), data=data, headers=headers, timeout=30
        )
        self.env.invalidate_all()
        return response

    def _assert_like(self, actual, expected, at):
        if isinstance(expected, dict):
            self.assertIsInstance(actual, dict, at)
            self.assertEqual(sorted(actual), sorted(expected), at)
            for name in expected:
                self._assert_like(actual[name], expected[name], f"{at}/{name}")
        elif isinstance(expected, list):
            self.assertIsInstance(actual, list, at)
            self.assertEqual(len(actual), len(expected), at)
            for place, item in enumerate(expected):
                self._assert_like(actual[place], item, f"{at}/{place}")
        elif isinstance(expected, str) and (match := re.fullmatch(r"<(\w+)(?::(\w+))?>", expected)):
            self.assertTrue(MATCHERS[match[1]](actual), f"{at}: {actual!r} is no {match[1]}")
            if match[2]:
                self.remembered[match[2]] = actual
        else:
            self.assertEqual(actual, expected, at)

    def _play(self, case):
        self._prepare(case.get("given", {}))
        for place, exchange in enumerate(case["exchanges"], 1):
            with self.subTest(case=case["title"], exchange=place):
                response = self._send(exchange["request"])
                expected = exchange["response"]
                self.assertEqual(response.status_code, expected["status"], response.text)
                for name, value in expected.get("headers", {}).items():
                    self.assertEqual(response.headers.get(name), value)
                self.assertEqual(response.headers["Content-Type"], "application/json")
                self._assert_like(response.json(), self._filled(expected["body"]), "")

    def test_the_stored_text_is_the_body_byte_for_byte(self):
        case = json.loads((DATA / "http" / "message-new.json").read_text())
        request = case["exchanges"][0]["request"]
        body = request.pop("body")
        body["document"]["notes"] = [{"text": "Grüße, \u4f60\u597d \U0001f69a"}]
        request["bodyText"] = json.dumps(body, indent=3, ensure_ascii=False) + "\r\n"
        self.assertEqual(self._send(request).status_code, 202)
        row = self.env["edi.gateway.message"]._by_uid(body["id"])
        self.assertEqual(row.payload, request["bodyText"])
        self.assertEqual(row.create_uid, self.user)
        self.assertEqual(row.log_ids.mapped("actor"), ["example-jwt/gateway"])

    def test_the_last_use_of_a_key_is_noted(self):
        case = json.loads((DATA / "http" / "outbox-empty.json").read_text())
        self._send(case["exchanges"][0]["request"])
        used = self.env["edi.gateway.key"].search([("last_used_at", "!=", False)])
        self.assertEqual(used.mapped("kid"), [KEYS["jwt"]["kid"]])

    def test_an_unknown_path_of_the_api_is_404(self):
        self.assertEqual(self.opener.get(f"{self.base_url()}/edi_gateway/v1/nothing", timeout=30).status_code, 404)

    def test_rows_of_another_company_are_neither_seen_nor_leased(self):
        other = self.env["res.company"].create({"name": "Another company"})
        case = json.loads((DATA / "http" / "outbox-document.json").read_text())
        self._prepare(case["given"])
        row = self.env["edi.gateway.message"]._by_uid(case["given"]["outbox"][0]["id"])
        row.company_id = other
        lease = self._send(case["exchanges"][0]["request"])
        self.assertEqual((lease.status_code, lease.json()), (200, []))
        self.assertEqual(self._send(case["exchanges"][-1]["request"]).status_code, 404)


def _test(path):
    case = json.loads(path.read_text())

    @mute_logger("odoo.addons.edi_gateway.controllers.main")
    def play(self):
        self._play(json.loads(path.read_text()))

    play.__doc__ = case["title"]
    return play


for _path in sorted((DATA / "http").glob("*.json")):
    setattr(TestHttp, f"test_case_{_path.stem.replace('-', '_')}", _test(_path))
