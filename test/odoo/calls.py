"""The gateway's calls, made by hand: for tests that need a caller but no gateway. Standard library only."""

import json
import os
import time
import urllib.error
import urllib.request
import uuid


def uuid7():
    value = int.from_bytes(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    return str(uuid.UUID(int=(value & ~(0x3 << 62)) | (0x2 << 62)))


def notice(order, number, quantity="12"):
    """A Message with a small shipment notice for what `Server.start(prepare=True)` has set up."""
    document = {
        "kind": "shipmentNotice",
        "version": 1,
        "function": "original",
        "documentNumber": number,
        "documentDate": "2026-01-02T03:04:05Z",
        "parties": [],
        "references": [],
        "dates": [],
        "notes": [],
        "body": {
            "orders": [{"orderNumber": order, "references": [], "parties": []}],
            "packages": [],
            "lines": [
                {
                    "orderIndex": 0,
                    "packageIds": [],
                    "productIds": [{"scheme": "gtin12", "value": "061414100014"}],
                    "quantityShipped": {"value": quantity, "uom": "EA"},
                }
            ],
        },
    }
    return {
        "id": uuid7(),
        "revision": 1,
        "correlationId": str(uuid.uuid4()),
        "direction": "in",
        "partner": "example-supplier",
        "ourRole": "customer",
        "theirRole": "supplier",
        "test": False,
        "document": document,
    }


def call(ready, method, path, body=None, headers=None):
    """One request with the API key of a running server → (status, JSON)."""
    request = urllib.request.Request(
        ready["url"] + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {ready['apiKey']}", "Content-Type": "application/json", **(headers or {})},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        text = error.read().decode(errors="replace")
        try:
            return error.code, json.loads(text)
        except ValueError:
            return error.code, {"text": text}


def post_message(ready, message):
    key = f"{message['id']}.{message['revision']}"
    return call(ready, "POST", "/edi_gateway/v1/messages", message, {"Idempotency-Key": key})


def rpc(ready, model, method, *arguments, **options):
    """A public method of an Odoo model over JSON-RPC as administrator."""
    admin = ready["admin"]

    def ask(service, name, *values):
        body = {"jsonrpc": "2.0", "method": "call", "params": {"service": service, "method": name, "args": values}}
        _status, answer = call(ready, "POST", "/jsonrpc", body)
        if "error" in answer:
            raise RuntimeError(answer["error"].get("data", {}).get("message") or str(answer["error"]))
        return answer["result"]

    uid = ask("common", "login", ready["database"], admin["login"], admin["password"])
    return ask(
        "object", "execute_kw", ready["database"], uid, admin["password"], model, method, list(arguments), options
    )


def deliver(ready, reference, quantity):
    """Sells, packs and ships SKU-RED to Example Retail → id of the done delivery. Its notice is in the outbox then."""
    line = (0, 0, {"product_id": ready["products"]["SKU-RED"], "product_uom_qty": quantity})
    values = {"partner_id": ready["contacts"]["Example Retail"], "client_order_ref": reference, "order_line": [line]}
    order = rpc(ready, "sale.order", "create", values)
    rpc(ready, "sale.order", "action_confirm", [order])
    [picking] = rpc(ready, "stock.picking", "search", [("sale_id", "=", order)])
    rpc(ready, "stock.picking", "action_assign", [picking])
    rpc(ready, "stock.picking", "action_put_in_pack", [picking])
    moves = rpc(ready, "stock.move", "search", [("picking_id", "=", picking)])
    rpc(ready, "stock.move", "write", moves, {"picked": True})
    rpc(ready, "stock.picking", "button_validate", [picking], context={"skip_backorder": True, "skip_sms": True})
    return picking


def lease(ready, limit, seconds=60):
    return call(ready, "POST", "/edi_gateway/v1/outbox/lease", {"limit": limit, "leaseSeconds": seconds})


def wait_for_state(ready, uid, *states, timeout=120):
    """Asks until the message has one of the states; returns the last answer either way."""
    end = time.monotonic() + timeout
    while True:
        _status, answer = call(ready, "GET", f"/edi_gateway/v1/messages/{uid}")
        if answer.get("state") in states or time.monotonic() > end:
            return answer
        time.sleep(0.2)
