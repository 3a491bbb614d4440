from odoo.tests import tagged

from ..compat import SERIES
from .common import EdiCase

CASE_GTIN = "10614141000019"


@tagged("post_install", "-at_install")
class TestReceiptUnits(EdiCase):
    """A quantity converts only through what is known of the product; else it is an error, never one to one."""

    def setUp(self):
        super().setUp()
        self.order = self._purchase([(self.red, 100)])

    def _packaging(self, pieces, barcode=False):
        """A packaging of WIDGET RED, the way the series keeps it."""
        if SERIES >= 19:
            unit = self.env["uom.uom"].create(
                {"name": f"Case of {pieces}", "relative_factor": pieces, "relative_uom_id": self.red.uom_id.id}
            )
            self.red.product_tmpl_id.uom_ids |= unit
            if barcode:
                self.env["product.uom"].create({"product_id": self.red.id, "uom_id": unit.id, "barcode": barcode})
            return
        self.env["product.packaging"].create(
            {"name": f"Case of {pieces}", "product_id": self.red.id, "qty": pieces, "barcode": barcode}
        )

    def _partner_row(self, uom_code, factor, **values):
        self.env["edi.gateway.product"].create(
            {
                "trading_partner_id": self.supplier.id,
                "product_id": self.red.id,
                "uom_code": uom_code,
                "factor": factor,
                **values,
            }
        )

    def _ship(self, value, uom, **line):
        return self._receive(self._notice([{"quantityShipped": {"value": value, "uom": uom}, **line}]))

    def assertPieces(self, row, pieces):
        self.assertEqual(row.state, "applied", row.error_text)
        self.assertEqual(sum(row._records()[0].move_line_ids.mapped("quantity")), pieces)

    def test_pieces_by_any_of_their_codes(self):
        for number, uom in enumerate(("EA", "C62", "H87")):
            row = self._receive(self._notice([{"quantityShipped": {"value": "2", "uom": uom}}], number=f"SHP-{number}"))
            self.assertPieces(row, 2)

    def test_dozens(self):
        self.assertPieces(self._ship("3", "DZN"), 36)

    def test_a_case_of_unknown_size_is_an_error(self):
        self.assertProblem(self._ship("2", "XCT"), "unit_unknown")

    def test_a_case_through_the_only_packaging_of_the_product(self):
        self._packaging(12)
        self.assertPieces(self._ship("2", "XCT"), 24)

    def test_a_case_through_the_packaging_whose_gtin_the_line_names(self):
        self._packaging(6)
        self._packaging(20, barcode=CASE_GTIN)
        ids = [{"scheme": "gtin14", "value": CASE_GTIN}]
        self.assertPieces(self._ship("2", "XCT", productIds=ids), 40)

    def test_one_of_several_packagings_is_not_guessed(self):
        self._packaging(6)
        self._packaging(20)
        self.assertProblem(self._ship("2", "XCT"), "unit_unknown")

    def test_pieces_named_by_the_gtin_of_a_case_are_not_guessed(self):
        self._packaging(20, barcode=CASE_GTIN)
        row = self._ship("2", "EA", productIds=[{"scheme": "gtin14", "value": CASE_GTIN}])
        self.assertProblem(row, "unit_ambiguous")

    def test_the_partners_own_row_wins(self):
        self._packaging(20)
        self._partner_row("XCT", 10)
        self.assertPieces(self._ship("2", "XCT"), 20)

    def test_the_gtin_of_the_partners_row_finds_the_product(self):
        self._partner_row("XCT", 10, gtin=CASE_GTIN)
        row = self._ship("2", "XCT", productIds=[{"scheme": "gtin14", "value": CASE_GTIN}])
        self.assertPieces(row, 20)

    def test_a_fraction_of_a_case_is_an_error(self):
        self._packaging(12)
        self.assertProblem(self._ship("1.5", "XCT"), "quantity_fraction")

    def test_a_unit_of_another_kind_is_an_error(self):
        self.assertProblem(self._ship("5", "KGM"), "unit_unknown")

    def test_an_unknown_code_is_an_error(self):
        self.assertProblem(self._ship("5", "Q9"), "unit_unknown")

    def test_pounds_of_a_product_kept_in_kilograms(self):
        bulk = self._product("BULK", "SKU-BULK", uom_id=self.env.ref("uom.product_uom_kgm").id)
        if "uom_po_id" in bulk._fields:
            bulk.uom_po_id = bulk.uom_id
        self._purchase([(bulk, 100)], name="PO-BULK")
        line = {
            "productIds": [{"scheme": "buyer", "value": "SKU-BULK"}],
            "quantityShipped": {"value": "22.0462", "uom": "LBR"},
        }
        row = self._receive(self._notice([line], order="PO-BULK"))
        self.assertEqual(row.state, "applied", row.error_text)
        self.assertAlmostEqual(row._records()[0].move_line_ids.quantity, 10.0, 2)

    def test_a_line_without_a_quantity_is_an_error(self):
        document = self._notice()
        del document["body"]["lines"][0]["quantityShipped"]
        self.assertProblem(self._receive(document), "quantity_missing")

    def test_cartons_that_share_a_line_get_equal_parts(self):
        packages = [{"id": str(n), "level": "carton", "sscc": f"00061414100000{n}"} for n in (1011, 1028)]
        row = self._receive(self._notice([{"packageIds": ["1011", "1028"]}], packages=packages))
        self.assertEqual(row.state, "applied", row.error_text)
        self.assertEqual(
            self._contents(row._records()[0]),
            [("SKU-RED", 6.0, "000614141000001011", None), ("SKU-RED", 6.0, "000614141000001028", None)],
        )

    def test_cartons_that_cannot_share_evenly_are_an_error(self):
        packages = [{"id": str(n), "level": "carton"} for n in range(5)]
        row = self._receive(self._notice([{"packageIds": [str(n) for n in range(5)]}], packages=packages))
        self.assertProblem(row, "package_quantity")

    def test_a_carton_without_sscc_is_goods_of_its_pallet(self):
        packages = [
            {"id": "1", "level": "pallet", "sscc": "000614141000000014"},
            {"id": "2", "parentId": "1", "level": "carton"},
        ]
        row = self._receive(self._notice([{"packageIds": ["2"]}], packages=packages))
        self.assertEqual(self._contents(row._records()[0]), [("SKU-RED", 12.0, "000614141000000014", None)])

    def _blue(self, lots, quantity="6", **line):
        self._purchase([(self.blue, 6)], name="PO-BLUE")
        line = {
            "productIds": [{"scheme": "buyer", "value": "SKU-BLU"}],
            "quantityShipped": {"value": quantity, "uom": "EA"},
            "lots": lots,
            **line,
        }
        return self._receive(self._notice([line], order="PO-BLUE"))

    def test_several_lots_with_their_quantities(self):
        lots = [
            {"lot": "L1", "quantity": {"value": "4", "uom": "EA"}},
            {"lot": "L2", "quantity": {"value": "2", "uom": "EA"}},
        ]
        row = self._blue(lots)
        self.assertEqual(row.state, "applied", row.error_text)
        self.assertEqual(
            self._contents(row._records()[0]), [("SKU-BLU", 2.0, None, "L2"), ("SKU-BLU", 4.0, None, "L1")]
        )

    def test_lots_that_do_not_add_up_are_an_error(self):
        lots = [
            {"lot": "L1", "quantity": {"value": "4", "uom": "EA"}},
            {"lot": "L2", "quantity": {"value": "1", "uom": "EA"}},
        ]
        self.assertProblem(self._blue(lots), "lot_quantity")

    def test_several_lots_without_quantities_are_an_error(self):
        self.assertProblem(self._blue([{"lot": "L1"}, {"lot": "L2"}]), "lot_quantity")

    def test_a_lot_that_exists_is_used(self):
        lot = self.env["stock.lot"].create({"name": "L1", "product_id": self.blue.id})
        row = self._blue([{"lot": "L1"}])
        self.assertEqual(row._records()[0].move_line_ids.lot_id, lot)

    def test_serial_numbers_are_one_piece_each(self):
        serial = self._product("SERIAL", "SKU-SN", tracking="serial")
        self._purchase([(serial, 2)], name="PO-SN")
        line = {
            "productIds": [{"scheme": "buyer", "value": "SKU-SN"}],
            "quantityShipped": {"value": "2", "uom": "EA"},
            "lots": [{"serial": "S1"}, {"serial": "S2"}],
        }
        row = self._receive(self._notice([line], order="PO-SN"))
        self.assertEqual(row.state, "applied", row.error_text)
        self.assertEqual(self._contents(row._records()[0]), [("SKU-SN", 1.0, None, "S1"), ("SKU-SN", 1.0, None, "S2")])
