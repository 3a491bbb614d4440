"""Bearer credentials of the gateway: JWT signed with HS256, or an API key of which only the hash is kept.

A small verifier of its own: neither PyJWT nor python-jose is among Odoo's requirements. Sources: RFC 7515 (JWS compact),
RFC 7519 (claims), RFC 6750 (Bearer).
"""

import base64
import binascii
import hashlib
import hmac
import json
import re

AUDIENCE = "edi_gateway"
LONGEST_LIFE = 15 * 60
LEEWAY = 60
KID = r"[A-Za-z0-9][A-Za-z0-9.-]{0,62}"


class Refused(Exception):
    """The credential is not valid. The text is for the server log only; every caller gets the same 401."""


class ApiKey:
    """What a caller presented as API key: `edigw_<kid>_<secret>`."""

    def __init__(self, kid, text):
        self.kid = kid
        self.text = text


class Jwt:
    """A decoded, not yet verified JWT."""

    def __init__(self, kid, claims, signed, signature):
        self.kid = kid
        self.claims = claims
        self.signed = signed
        self.signature = signature


def _decode(part):
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("not base64url") from error


def _json_object(part):
    try:
        value = json.loads(_decode(part))
    except (ValueError, RecursionError) as error:
        raise Refused("not JSON") from error
    if not isinstance(value, dict):
        raise Refused("not a JSON object")
    return value


def read_authorization(header):
    """The Authorization header → ApiKey or Jwt, unverified. Raises Refused."""
    match = re.fullmatch(r"[Bb]earer +([\x21-\x7e]{1,8192})", header or "")
    if not match:
        raise Refused("no bearer token")
    token = match[1]
    key = re.fullmatch(rf"edigw_({KID})_[A-Za-z0-9]+", token)
    if key:
        return ApiKey(key[1], token)
    parts = token.split(".")
    if len(parts) != 3 or not all(parts[:2]):
        raise Refused("neither API key nor JWT")
    head = _json_object(parts[0])
    # The algorithm is ours to choose, never the token's: anything but HS256 is refused before a key is looked up.
    if head.get("alg") != "HS256" or "crit" in head:
        raise Refused("algorithm not allowed")
    kid = head.get("kid")
    if not isinstance(kid, str) or not re.fullmatch(KID, kid):
        raise Refused("no kid")
    return Jwt(kid, _json_object(parts[1]), f"{parts[0]}.{parts[1]}".encode(), _decode(parts[2]))


def api_key_hash(text):
    """Hex SHA-256. Enough for a random secret of 256 bits: there is nothing to guess, so no salt and no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()


def check_api_key(presented, stored_hash):
    """Raises Refused unless `presented` is the key whose hash is stored."""
    if not hmac.compare_digest(api_key_hash(presented.text), stored_hash or ""):
        raise Refused("wrong API key")


def _instant(claims, name):
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(f"claim {name} missing or no number")
    return value


def check_jwt(presented, secret, issuer, now):
    """Raises Refused unless signature and claims hold. `secret` and `issuer` are texts, `now` seconds since 1970.

    → the `sub` claim.
    """
    expected = hmac.new(secret.encode(), presented.signed, hashlib.sha256).digest()
    if not hmac.compare_digest(expected, presented.signature):
        raise Refused("wrong signature")
    claims = presented.claims
    audience = claims.get("aud")
    if AUDIENCE not in (audience if isinstance(audience, list) else [audience]):
        raise Refused("wrong audience")
    if not issuer or claims.get("iss") != issuer:
        raise Refused("wrong issuer")
    issued, expires = _instant(claims, "iat"), _instant(claims, "exp")
    if expires - issued > LONGEST_LIFE:
        raise Refused("lives longer than 15 minutes")
    if issued > now + LEEWAY:
        raise Refused("issued in the future")
    if expires <= now - LEEWAY:
        raise Refused("expired")
    if "nbf" in claims and _instant(claims, "nbf") > now + LEEWAY:
        raise Refused("not valid yet")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise Refused("no subject")
    return subject


def sign_jwt(kid, secret, claims):
    """A JWT for `claims`: for calls from Odoo to the gateway and for tests."""

    def encode(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    head = encode(json.dumps({"alg": "HS256", "typ": "JWT", "kid": kid}, separators=(",", ":")).encode())
    body = encode(json.dumps(claims, separators=(",", ":")).encode())
    signature = hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{encode(signature)}"
