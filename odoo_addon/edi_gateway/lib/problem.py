"""What keeps a message from being applied or built, in words an Odoo user understands."""


class Problem(Exception):
    """`code` is one of CODES; `text` is for people; `waits` = the reason may go away by itself (retried)."""

    def __init__(self, code, text, waits=False):
        assert code in CODES, code
        super().__init__(text)
        self.code = code
        self.text = text
        self.waits = waits


#: Closed list: reported to the gateway, shown and grouped by in Odoo.
CODES = {
    "already_moved": "stock has moved for the document this one changes or cancels",
    "change_by_person": "a change that only a person may carry out",
    "company_unknown": "the message names a company Odoo does not know",
    "internal": "an unexpected error in Odoo; the server log has the trace",
    "kind_unsupported": "no effect is known for this kind of document",
    "lot_quantity": "lot or serial quantities do not add up to the line",
    "number_reused": "the document number was used before with other content",
    "order_ambiguous": "several purchase orders fit the order number",
    "order_cancelled": "the purchase order is cancelled",
    "order_missing": "a line names no order",
    "order_not_confirmed": "the purchase order is not confirmed yet",
    "order_not_found": "no purchase order with that number yet",
    "original_not_found": "the document this one changes or cancels is not known yet",
    "over_shipment": "more was shipped than is still open on the order",
    "package_in_use": "a package with that SSCC exists already",
    "package_quantity": "a quantity cannot be shared evenly among its packages",
    "partner_mismatch": "the order belongs to another partner than the sender",
    "partner_unknown": "no trading partner fits",
    "product_ambiguous": "several products fit the identifiers of a line",
    "product_unknown": "no product fits the identifiers of a line",
    "quantity_fraction": "a quantity is not a whole number of units",
    "quantity_missing": "a line has no quantity",
    "receipt_in_progress": "somebody is receiving these goods right now",
    "rejected": "the partner or the gateway rejected the document",
    "role_unsupported": "no effect for the roles the message names",
    "test_mismatch": "test and production differ between message and trading partner",
    "unit_ambiguous": "a unit may mean pieces or packages here",
    "unit_unknown": "a unit cannot be converted for that product",
    "content_missing": "the document lacks something the partner needs",
}
