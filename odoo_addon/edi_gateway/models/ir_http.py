import json
import logging

import psycopg2
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from odoo import models
from odoo.http import request

_logger = logging.getLogger(__name__)


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _handle_error(cls, exception):
        """Errors of the gateway's endpoints as JSON. A database that is busy or away is a reason to come back, not a
        failure of the message: 503, after Odoo's own retries are used up."""
        if not request.httprequest.path.startswith("/edi_gateway/") or isinstance(exception, HTTPException):
            return super()._handle_error(exception)
        busy = isinstance(exception, psycopg2.OperationalError | psycopg2.InterfaceError)
        if not busy:
            _logger.error("error in %s", request.httprequest.path, exc_info=exception)
        code, text = (
            ("busy", "The database is busy.") if busy else ("internal", "Unexpected error; see the server log.")
        )
        return Response(
            json.dumps({"error": code, "text": text}),
            status=503 if busy else 500,
            content_type="application/json",
            headers={"Retry-After": "5"} if busy else {},
        )
