"""What is kept in two places must be the same in both."""

import unittest

import addon
import sync


class Copies(unittest.TestCase):
    def test_the_addons_test_data_are_the_golden_cases(self):
        sources = sync.sources()
        copies = {str(path.relative_to(sync.COPIES)) for path in sync.COPIES.rglob("*") if path.is_file()}
        self.assertEqual(copies, set(sources), "run: python3 test/odoo_addon/sync.py")
        for name, source in sources.items():
            self.assertEqual(
                (sync.COPIES / name).read_bytes(), source.read_bytes(), f"{name}: run python3 test/odoo_addon/sync.py"
            )

    def test_the_licence_is_lgpl(self):
        self.assertIn("GNU LESSER GENERAL PUBLIC LICENSE", (addon.ROOT / "LICENSE").read_text())
