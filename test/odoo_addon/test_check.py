import unittest

import addon  # noqa: F401
from lib import check

DOCUMENT = {
    "documentNumber": "WH/OUT/1",
    "parties": [{"role": "shipTo", "ids": []}, {"role": "supplier", "name": "Example Supplier", "ids": []}],
    "body": {
        "orders": [{"orderNumber": "PO-1"}],
        "packages": [{"id": "1", "sscc": "000614141000001011"}, {"id": "2"}],
        "lines": [{"description": "WIDGET RED"}, {"lineNumber": "20"}, {}],
    },
}


class Places(unittest.TestCase):
    """A finding is told by what an Odoo user knows, not by its path in the message."""

    CASES = {
        "/partner": "Trading partner",
        "/document/documentNumber": "Number of the transfer",
        "/document/parties/0/ids/0/value": "Address and EDI identifiers of shipTo",
        "/document/parties/1": "Address and EDI identifiers of Example Supplier",
        "/document/body/transport/carrier/scac": "Carrier and SCAC of the transfer",
        "/document/body/orders/0/orderNumber": "Customer Reference of sale order PO-1",
        "/document/body/orders/0/orderDate": "As ordered (EDI) of sale order PO-1",
        "/document/body/packages/0/weight": "Package 000614141000001011",
        "/document/body/packages/1": "Package 2",
        "/document/body/lines/0/productIds/1": "Barcode, internal reference or partner's code of WIDGET RED",
        "/document/body/lines/1/quantityShipped": "Quantity and unit of 20",
        "/document/body/lines/2": "Line of 3",
        "/document/body/lines/9/lots/0": "Lots of 10",
        "/document/extras": "/document/extras",
        "": "",
    }

    def test_places(self):
        for path, place in self.CASES.items():
            self.assertEqual(check.place_of(path, DOCUMENT), place, path)


class Findings(unittest.TestCase):
    def test_errors_come_first_each_once_and_notes_are_left_out(self):
        issues = [
            {"path": "/document/body/totals", "severity": "warning", "text": "b"},
            {"path": "/document/body/totals", "severity": "info", "text": "c"},
            {"path": "/partner", "severity": "error", "text": "a"},
            {"path": "/partner", "severity": "error", "text": "a"},
            {"path": "/direction", "code": "direction"},
        ]
        self.assertEqual(
            check.findings(issues, DOCUMENT),
            [
                ("error", "Trading partner", "a"),
                ("error", "/direction", "direction"),
                ("warning", "Weight and packages of the transfer", "b"),
            ],
        )


if __name__ == "__main__":
    unittest.main()
