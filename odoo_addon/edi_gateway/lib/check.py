"""What a dry run of the gateway found, for people: each finding beside the place in Odoo it is about."""

import re


class Undone(Exception):
    """Ends a savepoint whose work is only looked at; `made` is what came of it."""

    def __init__(self, made):
        super().__init__()
        self.made = made


#: Path in the Message → what an Odoo user knows it by; {} is the name of the n-th item of a list of the Document.
PLACES = (
    (r"/partner$", "Trading partner"),
    (r"/document/documentNumber", "Number of the transfer"),
    (r"/document/(?P<of>parties)/(?P<n>\d+)", "Address and EDI identifiers of {}"),
    (r"/document/references", "Bill of lading and tracking reference of the transfer"),
    (r"/document/body/transport", "Carrier and SCAC of the transfer"),
    (r"/document/body/totals", "Weight and packages of the transfer"),
    (r"/document/body/(?P<of>orders)/(?P<n>\d+)/orderNumber", "Customer Reference of sale order {}"),
    (r"/document/body/(?P<of>orders)/(?P<n>\d+)", "As ordered (EDI) of sale order {}"),
    (r"/document/body/(?P<of>packages)/(?P<n>\d+)", "Package {}"),
    (
        r"/document/body/(?P<of>lines)/(?P<n>\d+)/productIds",
        "Barcode, internal reference or partner's code of {}",
    ),
    (r"/document/body/(?P<of>lines)/(?P<n>\d+)/quantity", "Quantity and unit of {}"),
    (r"/document/body/(?P<of>lines)/(?P<n>\d+)/lots", "Lots of {}"),
    (r"/document/body/(?P<of>lines)/(?P<n>\d+)", "Line of {}"),
)
#: By list: the keys that name an item, the best first.
NAMES = {
    "parties": ("name", "role"),
    "orders": ("orderNumber",),
    "packages": ("sscc", "id"),
    "lines": ("description", "lineNumber"),
}
#: Worst first; notes are the gateway's own affair.
SEVERITIES = ("error", "warning")


def place_of(path, document):
    """Where in Odoo a path of the Message is, or the path itself where no place is known."""
    for pattern, words in PLACES:
        found = re.match(pattern, path)
        if found:
            return words.format(_name(document, **found.groupdict())) if "{}" in words else words
    return path


def _name(document, of, n):
    items = (document if of == "parties" else document["body"]).get(of, [])
    item = items[int(n)] if int(n) < len(items) else {}
    return next((item[key] for key in NAMES[of] if item.get(key)), str(int(n) + 1))


def findings(issues, document):
    """Errors and warnings of a dry run as (severity, place, text), worst first."""
    told = [
        (severity, place_of(issue.get("path", ""), document), issue.get("text", issue.get("code", "")))
        for severity in SEVERITIES
        for issue in issues
        if issue.get("severity", "error") == severity
    ]
    return list(dict.fromkeys(told))
