from . import (
    test_access,
    test_check,
    test_http,
    test_key,
    test_neutralize,
    test_push,
    test_receipt,
    test_receipt_corrections,
    test_receipt_units,
    test_shipment_notice,
)
