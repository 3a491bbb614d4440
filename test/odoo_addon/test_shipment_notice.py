import json
import unittest

import addon
from lib.problem import Problem
from lib.schema import Schema
from lib.shipment_notice import build

SCHEMA = Schema(json.loads((addon.ROOT / "schemas" / "shipmentNotice.json").read_text()))


def line(name, order, package, quantity):
    return {
        "name": name,
        "order": order,
        "package": package,
        "productIds": [{"scheme": "supplier", "value": name}],
        "quantityShipped": {"value": quantity, "uom": "EA"},
    }


def facts(**changes):
    return {
        "number": "WH/OUT/00001",
        "documentDate": "2026-01-02T03:04:05-06:00",
        "shippedAt": "2026-01-02T03:00:00-06:00",
        "parties": [{"role": "shipTo", "ids": [], "name": "Example Retail DC 7"}],
        "references": [],
        "transport": None,
        "totals": {"packages": None, "grossWeight": None},
        "orders": [{"key": 1, "name": "S1", "orderNumber": "PO1"}, {"key": 2, "name": "S2", "orderNumber": "PO2"}],
        "packages": [
            {"key": 10, "name": "C1", "sscc": "000614141000001011", "level": "carton", "parent": 30, "weight": None},
            {"key": 20, "name": "C2", "sscc": "000614141000001028", "level": "carton", "parent": 30, "weight": None},
            {"key": 30, "name": "P1", "sscc": "000614141000000014", "level": "pallet", "parent": None, "weight": None},
        ],
        "lines": [
            line("RED", 1, 10, "1"),
            line("BLUE", 2, 20, "2"),
        ],
        **changes,
    }  # fmt: skip


class Build(unittest.TestCase):
    def test_fits_the_schema_and_leaves_out_what_is_absent(self):
        document = build(facts())
        self.assertEqual(SCHEMA.issues(document), [])
        self.assertNotIn("transport", document["body"])
        self.assertEqual(document["body"]["totals"], {})

    def test_pallets_come_before_what_stands_on_them(self):
        packages = build(facts())["body"]["packages"]
        self.assertEqual(
            [(p["id"], p.get("parentId"), p["level"]) for p in packages],
            [("1", None, "pallet"), ("2", "1", "carton"), ("3", "1", "carton")],
        )

    def test_a_package_names_its_order_only_when_it_holds_goods_of_one(self):
        packages = build(facts())["body"]["packages"]
        self.assertEqual([p.get("orderIndex") for p in packages], [None, 0, 1])

    def test_lines_name_package_and_order(self):
        lines = build(facts())["body"]["lines"]
        self.assertEqual([(line["packageIds"], line["orderIndex"]) for line in lines], [(["2"], 0), (["3"], 1)])

    def test_everything_that_lacks_is_named_at_once(self):
        lacking = facts(parties=[])
        lacking["orders"][0]["orderNumber"] = None
        lacking["packages"][0]["sscc"] = None
        lacking["lines"][1]["productIds"] = []
        with self.assertRaises(Problem) as caught:
            build(lacking)
        self.assertEqual(caught.exception.code, "content_missing")
        for word in ("S1", "delivery address", "C1", "BLUE"):
            self.assertIn(word, caught.exception.text)

    def test_an_empty_delivery_is_no_notice(self):
        with self.assertRaises(Problem):
            build(facts(lines=[], packages=[]))
