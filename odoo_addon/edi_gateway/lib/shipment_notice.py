"""Outbound shipment notice: plain facts of a finished delivery → canonical Document.

`facts` is what the Odoo side collected; nothing here knows a record. Keys without a value are left out: in the canonical
model absent means absent.
"""

from .problem import Problem


def build(facts):
    """facts → Document. Raises Problem `content_missing` naming everything that lacks, in Odoo users' words.

    facts: {number, documentDate, shippedAt, parties, references, orders: [{key, orderNumber, …}], packages: [{key,
    sscc, parent, weight, trackingNumber, type}], lines: [{order, package, …ShippedLine}], transport, totals}
    """
    missing = list(_missing(facts))
    if missing:
        raise Problem("content_missing", " ".join(missing))
    order_index = {order["key"]: index for index, order in enumerate(facts["orders"])}
    packages = _outermost_first(facts["packages"])
    package_id = {package["key"]: str(place + 1) for place, package in enumerate(packages)}
    body = {
        "shippedAt": facts["shippedAt"],
        "estimatedDeliveryAt": facts.get("estimatedDeliveryAt"),
        "transport": facts.get("transport"),
        "totals": facts.get("totals"),
        "orders": [
            {
                "orderNumber": order["orderNumber"],
                "orderDate": order.get("orderDate"),
                "references": order.get("references", []),
                "parties": order.get("parties", []),
            }
            for order in facts["orders"]
        ],
        "packages": [
            {
                "id": package_id[package["key"]],
                "parentId": package_id.get(package.get("parent")),
                "level": package["level"],
                "sscc": package["sscc"],
                "trackingNumber": package.get("trackingNumber"),
                "weight": package.get("weight"),
                "orderIndex": _only_order(package["key"], packages, facts["lines"], order_index),
            }
            for package in packages
        ],
        "lines": [
            {
                "lineNumber": line.get("lineNumber"),
                "orderIndex": order_index[line["order"]],
                "packageIds": [package_id[line["package"]]] if line.get("package") else [],
                "productIds": line["productIds"],
                "description": line.get("description"),
                "quantityShipped": line["quantityShipped"],
                "quantityOrdered": line.get("quantityOrdered"),
                "lots": line.get("lots") or None,
            }
            for line in facts["lines"]
        ],
    }
    return present(
        {
            "kind": "shipmentNotice",
            "version": 1,
            "function": "original",
            "documentNumber": facts["number"],
            "documentDate": facts["documentDate"],
            "parties": facts["parties"],
            "references": facts["references"],
            "dates": [],
            "notes": [],
            "body": body,
        }
    )


def present(value):
    """The value without keys that hold None, at every depth."""
    if isinstance(value, dict):
        return {key: present(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [present(item) for item in value]
    return value


def _missing(facts):
    for order in facts["orders"]:
        if not order.get("orderNumber"):
            yield f"Sale order {order['name']} has no Customer Reference (the buyer's order number)."
    if not any(party["role"] == "shipTo" for party in facts["parties"]):
        yield "The delivery has no delivery address."
    for package in facts["packages"]:
        if not package.get("sscc"):
            yield (
                f"Package {package['name']} has no SSCC, and the company has no GS1 company prefix to make one from "
                "(EDI Gateway / Configuration / Settings)."
            )
    for line in facts["lines"]:
        if not line["productIds"]:
            yield f"Product {line['name']} has no identifier the partner knows (customer's item code, GTIN or internal reference)."
    if not facts["lines"]:
        yield "Nothing was shipped."


def _outermost_first(packages):
    """Parents before their contents, otherwise as given."""
    known = {package["key"] for package in packages}
    ordered, placed = [], set()

    def place(package):
        if package["key"] in placed:
            return
        placed.add(package["key"])
        parent = package.get("parent")
        if parent in known and parent not in placed:
            place(next(other for other in packages if other["key"] == parent))
        ordered.append(package)

    for package in packages:
        place(package)
    return ordered


def _only_order(key, packages, lines, order_index):
    """The index of the one order all goods in the package belong to, or None."""
    inside = {key}
    grew = True
    while grew:
        more = {p["key"] for p in packages if p.get("parent") in inside} - inside
        inside |= more
        grew = bool(more)
    orders = {order_index[line["order"]] for line in lines if line.get("package") in inside}
    return orders.pop() if len(orders) == 1 else None
