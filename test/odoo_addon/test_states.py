import re
import unittest

import addon
from lib import states
from lib.problem import CODES, Problem

WORDS = (addon.REPOSITORY / "edi-maps" / "canonical" / "states.ts").read_text()


def words(name):
    """A list of words in the gateway's states.ts."""
    block = re.search(rf"export const {name} = \[(.*?)\] as const", WORDS, re.S)
    return set(re.findall(r"'(\w+)'", block[1]))


class Words(unittest.TestCase):
    def test_they_are_those_of_the_gateway(self):
        self.assertEqual(set(states.REPORTED), words("ODOO_STATES"))
        self.assertEqual(set(states.OUTBOUND) - {"error"}, words("OUTBOUND_STATES"))
        self.assertEqual(set(states.BUSINESS), words("BUSINESS_STATES"))
        self.assertIn("received", words("INBOUND_STATES"))

    def test_every_state_has_its_moves(self):
        self.assertEqual(set(states.MOVES["in"]), set(states.INBOUND))
        self.assertEqual(set(states.MOVES["out"]), set(states.OUTBOUND))
        for direction, moves in states.MOVES.items():
            for before, after in moves.items():
                self.assertLessEqual(after, set(moves), (direction, before))
                self.assertNotIn(before, after)


class Moves(unittest.TestCase):
    def test_what_was_applied_is_only_ever_superseded(self):
        self.assertEqual(states.MOVES["in"]["applied"], {"superseded"})

    def test_the_last_word_of_a_partner_stays(self):
        for state in ("accepted", "accepted_with_errors", "rejected", "cancelled"):
            self.assertFalse(states.MOVES["out"][state])

    def test_an_unknown_state_goes_nowhere(self):
        self.assertFalse(states.may_move("in", "nonsense", "applied"))


class ShipmentNoticeEffects(unittest.TestCase):
    FUNCTIONS = ("original", "change", "replace", "cancel", "confirmation", "copy", "duplicate")

    def test_the_table_has_every_cell(self):
        cells = {(function, state) for function in self.FUNCTIONS for state in ("none", "waiting", "error", "applied")}
        self.assertEqual(set(states.SHIPMENT_NOTICE_EFFECTS), cells)

    def test_cell_by_cell(self):
        table = """
                          none                waiting           error             applied
            original      apply               compare           compare           compare
            replace       original_not_found  drop_and_apply    drop_and_apply    replace
            cancel        original_not_found  drop              drop              cancel
            change        original_not_found  change_by_person  change_by_person  change_by_person
            duplicate     ignore              ignore            ignore            ignore
            copy          ignore              ignore            ignore            ignore
            confirmation  ignore              ignore            ignore            ignore
        """
        head, *rows = [line.split() for line in table.strip().splitlines()]
        for function, *effects in rows:
            for state, effect in zip(head, effects, strict=True):
                self.assertEqual(states.SHIPMENT_NOTICE_EFFECTS[function, state], effect, (function, state))

    def test_every_effect_is_carried_out_by_the_receipt(self):
        source = (addon.ROOT / "models" / "edi_gateway_receipt.py").read_text()
        for effect in set(states.SHIPMENT_NOTICE_EFFECTS.values()):
            self.assertIn(f"def _effect_{effect}(", source)


class DocumentFor(unittest.TestCase):
    def test_only_goods_on_their_way_to_a_customer_make_a_notice(self):
        self.assertEqual(states.document_for("customer", "outgoing", True, False), "shipmentNotice")
        for case in (
            ("supplier", "outgoing", True, False),
            ("customer", "incoming", True, False),
            ("customer", "internal", True, False),
            ("customer", "outgoing", False, False),
            ("customer", "outgoing", True, True),
        ):
            self.assertIsNone(states.document_for(*case), case)


class Problems(unittest.TestCase):
    def test_only_codes_of_the_list_exist(self):
        self.assertEqual(Problem("unit_unknown", "text").code, "unit_unknown")
        with self.assertRaises(AssertionError):
            Problem("surprise", "text")

    def test_every_code_that_is_used_is_listed_and_every_listed_one_used(self):
        used = set()
        for path in addon.ROOT.rglob("*.py"):
            if "tests" not in path.parts and path.name != "problem.py":
                used |= set(re.findall(r"(?:Problem|_waiting)\(\s*\"(\w+)\"", path.read_text()))
        self.assertEqual(used, set(CODES))
