"""UUID version 7 (RFC 9562 §5.7): the id of Messages. Time and random bytes are arguments, so it is testable."""

import uuid


def uuid7(milliseconds, random_bytes):
    """`milliseconds` since 1970 and 10 random bytes → UUID text."""
    value = int.from_bytes(milliseconds.to_bytes(6, "big") + random_bytes, "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return str(uuid.UUID(int=value))
