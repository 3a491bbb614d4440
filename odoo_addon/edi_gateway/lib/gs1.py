"""GS1 numbers: check digit, GTIN and SSCC. Source: GS1 General Specifications, section 7.9 (check digit)."""

import re

GTIN_SCHEMES = {"gtin8": 8, "gtin12": 12, "gtin13": 13, "gtin14": 14}


def check_digit(digits):
    """The check digit that follows `digits` (a text of digits without its check digit)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def is_valid(number):
    """Whether the last digit of `number` is its check digit."""
    return bool(re.fullmatch(r"\d{8,18}", number or "")) and check_digit(number[:-1]) == number[-1]


def is_sscc(text):
    """Whether `text` is an SSCC: 18 digits with a right check digit."""
    return bool(re.fullmatch(r"\d{18}", text or "")) and is_valid(text)


def sscc(prefix, extension, serial):
    """An SSCC from company prefix (4-12 digits), extension digit (0-9) and serial number.

    ValueError when prefix or extension is wrong or the serial no longer fits: numbers are never reused, so a range
    that ran out needs another extension digit or prefix.
    """
    if not re.fullmatch(r"\d{4,12}", prefix or ""):
        raise ValueError(f"GS1 company prefix {prefix!r} is not 4 to 12 digits")
    if not re.fullmatch(r"\d", str(extension)):
        raise ValueError(f"extension digit {extension!r} is not one digit")
    width = 16 - len(prefix)
    if not 0 <= serial < 10**width:
        raise ValueError(f"serial {serial} does not fit {width} digits: the range of prefix {prefix} is used up")
    body = f"{extension}{prefix}{serial:0{width}d}"
    return body + check_digit(body)


def gtin14(text):
    """The 14-digit form of a GTIN-8, -12, -13 or -14, or None when `text` is no such number of digits.

    The check digit is not judged: what a partner prints is matched as it is.
    """
    digits = (text or "").strip()
    if not re.fullmatch(r"\d{8}|\d{12,14}", digits):
        return None
    return digits.zfill(14)


def gtin_spellings(text):
    """Every way a GTIN may be stored as a barcode: 14 digits, and 13, 12 or 8 where the rest is zeros."""
    full = gtin14(text)
    if full is None:
        return []
    return [full[14 - size :] for size in (14, 13, 12, 8) if not full[: 14 - size].strip("0")]


def gtin_scheme(text):
    """`gtin12` and so on for a valid GTIN as printed, else None (an in-house barcode must not go out as a GTIN)."""
    for scheme, size in GTIN_SCHEMES.items():
        if text and len(text) == size and is_valid(text):
            return scheme
    return None
