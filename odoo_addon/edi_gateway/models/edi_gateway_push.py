import logging
import random

import requests

from odoo import api, fields, models

from ..compat import end_transaction
from ..lib import backoff
from ..lib.problem import Problem

_logger = logging.getLogger(__name__)

TIMEOUT = 30
#: Answers that say "later": the same bytes are sent again.
LATER = (408, 425, 429)
#: Answers that say "not you, not here": the connection is wrong, not the document.
REFUSED = (401, 403, 404)


class EdiGatewayPush(models.Model):
    """Push, an option: Odoo posts its documents to the gateway instead of waiting to be asked. Same content, same key.

    A row is leased to the push itself while it is on its way, so that pull and push never take the same one.
    """

    _inherit = "edi.gateway.message"

    @api.model
    def _push_settings(self):
        """{url, token} when push is configured, bound and not paused, else None."""
        binding = self.env["edi.gateway.binding"]
        url, token = binding._get("gateway_url").rstrip("/"), binding._get("gateway_token")
        if not (url and token and binding._get("push") == "True") or binding._get("push_stopped"):
            return None
        return {"url": url, "token": token} if binding._state() == "bound" else None

    @api.model
    def _wake_push(self):
        if self._push_settings():
            self.env.ref("edi_gateway.cron_push").sudo()._trigger()

    @api.model
    def _cron_push(self):
        done = 0
        while (settings := self._push_settings()) and (row := self._claim_push()):
            end_transaction(self.env)
            row._push(settings)
            done += 1
            end_transaction(self.env)
        return done

    @api.model
    def _claim_push(self):
        """The next document to push, leased for twice the time-out. The token is of no one else's use and dropped after."""
        self.env.flush_all()
        now = fields.Datetime.now()
        self.env.cr.execute(
            """
            UPDATE edi_gateway_message SET lease_until = %(until)s
            WHERE id = (
                SELECT id FROM edi_gateway_message
                WHERE direction = 'out' AND state = 'queued' AND taken_at IS NULL
                  AND (lease_until IS NULL OR lease_until <= %(now)s)
                  AND (next_try_at IS NULL OR next_try_at <= %(now)s)
                ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id
            """,
            {"now": now, "until": fields.Datetime.add(now, seconds=2 * TIMEOUT)},
            log_exceptions=False,
        )
        row = self.env.cr.fetchone()
        message = self.browse(row[0]) if row else self.browse()
        message.invalidate_recordset(["lease_until"])
        return message

    def _push(self, settings):
        """One POST and what its answer means."""
        self.ensure_one()
        try:
            response = requests.post(
                f"{settings['url']}/v1/messages",
                data=self.payload.encode(),
                headers={
                    "Content-Type": "application/json",
                    "Authorization": f"Bearer {settings['token']}",
                    "Idempotency-Key": self.idempotency_key,
                    "X-Correlation-Id": self.correlation_id,
                    "X-Outbox-Id": self.outbox_uid,
                },
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            self._push_later(f"The gateway cannot be reached ({type(error).__name__}).")
            return
        status = response.status_code
        if 200 <= status < 300:
            self.write({"taken_at": fields.Datetime.now(), "lease_until": False, "lease_token": False, "attempts": 0})
            self._log(self.state, self.state, "Pushed to the gateway", "push")
        elif status in REFUSED:
            self._push_later(f"The gateway answered {status}.")
            self._stop_push(status)
        elif status in LATER or status >= 500:
            self._push_later(f"The gateway answered {status}.")
        else:
            self._set_state("held", error=Problem("rejected", _explanation(response)), actor="push", lease_until=False)

    def _push_later(self, text):
        attempts = self.attempts + 1
        wait = backoff.delay(attempts, backoff.FAILED, random.random())
        next_try = fields.Datetime.add(fields.Datetime.now(), seconds=wait)
        self.write({"attempts": attempts, "lease_until": False, "next_try_at": next_try})
        self.env.ref("edi_gateway.cron_push").sudo()._trigger(next_try)
        _logger.info("EDI message %s is pushed again later: %s", self.idempotency_key, text)

    def _stop_push(self, status):
        """The connection is refused: one alert, and no more calls until a manager has looked."""
        self.env["edi.gateway.binding"]._set("push_stopped", fields.Datetime.to_string(fields.Datetime.now()))
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=self.env._("EDI: push is stopped"),
            note=self.env._(
                "The gateway answered %s. Check address and token in EDI Gateway / Configuration / Settings, then start "
                "push again.",
                status,
            ),
            user_id=self._fallback_responsible().id,
        )


def _explanation(response):
    """The reasons in an answer of the gateway, as text for people."""
    try:
        body = response.json()
    except ValueError:
        body = {}
    issues = body.get("issues") if isinstance(body, dict) else None
    lines = [
        f"{issue.get('path', '')} {issue.get('text', '')}".strip() for issue in issues or [] if isinstance(issue, dict)
    ]
    return "\n".join(lines) or f"The gateway answered {response.status_code}."
