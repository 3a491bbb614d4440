"""What the tests share: a bound database, two trading partners, products, and messages made from golden documents."""

import copy
import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from odoo.tests import TransactionCase, new_test_user

from odoo.addons.edi_gateway.compat import PACKAGE_MODEL
from odoo.addons.edi_gateway.lib.identity import uuid7
from odoo.addons.edi_gateway.lib.schema import Schema

DATA = Path(__file__).parent / "data"
SCHEMAS = Path(__file__).parent.parent / "schemas"
MESSAGE = Schema(json.loads((SCHEMAS / "message.json").read_text()))


def golden_notice(name="pick-and-pack"):
    """The first Document of a golden shipment notice."""
    return json.loads((DATA / "shipment_notice" / f"{name}.json").read_text())[0]


class EdiCase(TransactionCase):
    """Company, partners and products as the golden documents name them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.env["edi.gateway.binding"]._bind("production")
        cls.responsible = new_test_user(cls.env, "edi-responsible", groups="edi_gateway.group_operator")
        cls.api_user = new_test_user(cls.env, "edi-api", groups="edi_gateway.group_api")
        cls.key = cls.env["edi.gateway.key"].create({"kid": "test", "kind": "api_key", "user_id": cls.api_user.id})
        cls.supplier_contact = cls.env["res.partner"].create({"name": "Example Supplier", "is_company": True})
        cls.supplier = cls.env["edi.gateway.partner"].create(
            {
                "name": "Example Supplier",
                "code": "example-supplier",
                "partner_id": cls.supplier_contact.id,
                "role": "supplier",
                "responsible_user_id": cls.responsible.id,
                "id_ids": [(0, 0, {"scheme": "gln", "value": "0614141000005"})],
            }
        )
        cls.red = cls._product("WIDGET RED", "SKU-RED", barcode="0061414100014")
        cls.blue = cls._product("WIDGET BLUE", "SKU-BLU", barcode="061414100021", tracking="lot")

    @classmethod
    def _product(cls, name, code, **values):
        return cls.env["product.product"].create(
            {"name": name, "default_code": code, "type": "consu", "is_storable": True, **values}
        )

    @classmethod
    def _purchase(cls, lines, name="PO-4500012", confirm=True, partner=None, **values):
        """A purchase order; `lines` are (product, quantity)."""
        order = cls.env["purchase.order"].create(
            {
                "name": name,
                "partner_id": (partner or cls.supplier_contact).id,
                "order_line": [
                    (0, 0, {"product_id": product.id, "product_qty": quantity, "price_unit": 1.0})
                    for product, quantity in lines
                ],
                **values,
            }
        )
        if confirm:
            order.button_confirm()
        return order

    def _message(self, document, **values):
        """A Message around a Document, with a fresh id unless one is given."""
        return {
            "id": uuid7(1_700_000_000_000, uuid.uuid4().bytes[:10]),
            "revision": 1,
            "correlationId": "corr",
            "direction": "in",
            "partner": "example-supplier",
            "ourRole": "customer",
            "theirRole": "supplier",
            "test": False,
            "receivedAt": "2026-01-02T03:04:05Z",
            "document": document,
            **values,
        }

    def _store(self, document, **values):
        """Stores a Message as the endpoint does → its row."""
        message = self._message(document, **values)
        self.assertEqual(MESSAGE.issues(message), [])
        messages = self.env["edi.gateway.message"].with_user(self.api_user).sudo()
        status, answer = messages._intake(json.dumps(message), message, self.key, "test")
        self.assertEqual((status, answer["state"]), (202, "received"))
        return self.env["edi.gateway.message"]._by_uid(message["id"])[0]

    def _receive(self, document, **values):
        """Stores a Message and lets the cron apply what is due → its row."""
        row = self._store(document, **values)
        self._run_inbox()
        return row

    def _run_inbox(self):
        self.env["edi.gateway.message"]._cron_process_inbox()
        self.env.invalidate_all()

    def _notice(self, lines=None, number="SHP-1", order="PO-4500012", function="original", packages=(), **values):
        """A small notice: `lines` are ShippedLines without the obvious keys; default 12 WIDGET RED."""
        lines = lines if lines is not None else [{}]
        document = copy.deepcopy(golden_notice())
        document.pop("extras")
        document.update(documentNumber=number, function=function, **values)
        document["body"]["orders"] = [{"orderNumber": order, "references": [], "parties": []}]
        document["body"]["packages"] = list(packages)
        document["body"]["lines"] = [
            {
                "packageIds": [],
                "productIds": [
                    {"scheme": "supplier", "value": "SKU-RED"},
                    {"scheme": "gtin12", "value": "061414100014"},
                ],
                "quantityShipped": {"value": "12", "uom": "EA"},
                **line,
            }
            for line in lines
        ]
        return document

    def _receipts(self, order):
        """The receipts of an order that still can be done: (notice number, {product: demand})."""
        return [
            (
                picking.edi_gateway_notice_number or None,
                {
                    move.product_id.default_code: move.product_uom_qty
                    for move in picking.move_ids
                    if move.state != "cancel"
                },
            )
            for picking in order.picking_ids.sorted("id")
            if picking.state not in ("done", "cancel")
        ]

    def _contents(self, picking):
        """Move lines as (product, quantity, package, lot), in a stable order."""
        return sorted(
            (
                line.product_id.default_code,
                line.quantity,
                line.result_package_id.name or None,
                line.lot_id.name or line.lot_name or None,
            )
            for line in picking.move_line_ids
        )

    def assertProblem(self, row, code, state="error"):
        self.assertEqual((row.state, row.error_code), (state, code), row.error_text)
        self.assertTrue(row.error_text)


class DeliveryCase(EdiCase):
    """A customer who gets shipment notices, with a distribution centre, and goods in stock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        country = cls.env.ref("base.us")
        cls.customer_contact = cls.env["res.partner"].create(
            {"name": "Example Retail", "is_company": True, "country_id": country.id}
        )
        cls.dc = cls.env["res.partner"].create(
            {
                "name": "Example Retail DC 7",
                "parent_id": cls.customer_contact.id,
                "type": "delivery",
                "street": "100 Warehouse Road",
                "city": "Springfield",
                "zip": "62701",
                "state_id": cls.env.ref("base.state_us_14").id,
                "country_id": country.id,
            }
        )
        cls.customer = cls.env["edi.gateway.partner"].create(
            {
                "name": "Example Retail",
                "code": "example-retail",
                "partner_id": cls.customer_contact.id,
                "role": "customer",
                "send_shipment_notice": True,
                "responsible_user_id": cls.responsible.id,
                "id_ids": [
                    (0, 0, {"scheme": "gln", "value": "0614141900008"}),
                    (0, 0, {"scheme": "gln", "value": "0614141900015", "partner_id": cls.dc.id}),
                    (0, 0, {"scheme": "supplierAssigned", "value": "V-88", "is_ours": True}),
                ],
                "product_ids": [(0, 0, {"product_id": cls.red.id, "partner_code": "700123"})],
            }
        )
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.warehouse.partner_id.tz = "America/Chicago"
        cls.lot = cls.env["stock.lot"].create({"name": "LOT-B7", "product_id": cls.blue.id})
        quants = cls.env["stock.quant"]
        quants._update_available_quantity(cls.red, cls.warehouse.lot_stock_id, 1000)
        quants._update_available_quantity(cls.blue, cls.warehouse.lot_stock_id, 100, lot_id=cls.lot)

    def _sale(self, lines, reference="PO-4500012", **values):
        """A confirmed sale order to the DC; `lines` are (product, quantity[, values])."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer_contact.id,
                "partner_shipping_id": self.dc.id,
                "client_order_ref": reference,
                "order_line": [
                    (0, 0, {"product_id": product.id, "product_uom_qty": quantity, **(more[0] if more else {})})
                    for product, quantity, *more in lines
                ],
                **values,
            }
        )
        order.action_confirm()
        order.picking_ids.action_assign()
        return order

    def _done(self, picking):
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True, skip_sms=True).button_validate()
        self.assertEqual(picking.state, "done")
        return picking.edi_gateway_message_ids

    def _pack(self, picking, product, name, quantity=None):
        """Puts (part of) the goods of a product into a package."""
        package = self.env[PACKAGE_MODEL].create({"name": name})
        line = picking.move_line_ids.filtered(lambda line: line.product_id == product and not line.result_package_id)
        line.ensure_one()
        if quantity and quantity != line.quantity:
            rest = line.quantity - quantity
            line.quantity = quantity
            line.copy({"quantity": rest, "result_package_id": False})
        line.result_package_id = package
        return package


class Gateway:
    """A real HTTP server that keeps what it is sent and answers as told."""

    def __init__(self):
        self.requests = []
        self.answers = []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                gateway.requests.append((self.path, dict(self.headers), body))
                status, answer = gateway.answers.pop(0) if gateway.answers else (202, {})
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *arguments):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
