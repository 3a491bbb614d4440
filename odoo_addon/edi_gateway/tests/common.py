"""What the tests share: a bound database, two trading partners, products, and messages made from golden documents."""

import copy
import json
import uuid
from pathlib import Path

from odoo.tests import TransactionCase, new_test_user

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
