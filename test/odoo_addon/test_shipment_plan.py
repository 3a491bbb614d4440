import json
import unittest
from decimal import Decimal

import addon
from lib import shipment_plan as plan
from lib.problem import Problem

BODY = json.loads((addon.GOLDEN / "x12" / "856" / "pick-and-pack" / "canonical.json").read_text())[0]["body"]


def body(line=None, packages=(), orders=1):
    return {
        "orders": [{"orderNumber": f"PO{n}"} for n in range(orders)],
        "packages": list(packages),
        "lines": [{"packageIds": [], "productIds": [], **(line or {})}],
    }


def split(line, quantity, tracking="lot", packages=(), factor=1):
    parts = plan.split_line(body(line, packages), 0, Decimal(quantity), Decimal(factor), tracking)
    return [(part.package, part.lot, str(part.quantity)) for part in parts]


class Asserting(unittest.TestCase):
    def assertProblem(self, code, function, *arguments):
        with self.assertRaises(Problem) as caught:
            function(*arguments)
        self.assertEqual(caught.exception.code, code)
        return caught.exception.text


class OrderOf(Asserting):
    def test_one_order_needs_no_reference(self):
        self.assertEqual(plan.order_of(body(), 0), 0)

    def test_of_several_orders_one_must_be_named(self):
        self.assertEqual(plan.order_of(body({"orderIndex": 1}, orders=2), 0), 1)
        self.assertProblem("order_missing", plan.order_of, body(orders=2), 0)
        self.assertProblem("order_missing", plan.order_of, body({"orderIndex": 2}, orders=2), 0)


class IdentifiedPackage(unittest.TestCase):
    def test_the_package_itself_or_what_it_stands_on(self):
        packages = plan.packages_by_id({"packages": [
            {"id": "P", "sscc": "1"}, {"id": "C", "parentId": "P", "sscc": "2"}, {"id": "I", "parentId": "C"}, {"id": "L"},
        ]})  # fmt: skip
        found = {name: plan.identified_package(packages, name) for name in ("P", "C", "I", "L", "?", None)}
        self.assertEqual(found, {"P": "P", "C": "C", "I": "C", "L": None, "?": None, None: None})

    def test_a_circle_ends(self):
        packages = plan.packages_by_id({"packages": [{"id": "A", "parentId": "B"}, {"id": "B", "parentId": "A"}]})
        self.assertIsNone(plan.identified_package(packages, "A"))
        packages["A"]["sscc"] = "1"
        self.assertEqual(plan.with_parents(packages, {"B"}), {"A"})

    def test_what_the_goods_stand_on_comes_along(self):
        packages = plan.packages_by_id({"packages": [
            {"id": "P", "sscc": "1"}, {"id": "X", "parentId": "P"}, {"id": "C", "parentId": "X", "sscc": "2"},
        ]})  # fmt: skip
        self.assertEqual(plan.with_parents(packages, {"C", None}), {"C", "P"})


class SplitLine(Asserting):
    CARTONS = tuple({"id": name, "sscc": name} for name in ("A", "B", "C"))

    def test_no_package_no_lot(self):
        self.assertEqual(split({}, 5), [(None, None, "5")])

    def test_packages_share_evenly(self):
        self.assertEqual(
            split({"packageIds": ["A", "B", "C"]}, 6, packages=self.CARTONS),
            [("A", None, "2"), ("B", None, "2"), ("C", None, "2")],
        )

    def test_pieces_that_cannot_be_shared_are_a_problem(self):
        self.assertProblem("package_quantity", split, {"packageIds": ["A", "B", "C"]}, 5, "lot", self.CARTONS)

    def test_lots_run_on_over_packages(self):
        lots = [{"lot": "L1", "quantity": {"value": "3"}}, {"lot": "L2", "quantity": {"value": "1"}}]
        self.assertEqual(
            split({"packageIds": ["A", "B"], "lots": lots}, 4, packages=self.CARTONS),
            [("A", "L1", "2"), ("B", "L1", "1"), ("B", "L2", "1")],
        )

    def test_lot_quantities_are_in_the_unit_of_the_line(self):
        lots = [{"lot": "L1", "quantity": {"value": "2"}}]
        self.assertEqual(split({"lots": lots}, 24, factor=12), [(None, "L1", "24")])

    def test_one_lot_without_a_quantity_is_all(self):
        self.assertEqual(split({"lots": [{"lot": "L1"}]}, 4), [(None, "L1", "4")])

    def test_lots_of_a_product_without_lots_are_left_out(self):
        self.assertEqual(split({"lots": [{"lot": "L1"}]}, 4, "none"), [(None, None, "4")])

    def test_serials_are_one_each_and_must_be_all(self):
        self.assertEqual(
            split({"lots": [{"serial": "1"}, {"serial": "2"}]}, 2, "serial"), [(None, "1", "1"), (None, "2", "1")]
        )
        self.assertProblem("lot_quantity", split, {"lots": [{"serial": "1"}]}, 2, "serial")

    def test_lots_that_do_not_add_up_are_a_problem(self):
        self.assertProblem("lot_quantity", split, {"lots": [{"lot": "L1", "quantity": {"value": "3"}}]}, 4)
        self.assertProblem("lot_quantity", split, {"lots": [{"lot": "L1"}, {"lot": "L2"}]}, 4)

    def test_the_golden_notice(self):
        parts = [
            plan.split_line(BODY, index, Decimal(quantity), Decimal(1), "lot")
            for index, quantity in enumerate((12, 12, 6))
        ]
        self.assertEqual(
            [(part.package, part.lot) for line in parts for part in line], [("2", None), ("3", None), ("3", "LOT-B7")]
        )


class Allocate(Asserting):
    OFFERS = (plan.Open(1, 0, 7, 1, Decimal(10)), plan.Open(2, 0, 7, 2, Decimal(10)), plan.Open(3, 1, 7, 1, Decimal(5)))

    def allocate(self, *needs):
        shares = plan.allocate([plan.Need(n, *need) for n, need in enumerate(needs)], self.OFFERS, {7: "WIDGET"})
        return [(share.line, share.move, str(share.quantity)) for share in shares]

    def test_in_the_order_of_the_order_lines(self):
        self.assertEqual(self.allocate((0, 7, None, Decimal(12))), [(0, 1, "10"), (0, 2, "2")])

    def test_the_named_order_line_first(self):
        self.assertEqual(self.allocate((0, 7, "2", Decimal(12))), [(0, 2, "10"), (0, 1, "2")])

    def test_lines_take_from_what_is_left(self):
        self.assertEqual(
            self.allocate((0, 7, "1", Decimal(8)), (0, 7, "1", Decimal(8))), [(0, 1, "8"), (1, 1, "2"), (1, 2, "6")]
        )

    def test_orders_do_not_help_each_other_out(self):
        text = self.assertProblem("over_shipment", self.allocate, (1, 7, None, Decimal(6)))
        self.assertEqual(text, "6 of WIDGET were shipped, 5 are still open on the order.")

    def test_what_is_not_on_the_order_is_over(self):
        with self.assertRaises(Problem):
            plan.allocate([plan.Need(0, 0, 9, None, Decimal(1))], self.OFFERS, {9: "OTHER"})


class MoveParts(unittest.TestCase):
    def test_packages_and_moves_are_laid_over_each_other(self):
        parts = [plan.Part(0, "A", None, Decimal(6)), plan.Part(0, "B", "L", Decimal(6))]
        shares = [plan.Share(0, 1, Decimal(10)), plan.Share(0, 2, Decimal(2))]
        placed = [
            (move, package, lot, str(quantity)) for move, package, lot, quantity in plan.move_parts(parts, shares)
        ]
        self.assertEqual(placed, [(1, "A", None, "6"), (1, "B", "L", "4"), (2, "B", "L", "2")])
