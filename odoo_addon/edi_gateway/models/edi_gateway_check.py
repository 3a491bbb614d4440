import json

import requests
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..lib.check import findings

TIMEOUT = 30


class EdiGatewayCheck(models.TransientModel):
    """Check EDI: what the gateway would send for a document, and what it finds wrong. Nothing is stored or sent."""

    _name = "edi.gateway.check"
    _description = "EDI Check"

    name = fields.Char("Document", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, required=True)
    result = fields.Selection(
        [
            ("ok", "It would be sent as it is"),
            ("warning", "It would be sent; look at the remarks"),
            ("refused", "It would not be sent"),
        ],
        readonly=True,
    )
    findings = fields.Html(readonly=True)
    edi = fields.Text("EDI", readonly=True, help="As the partner would get it; control numbers are given on sending.")

    @api.model
    def _check(self, record, message):
        """Asks the gateway about the Message (a dict) of a record → the action that shows what it says."""
        answer = self._ask(message)
        told = findings(answer["issues"], message["document"])
        result = "refused" if not answer["ok"] else "warning" if told else "ok"
        return self._show(record, result, told, answer.get("text"))

    @api.model
    def _show(self, record, result, told, edi=None):
        """`told` is a list of (severity, place, text)."""
        lines = Markup().join(
            Markup('<li class="{}"><b>{}</b>{} {}</li>').format(
                "text-danger" if severity == "error" else "", place, ":" if place else "", text
            )
            for severity, place, text in told
        )
        check = self.create(
            {
                "name": record.display_name,
                "company_id": record.company_id.id,
                "result": result,
                "findings": Markup("<ul>{}</ul>").format(lines) if told else False,
                "edi": edi,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Check EDI"),
            "res_model": self._name,
            "res_id": check.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _ask(self, message):
        """One dry run → {ok, text, issues}. UserError where the gateway cannot be asked."""
        binding = self.env["edi.gateway.binding"]
        url, token = binding._get("gateway_url").rstrip("/"), binding._get("gateway_token")
        if not (url and token):
            raise UserError(
                self.env._("Give the gateway's address and token in EDI Gateway / Configuration / Settings first.")
            )
        if binding._state() != "bound":
            raise UserError(self.env._("This database is not bound to the gateway: a manager has to bind it first."))
        try:
            response = requests.post(
                f"{url}/v1/messages",
                timeout=TIMEOUT,
                params={"dryRun": "true"},
                data=json.dumps(message).encode(),
                headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
                allow_redirects=False,
            )
            answer = response.json()
        except (requests.RequestException, ValueError) as error:
            raise UserError(
                self.env._("The gateway cannot be asked (%s): is its address right?", type(error).__name__)
            ) from error
        if response.status_code == 200:
            return answer
        if response.status_code == 422:
            return {"ok": False, "issues": answer.get("issues") or [{"text": answer.get("detail", "")}]}
        raise UserError(
            self.env._(
                "The gateway answered %(status)s: %(detail)s", status=response.status_code, detail=answer.get("detail", "")
            )
        )
