import unittest
import uuid

import addon  # noqa: F401
from lib import backoff, identity, numbers


class NormalisedNumber(unittest.TestCase):
    def test_spellings_of_one_order_are_the_same(self):
        for spellings in (
            ("P00012", "p12", "P-00012", "P 12"),
            ("PO/2026/00012", "po-2026-12", "PO 2026 0012"),
            ("0042", "42"),
        ):
            self.assertEqual(len({numbers.normalised_number(text) for text in spellings}), 1, spellings)

    def test_other_orders_are_not(self):
        for left, right in (("P12", "P120"), ("P12", "Q12"), ("PO2026012", "PO202612"), ("100", "1")):
            self.assertNotEqual(numbers.normalised_number(left), numbers.normalised_number(right))

    def test_nothing_is_nothing(self):
        self.assertEqual(numbers.normalised_number(None), "")


class DecimalText(unittest.TestCase):
    def test_no_exponent_no_noise(self):
        for value, text in (
            (12.0, "12"),
            (0.1 + 0.2, "0.3"),
            (1e21, "1" + "0" * 21),
            (-0.0, "0"),
            ("2.50", "2.5"),
            (100, "100"),
            (1e-9, "0"),
        ):
            self.assertEqual(numbers.decimal_text(value), text)


class Units(unittest.TestCase):
    def test_packages_are_told_from_measures(self):
        self.assertTrue(all(map(numbers.is_packaging, ("XCT", "XPX", "XBX"))))
        self.assertFalse(any(map(numbers.is_packaging, ("EA", "DZN", "KGM", "X1", "C62"))))


class Uuid7(unittest.TestCase):
    def test_version_variant_and_time(self):
        text = identity.uuid7(0x0190A5B6C7D8, bytes(range(246, 256)))
        value = uuid.UUID(text)
        self.assertEqual((value.version, value.variant), (7, uuid.RFC_4122))
        self.assertEqual(text[:13], "0190a5b6-c7d8")

    def test_later_ids_sort_later(self):
        self.assertLess(identity.uuid7(1000, b"\xff" * 10), identity.uuid7(1001, b"\x00" * 10))


class Backoff(unittest.TestCase):
    def test_grows_to_its_end_and_stays(self):
        delays = [backoff.delay(n, backoff.WAITING) for n in range(1, 12)]
        self.assertEqual(delays, sorted(delays))
        self.assertEqual(delays[-1], backoff.WAITING[-1])

    def test_spread_adds_at_most_a_quarter(self):
        self.assertEqual(backoff.delay(1, (60,), 1.0), 75)
        self.assertEqual(backoff.delay(0, (60,), 0.0), 60)
