import unittest

import addon  # noqa: F401
from lib import gs1


class CheckDigit(unittest.TestCase):
    def test_known_numbers(self):
        """GS1 General Specifications figure 7.9.1 (SSCC 37610425002123456-9) and published examples."""
        for number in ("376104250021234569", "614141000012", "4006381333931", "96385074", "00614141000012"):
            with self.subTest(number):
                self.assertTrue(gs1.is_valid(number))
                wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
                self.assertFalse(gs1.is_valid(wrong))

    def test_other_texts_are_not_valid(self):
        for text in ("", None, "12", "abcdefgh", "6141410000 2", "1234567890123456789"):
            self.assertFalse(gs1.is_valid(text))


class Sscc(unittest.TestCase):
    def test_made_from_prefix_extension_and_serial(self):
        number = gs1.sscc("7610425", "3", 2123456)
        self.assertEqual(number, "376104250021234569")
        self.assertTrue(gs1.is_sscc(number))

    def test_every_prefix_length_gives_18_digits(self):
        for length in range(4, 13):
            self.assertTrue(gs1.is_sscc(gs1.sscc("1" * length, "0", 1)), length)

    def test_the_range_ends(self):
        self.assertTrue(gs1.is_sscc(gs1.sscc("1" * 12, "0", 9999)))
        with self.assertRaisesRegex(ValueError, "used up"):
            gs1.sscc("1" * 12, "0", 10000)

    def test_wrong_settings_are_refused(self):
        for prefix, extension in (
            ("", "0"),
            ("123", "0"),
            ("12345678901234", "0"),
            ("12a4567", "0"),
            ("1234567", "x"),
            ("1234567", ""),
        ):
            with self.assertRaises(ValueError):
                gs1.sscc(prefix, extension, 1)

    def test_only_18_digits_with_a_right_check_digit_are_one(self):
        for text in ("00376104250021234569", "376104250021234560", "PACK0000001", "", None):
            self.assertFalse(gs1.is_sscc(text))


class Gtin(unittest.TestCase):
    def test_every_length_has_one_14_digit_form(self):
        self.assertEqual(gs1.gtin14("614141000012"), "00614141000012")
        self.assertEqual(gs1.gtin14("0614141000012"), "00614141000012")
        self.assertEqual(gs1.gtin14("96385074"), "00000096385074")
        for text in ("", None, "123", "61414100001", "614141000012345", "61414100001X"):
            self.assertIsNone(gs1.gtin14(text))

    def test_spellings_drop_only_zeros(self):
        self.assertEqual(gs1.gtin_spellings("614141000012"), ["00614141000012", "0614141000012", "614141000012"])
        self.assertEqual(gs1.gtin_spellings("10614141000019"), ["10614141000019"])
        self.assertEqual(len(gs1.gtin_spellings("96385074")), 4)
        self.assertEqual(gs1.gtin_spellings("SKU"), [])

    def test_a_barcode_goes_out_as_a_gtin_only_when_it_is_one(self):
        self.assertEqual(gs1.gtin_scheme("614141000012"), "gtin12")
        self.assertEqual(gs1.gtin_scheme("10614141000019"), "gtin14")
        for text in ("614141000013", "SKU-1", "", None, "123456789"):
            self.assertIsNone(gs1.gtin_scheme(text))
