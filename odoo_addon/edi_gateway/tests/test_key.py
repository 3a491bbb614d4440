import psycopg2

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..lib import tokens
from .common import EdiCase


@tagged("post_install", "-at_install")
class TestKey(EdiCase):
    """Credentials of the gateway: kept so that nobody can read them back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "edi-key-manager", groups="edi_gateway.group_manager")

    def _jwt(self, **values):
        return (
            self.env["edi.gateway.key"]
            .with_user(self.manager)
            .create(
                {"kid": "k1", "kind": "jwt", "issuer": "https://gateway.example", "user_id": self.api_user.id, **values}
            )
        )

    def test_an_api_key_is_shown_once_and_only_its_hash_kept(self):
        key = self.key.with_user(self.manager)
        shown = key.action_generate()["params"]["message"]
        self.assertTrue(shown.startswith("edigw_test_"))
        self.env.flush_all()
        self.env.cr.execute("SELECT to_jsonb(k)::text FROM edi_gateway_key k WHERE id = %s", [key.id])
        self.assertNotIn(shown.rsplit("_", 1)[1], self.env.cr.fetchone()[0])
        found, actor = self.env["edi.gateway.key"]._authenticate(f"Bearer {shown}")
        self.assertEqual((found, actor), (self.key, "test"))
        self.assertNotIn(shown, str(key.message_ids.mapped("body")))

    def test_generating_again_ends_the_old_secret(self):
        old = self.key._generate()
        self.key._generate()
        with self.assertRaises(tokens.Refused):
            self.env["edi.gateway.key"]._authenticate(f"Bearer {old}")

    def test_a_jwt_secret_cannot_be_read_by_a_manager(self):
        key = self._jwt(new_secret="x" * 40)
        self.assertTrue(key.has_secret)
        self.assertFalse(key.new_secret)
        for field in ("secret", "secret_hash"):
            with self.assertRaises(AccessError):
                key.read([field])
            with self.assertRaises(AccessError):
                self.env["edi.gateway.key"].with_user(self.manager).search([(field, "=like", "x%")])

    def test_a_short_secret_is_refused(self):
        with self.assertRaises(UserError):
            self._jwt(new_secret="short")

    def test_a_jwt_key_names_its_issuer(self):
        with self.assertRaises(ValidationError):
            self._jwt(issuer=False)

    def test_a_key_id_is_plain_and_unique(self):
        with self.assertRaises(ValidationError):
            self._jwt(kid="with_underscore")
        self._jwt()
        with self.assertRaises(psycopg2.IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self._jwt()

    def test_the_user_must_be_one_for_the_gateway(self):
        self.key.user_id = new_test_user(self.env, "edi-anybody", groups="base.group_user")
        text = self.key._generate()
        with self.assertRaises(tokens.Refused):
            self.env["edi.gateway.key"]._authenticate(f"Bearer {text}")

    def test_an_archived_key_or_user_is_refused(self):
        text = self.key._generate()
        self.api_user.active = False
        with self.assertRaises(tokens.Refused):
            self.env["edi.gateway.key"]._authenticate(f"Bearer {text}")
        self.api_user.active = True
        self.key.active = False
        with self.assertRaises(tokens.Refused):
            self.env["edi.gateway.key"]._authenticate(f"Bearer {text}")
