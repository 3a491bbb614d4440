"""Inbound shipment notice → what to prepare: which part of which line goes into which package, lot and stock move.

Quantities are Decimals; whoever calls converts units and turns the plan into records.
"""

from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from .problem import Problem


class Part(NamedTuple):
    """Goods of one line in one package with one lot or serial number. `package` is a package id of the notice."""

    line: int
    package: str | None
    lot: str | None
    quantity: Decimal


class Share(NamedTuple):
    """A part of a line's quantity put on one open stock move."""

    line: int
    move: int
    quantity: Decimal


class Open(NamedTuple):
    """What may still be received: `position` is the 1-based place of the order line, for equal products."""

    move: int
    order: int
    product: int
    position: int
    quantity: Decimal


class Need(NamedTuple):
    """A line of the notice in the product's own unit."""

    line: int
    order: int
    product: int
    line_number: str | None
    quantity: Decimal


def line_name(line, index):
    """How a person finds the line: its number in the notice, else its place."""
    return f"line {line.get('lineNumber') or index + 1}"


def order_of(body, index):
    """Index into body.orders for a line; a notice for one order needs no reference. Raises Problem."""
    line = body["lines"][index]
    if "orderIndex" in line:
        if line["orderIndex"] < len(body["orders"]):
            return line["orderIndex"]
    elif len(body["orders"]) == 1:
        return 0
    raise Problem("order_missing", f"It is not clear which order {line_name(line, index)} belongs to.")


def packages_by_id(body):
    return {package["id"]: package for package in body["packages"]}


def identified_package(packages, package_id):
    """The package itself or the nearest unit it stands on that has an SSCC: a carton without one is its pallet's goods.

    None when there is none; a circle of parents ends like a missing one.
    """
    seen = set()
    while package_id in packages and package_id not in seen:
        seen.add(package_id)
        if packages[package_id].get("sscc"):
            return package_id
        package_id = packages[package_id].get("parentId")
    return None


def with_parents(packages, names):
    """The identified packages among `names` and every identified unit they stand on."""
    found = set()
    for name in names:
        while (name := identified_package(packages, name)) and name not in found:
            found.add(name)
            name = packages[name].get("parentId")
    return found


def split_line(body, index, quantity, unit_factor, tracking, whole=True):
    """The parts of one line. `quantity` in the product's unit, `unit_factor` product units per unit of the notice.

    Several packages share the quantity evenly (the model's rule for packageIds); lots take their own quantities in the
    order given, walked along the packages. A serial number is one piece. `tracking`: none | lot | serial. Raises Problem.
    """
    line = body["lines"][index]
    packages = packages_by_id(body)
    per_package = [(identified_package(packages, name), share) for name, share in _shares(line, index, quantity, whole)]
    per_lot = _lots(line, index, quantity, unit_factor, tracking)
    parts = []
    for package, lot, amount in _overlay(per_package, per_lot):
        if parts and parts[-1][1:3] == (package, lot):
            parts[-1] = parts[-1]._replace(quantity=parts[-1].quantity + amount)
        else:
            parts.append(Part(index, package, lot, amount))
    return parts


def _shares(line, index, quantity, whole):
    names = line["packageIds"]
    if len(names) <= 1:
        return [(names[0] if names else None, quantity)]
    share = quantity / len(names)
    if share * len(names) != quantity or (whole and share != share.to_integral_value()):
        raise Problem(
            "package_quantity",
            f"{quantity.normalize():f} pieces of {line_name(line, index)} cannot be shared evenly among {len(names)} packages.",
        )
    return [(name, share) for name in names]


def _lots(line, index, quantity, unit_factor, tracking):
    if tracking == "none":
        return [(None, quantity)]
    lots = line.get("lots") or []
    if not lots:
        return [(None, quantity)]
    if len(lots) == 1 and "quantity" not in lots[0] and not (tracking == "serial" and quantity != 1):
        return [(_lot_name(lots[0]), quantity)]
    amounts = []
    for lot in lots:
        if "quantity" in lot:
            amounts.append((_lot_name(lot), Decimal(lot["quantity"]["value"]) * unit_factor))
        elif tracking == "serial":
            amounts.append((_lot_name(lot), Decimal(1)))
        else:
            raise Problem("lot_quantity", f"{line_name(line, index)} has several lots but not a quantity for each.")
    if sum(amount for _, amount in amounts) != quantity:
        raise Problem(
            "lot_quantity",
            f"The lots of {line_name(line, index)} add up to {sum(a for _, a in amounts).normalize():f}, "
            f"the line says {quantity.normalize():f}.",
        )
    return amounts


def _lot_name(lot):
    return lot.get("serial") or lot.get("lot")


def _overlay(left, right):
    """Two ways to cut the same total → the common pieces, in order."""
    left, right = [list(pair) for pair in left], [list(pair) for pair in right]
    while left and right:
        amount = min(left[0][1], right[0][1])
        if amount:
            yield left[0][0], right[0][0], amount
        for side in (left, right):
            side[0][1] -= amount
            if not side[0][1]:
                side.pop(0)


def allocate(needs, offers, names):
    """Puts every need on open moves of its order and product: first the order line with the number of the notice's line,
    then the others in their order, spread over equal ones. `names` tells a product for the error text. Raises Problem
    for the first product of which more was shipped than is open.
    """
    left = {offer.move: offer.quantity for offer in offers}
    by_key = defaultdict(list)
    for offer in offers:
        by_key[offer.order, offer.product].append(offer)
    wanted = defaultdict(Decimal)
    for need in needs:
        wanted[need.order, need.product] += need.quantity
    for key, quantity in wanted.items():
        is_open = sum((offer.quantity for offer in by_key[key]), Decimal(0))
        if quantity > is_open:
            raise Problem(
                "over_shipment",
                f"{quantity.normalize():f} of {names[key[1]]} were shipped, {is_open.normalize():f} are still open on the order.",
            )
    shares = []
    for need in needs:
        rest = need.quantity
        candidates = by_key[need.order, need.product]
        for offer in sorted(candidates, key=lambda o: (str(o.position) != (need.line_number or ""), o.position)):
            amount = min(rest, left[offer.move])
            if amount:
                shares.append(Share(need.line, offer.move, amount))
                left[offer.move] -= amount
                rest -= amount
            if not rest:
                break
    return shares


def move_parts(parts, shares):
    """Parts of lines (packages, lots) laid over their shares (moves) → [(move, package, lot, quantity)]."""
    by_line = defaultdict(list)
    for share in shares:
        by_line[share.line].append((share.move, share.quantity))
    grouped = defaultdict(list)
    for part in parts:
        grouped[part.line].append(((part.package, part.lot), part.quantity))
    result = []
    for line, own in grouped.items():
        result.extend((move, package, lot, amount) for (package, lot), move, amount in _overlay(own, by_line[line]))
    return result
