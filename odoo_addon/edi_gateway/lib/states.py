"""States of a message and the moves between them. The words are those of the gateway (API, logs, pages)."""

INBOUND = ("received", "waiting", "error", "applied", "ignored", "superseded")
OUTBOUND = (
    "error",
    "queued",
    "sent",
    "transferred",
    "accepted",
    "accepted_with_errors",
    "rejected",
    "held",
    "dead",
    "cancelled",
)
BUSINESS = ("none", "accepted", "rejected")

#: What Odoo reports of an inbound message; `received` is the answer to the POST itself.
REPORTED = ("applied", "waiting", "error", "ignored", "superseded")

#: Where an operator has something to do.
OPEN_ERRORS = ("error", "held", "rejected", "dead")

MOVES = {
    "in": {
        "received": {"waiting", "error", "applied", "ignored", "superseded"},
        "waiting": {"received", "error", "applied", "ignored", "superseded"},
        "error": {"received", "ignored", "superseded"},
        "ignored": {"received", "superseded"},
        "applied": {"superseded"},
        "superseded": set(),
    },
    "out": {
        "error": {"queued", "cancelled"},
        "queued": {"sent", "transferred", "accepted", "accepted_with_errors", "rejected", "held", "dead", "cancelled"},
        "held": {"queued", "sent", "transferred", "accepted", "accepted_with_errors", "rejected", "cancelled"},
        "sent": {"transferred", "accepted", "accepted_with_errors", "rejected", "held", "dead", "cancelled"},
        "transferred": {"accepted", "accepted_with_errors", "rejected", "held", "dead"},
        "dead": {"queued", "sent", "transferred", "accepted", "accepted_with_errors", "rejected", "cancelled"},
        "accepted": set(),
        "accepted_with_errors": set(),
        "rejected": set(),
        "cancelled": set(),
    },
}


def may_move(direction, before, after):
    """Whether a message may go from one state to another (staying is not a move)."""
    return after in MOVES[direction].get(before, ())


#: (function of the new document, state of the last one with its number) → what to do. `none` = there is no earlier one.
#: "apply", "replace" (take the earlier effect back, then apply), "cancel" (take it back), "drop" (the earlier one has no
#: effect yet: set it aside), "compare" (same content → ignored, other content → error), or a problem code.
SHIPMENT_NOTICE_EFFECTS = {
    ("original", "none"): "apply",
    ("original", "waiting"): "compare",
    ("original", "error"): "compare",
    ("original", "applied"): "compare",
    ("replace", "none"): "original_not_found",
    ("replace", "waiting"): "drop_and_apply",
    ("replace", "error"): "drop_and_apply",
    ("replace", "applied"): "replace",
    ("cancel", "none"): "original_not_found",
    ("cancel", "waiting"): "drop",
    ("cancel", "error"): "drop",
    ("cancel", "applied"): "cancel",
    ("change", "none"): "original_not_found",
    ("change", "waiting"): "change_by_person",
    ("change", "error"): "change_by_person",
    ("change", "applied"): "change_by_person",
    ("duplicate", "none"): "ignore",
    ("duplicate", "waiting"): "ignore",
    ("duplicate", "error"): "ignore",
    ("duplicate", "applied"): "ignore",
    ("copy", "none"): "ignore",
    ("copy", "waiting"): "ignore",
    ("copy", "error"): "ignore",
    ("copy", "applied"): "ignore",
    ("confirmation", "none"): "ignore",
    ("confirmation", "waiting"): "ignore",
    ("confirmation", "error"): "ignore",
    ("confirmation", "applied"): "ignore",
}


def document_for(role, picking_code, leaves_to_customer, is_return):
    """Which document a finished picking makes for a trading partner, or None.

    `role` is theirs, `picking_code` that of the picking type; in a multi-step delivery only the last step leaves to the
    customer. Other roles and picking types get their documents as those are built.
    """
    if role == "customer" and picking_code == "outgoing" and leaves_to_customer and not is_return:
        return "shipmentNotice"
    return None
