import base64
import json
import unittest

import addon  # noqa: F401
from lib import tokens

SECRET = "example-secret-of-at-least-32-bytes!"
ISSUER = "https://gateway.example"
NOW = 1_767_323_045
CLAIMS = {"iss": ISSUER, "aud": "edi_gateway", "sub": "gateway", "iat": NOW, "exp": NOW + 300}


def token(kid="k1", secret=SECRET, drop=(), **changes):
    claims = {key: value for key, value in {**CLAIMS, **changes}.items() if key not in drop}
    return tokens.sign_jwt(kid, secret, claims)


def segment(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


class ReadAuthorization(unittest.TestCase):
    def test_an_api_key_names_its_kid(self):
        key = tokens.read_authorization("Bearer edigw_my-key.1_0a1b2c")
        self.assertIsInstance(key, tokens.ApiKey)
        self.assertEqual(key.kid, "my-key.1")

    def test_a_jwt_is_decoded_but_not_believed(self):
        jwt = tokens.read_authorization(f"bearer {token()}")
        self.assertIsInstance(jwt, tokens.Jwt)
        self.assertEqual((jwt.kid, jwt.claims["sub"]), ("k1", "gateway"))

    def test_everything_else_is_refused(self):
        jwt = token()
        head, body, signature = jwt.split(".")
        cases = [
            None, "", "Bearer", "Bearer ", "Basic abc", "Bearer a.b", "Bearer a.b.c.d", "Bearer ..", f"Bearer {jwt} x",
            "Bearer edigw__x", "Bearer edigw_key", "Bearer edigw_ke y_x",
            f"Bearer {segment({'alg': 'none', 'kid': 'k1'})}.{body}.",
            f"Bearer {segment({'alg': 'HS512', 'kid': 'k1'})}.{body}.{signature}",
            f"Bearer {segment({'alg': 'RS256', 'kid': 'k1'})}.{body}.{signature}",
            f"Bearer {segment({'alg': 'HS256', 'kid': 'k1', 'crit': ['x']})}.{body}.{signature}",
            f"Bearer {segment({'alg': 'HS256'})}.{body}.{signature}",
            f"Bearer {segment({'alg': 'HS256', 'kid': 7})}.{body}.{signature}",
            f"Bearer {segment({'alg': 'HS256', 'kid': 'a b'})}.{body}.{signature}",
            f"Bearer {segment(['alg'])}.{body}.{signature}",
            f"Bearer {head}.{segment('text')}.{signature}",
            f"Bearer {head}.!!!.{signature}",
            f"Bearer {head}.{body}.***",
            "Bearer " + "x" * 9000,
            f"Bearer {base64.urlsafe_b64encode(b'[' * 5000).decode()}.{body}.{signature}",
        ]  # fmt: skip
        for header in cases:
            with self.subTest(header=(header or "")[:60]), self.assertRaises(tokens.Refused):
                tokens.read_authorization(header)


class CheckJwt(unittest.TestCase):
    def check(self, text, secret=SECRET, issuer=ISSUER, now=NOW):
        return tokens.check_jwt(tokens.read_authorization(f"Bearer {text}"), secret, issuer, now)

    def test_a_valid_token_gives_its_subject(self):
        self.assertEqual(self.check(token()), "gateway")

    def test_one_of_several_audiences_is_enough(self):
        self.assertEqual(self.check(token(aud=["other", "edi_gateway"])), "gateway")

    def test_a_clock_may_differ_by_a_minute(self):
        self.assertEqual(self.check(token(), now=NOW + 300 + 59), "gateway")
        self.assertEqual(self.check(token(), now=NOW - 59), "gateway")

    def test_each_claim_is_checked(self):
        cases = {
            "expired": ({}, {"now": NOW + 361}),
            "issued in the future": ({}, {"now": NOW - 61}),
            "not valid yet": ({"nbf": NOW + 61}, {}),
            "another audience": ({"aud": "other"}, {}),
            "no audience": ({"drop": ["aud"]}, {}),
            "another issuer": ({"iss": "x"}, {}),
            "no issuer expected": ({}, {"issuer": False}),
            "longer than 15 minutes": ({"exp": NOW + 901}, {}),
            "no expiry": ({"drop": ["exp"]}, {}),
            "no issue time": ({"drop": ["iat"]}, {}),
            "true as a time": ({"iat": True}, {}),
            "text as a time": ({"exp": str(NOW + 300)}, {}),
            "no subject": ({"drop": ["sub"]}, {}),
            "empty subject": ({"sub": ""}, {}),
            "another secret": ({}, {"secret": SECRET[::-1]}),
        }
        for name, (claims, check) in cases.items():
            with self.subTest(name), self.assertRaises(tokens.Refused):
                self.check(token(**claims), **check)

    def test_changed_claims_break_the_signature(self):
        head, body, signature = token().split(".")
        forged = f"{head}.{segment({**CLAIMS, 'sub': 'admin'})}.{signature}"
        with self.assertRaises(tokens.Refused):
            self.check(forged)

    def test_rfc_7515_appendix_a1(self):
        """The signature of the RFC's own example verifies (its header has no kid, so the parts are put in by hand)."""
        key = base64.urlsafe_b64decode(
            "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow=="
        )
        signed = (
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        )
        jwt = tokens.Jwt(
            "k", {}, signed.encode(), base64.urlsafe_b64decode("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk=")
        )

        class Bytes(str):
            def encode(self, *_):
                return key

        with self.assertRaisesRegex(tokens.Refused, "audience"):
            tokens.check_jwt(jwt, Bytes(), ISSUER, NOW)


class CheckApiKey(unittest.TestCase):
    def test_only_the_key_itself_fits_its_hash(self):
        stored = tokens.api_key_hash("edigw_k_abc")
        tokens.check_api_key(tokens.ApiKey("k", "edigw_k_abc"), stored)
        for text, kept in (("edigw_k_abd", stored), ("edigw_k_abc", None), ("edigw_k_abc", "")):
            with self.assertRaises(tokens.Refused):
                tokens.check_api_key(tokens.ApiKey("k", text), kept)
