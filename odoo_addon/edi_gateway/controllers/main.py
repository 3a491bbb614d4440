"""The HTTP contract with the gateway. Requests store and report; effects happen in the cron, not here.

Every controller may be run several times for one request (Odoo repeats it after a serialisation failure), so nothing
here calls out or keeps state.
"""

import functools
import json
import logging
import re
import uuid
from pathlib import Path

from odoo import http
from odoo.http import request
from odoo.release import version as odoo_version

from ..lib import states, tokens
from ..lib.schema import Schema

_logger = logging.getLogger(__name__)

FOLDER = Path(__file__).parent.parent
MESSAGE = Schema(json.loads((FOLDER / "schemas" / "message.json").read_text()))
LEASE = Schema(
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["limit", "leaseSeconds"],
        "properties": {
            "limit": {"type": "integer", "minimum": 1, "maximum": 200},
            "leaseSeconds": {"type": "integer", "minimum": 0, "maximum": 3600},
        },
    }
)
RESULT = Schema(
    {
        "type": "object",
        "required": ["state"],
        "properties": {
            "leaseToken": {"type": "string"},
            "state": {"type": "string", "enum": [state for state in states.OUTBOUND if state != "error"]},
            "gatewayMessageId": {"type": "string"},
            "businessState": {"type": "string", "enum": list(states.BUSINESS)},
            "overdue": {"type": "boolean"},
            "issues": {"type": "array", "items": {"type": "object"}},
        },
    }
)
SCHEMA_VERSIONS = [1]
DEFAULT_MAX_BODY = 20 * 1024 * 1024
#: auth: checked here. readonly: the default of `none` routes would run every writing request twice.
ROUTE = {"type": "http", "auth": "none", "csrf": False, "save_session": False, "readonly": False}


class Answer(Exception):
    """Ends a request with a status and a JSON body."""

    def __init__(self, status, body, **headers):
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def _error(status, code, text, **headers):
    return Answer(status, {"error": code, "text": text}, **headers)


def endpoint(function):
    """A controller that returns (status, JSON value or JSON text) or raises Answer."""

    @functools.wraps(function)
    def call(self, **path):
        try:
            status, body = function(self, **path)
            headers = {}
        except Answer as answer:
            status, body, headers = answer.status, answer.body, answer.headers
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        correlation = request.httprequest.headers.get("X-Correlation-Id")
        if correlation and re.fullmatch(r"[\x20-\x7e]{1,128}", correlation):
            headers["X-Correlation-Id"] = correlation
        headers["Cache-Control"] = "no-store"
        return request.make_response(text, [("Content-Type", "application/json"), *headers.items()], status=status)

    return call


def _authenticate(scope=None):
    """Who calls → (key, actor, companies). From here on the request runs as the key's user."""
    header = request.httprequest.headers.get("Authorization")
    try:
        key, actor = request.env["edi.gateway.key"]._authenticate(header)
    except tokens.Refused as refused:
        _logger.warning("refused %s from %s: %s", request.httprequest.path, request.httprequest.remote_addr, refused)
        raise _error(401, "unauthorized", "A valid bearer token is needed.", WWW_Authenticate="Bearer") from refused
    request.update_env(user=key.user_id.id)
    if scope and not key[scope]:
        raise _error(403, "scope", "This key may not do that.")
    return key, actor, key.user_id.company_ids


def _check_binding():
    state = request.env["edi.gateway.binding"].sudo()._state()
    texts = {
        "not_bound": "No manager has bound this database to the gateway yet.",
        "binding_mismatch": "This is not the database that was bound: a manager must bind it again.",
    }
    if state != "bound":
        raise _error(403, state, texts[state])


def _messages():
    """The messages as the technical user: which rows a key sees is decided by its companies, given to each call."""
    return request.env["edi.gateway.message"].sudo()


def _body():
    """The request body → (text, JSON value). Raises 400, 413, 415."""
    incoming = request.httprequest
    if incoming.mimetype != "application/json":
        raise _error(415, "content_type", "Content-Type must be application/json.")
    limit = int(request.env["edi.gateway.binding"].sudo()._get("max_body_bytes") or DEFAULT_MAX_BODY)
    if (incoming.content_length or 0) > limit:
        raise _error(413, "too_large", f"The body is larger than {limit} bytes.")
    data = incoming.get_data()
    if len(data) > limit:
        raise _error(413, "too_large", f"The body is larger than {limit} bytes.")
    try:
        text = data.decode()
        return text, json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _error(400, "invalid_json", "The body is no JSON in UTF-8.") from error


def _no_constant(name):
    raise ValueError(f"{name} is no JSON")


def _checked(schema):
    text, value = _body()
    issues = schema.issues(value)
    if issues:
        raise Answer(422, {"issues": issues})
    return text, value


def _is_uuid(text):
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


class EdiGatewayController(http.Controller):
    @http.route("/edi_gateway/v1/messages", methods=["POST"], **ROUTE)
    @endpoint
    def post_message(self):
        key, actor, _companies = _authenticate("scope_inbox")
        _check_binding()
        binding = request.env["edi.gateway.binding"].sudo()
        if binding._get("paused") == "True":
            raise _error(503, "paused", "Intake is paused.", Retry_After="60")
        text, message = _checked(MESSAGE)
        if message["direction"] != "in":
            issue = {"path": "/direction", "code": "direction", "text": "Only inbound messages are taken."}
            raise Answer(422, {"issues": [issue]})
        expected = f"{message['id']}.{message['revision']}"
        if request.httprequest.headers.get("Idempotency-Key") != expected:
            issue = {"path": "Idempotency-Key", "code": "mismatch", "text": f"{expected} expected."}
            raise Answer(422, {"issues": [issue]})
        if message["test"] != (binding._environment() == "test"):
            raise _error(409, "environment_mismatch", "Test and production differ between message and database.")
        return _messages()._intake(text, message, key, actor)

    @http.route("/edi_gateway/v1/messages/<string:uid>", methods=["GET"], **ROUTE)
    @endpoint
    def get_message(self, uid):
        _key, _actor, companies = _authenticate()
        _check_binding()
        found = _messages()._by_uid(uid) if _is_uuid(uid) else _messages().browse()
        found = found.filtered(lambda message: message.company_id in companies)
        if not found:
            raise _error(404, "not_found", "There is no such message.")
        return 200, found[0]._status()

    @http.route("/edi_gateway/v1/outbox/lease", methods=["POST"], **ROUTE)
    @endpoint
    def lease(self):
        _key, _actor, companies = _authenticate("scope_outbox")
        _check_binding()
        _text, wanted = _checked(LEASE)
        return 200, _messages()._lease(wanted["limit"], wanted["leaseSeconds"], companies)

    @http.route("/edi_gateway/v1/outbox/<string:uid>/result", methods=["POST"], **ROUTE)
    @endpoint
    def result(self, uid):
        _key, actor, companies = _authenticate("scope_outbox")
        _check_binding()
        _text, result = _checked(RESULT)
        return _messages()._result(uid, result, actor, companies)

    @http.route("/edi_gateway/v1/health", methods=["GET"], **ROUTE)
    @endpoint
    def health(self):
        module = request.env["ir.module.module"].sudo().search([("name", "=", "edi_gateway")], limit=1)
        answer = {
            "status": "ok",
            "addon": module.installed_version or "",
            "odoo": odoo_version,
            "schemaVersions": SCHEMA_VERSIONS,
        }
        if request.httprequest.headers.get("Authorization"):
            _key, _actor, companies = _authenticate()
            answer |= self._inside(companies)
        return 200, answer

    def _inside(self, companies):
        """What only a key gets to see: which database this is, and how much is waiting."""
        binding = request.env["edi.gateway.binding"].sudo()
        messages = _messages()
        mine = [("company_id", "in", companies.ids)]

        def count(*domain):
            return messages.search_count([*mine, *domain])

        return {
            "database": {
                **binding._identity(),
                "environment": binding._environment() or None,
                "binding": binding._state(),
            },
            "inbox": {
                state: count(("direction", "=", "in"), ("state", "=", state))
                for state in ("received", "waiting", "error")
            },
            "outbox": {
                "queued": count(("direction", "=", "out"), ("state", "=", "queued"), ("taken_at", "=", False)),
                "reports": count(("report_pending", "=", True)),
            },
        }
