"""Document numbers, decimals and weights as they travel."""

import re
from decimal import Decimal

#: Kilograms per unit, UN/ECE Rec 20.
KILOGRAMS = {
    "KGM": Decimal("1"),
    "GRM": Decimal("0.001"),
    "TNE": Decimal("1000"),
    "LBR": Decimal("0.45359237"),
    "ONZ": Decimal("0.028349523125"),
    "STN": Decimal("907.18474"),
}


def normalised_number(text):
    """A document number as partners may have changed it: upper case, no separators, no leading zeros of a digit run.

    `po/2026/00012`, `PO-2026-12` and `PO202612` give the same: where two orders do, the caller must say ambiguous.
    """
    bare = re.sub(r"[^A-Z0-9]+", "-", (text or "").upper()).strip("-")
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", bare).replace("-", "")


def decimal_text(value, places=6):
    """A number as the canonical model writes it: no exponent, no trailing zeros, `0` not `-0`."""
    quantised = Decimal(str(value)).quantize(Decimal(1).scaleb(-places))
    text = f"{quantised:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def is_packaging(uom):
    """Whether a canonical unit is a package (Rec 21 with X): it says nothing of how many pieces are inside."""
    return len(uom) == 3 and uom.startswith("X")
