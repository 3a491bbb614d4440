import json
import unittest

import addon
from lib.schema import Schema

MESSAGE = Schema(json.loads((addon.ROOT / "schemas" / "message.json").read_text()))


def codes(schema, value):
    return [(issue["path"], issue["code"]) for issue in Schema(schema).issues(value)]


class Keywords(unittest.TestCase):
    def test_each_keyword(self):
        cases = [
            ({"type": "string"}, 1, [("/", "type")]),
            ({"type": "integer"}, True, [("/", "type")]),
            ({"type": "integer"}, 1.5, [("/", "type")]),
            ({"type": "integer"}, 2.0, []),
            ({"type": "number"}, "1", [("/", "type")]),
            ({"type": "boolean"}, 1, [("/", "type")]),
            ({"type": "null"}, None, []),
            ({"const": 1}, True, [("/", "const")]),
            ({"const": "a"}, "a", []),
            ({"enum": ["a", "b"]}, "c", [("/", "enum")]),
            ({"enum": [1]}, True, [("/", "enum")]),
            ({"minLength": 1}, "", [("/", "minLength")]),
            ({"maxLength": 2}, "abc", [("/", "maxLength")]),
            ({"pattern": "^\\d{2}$"}, "12", []),
            ({"pattern": "^\\d{2}$"}, "12\n", [("/", "pattern")]),
            ({"pattern": "^\\d{2}$"}, "\u0661\u0662", [("/", "pattern")]),
            ({"minimum": 1}, 0, [("/", "minimum")]),
            ({"maximum": 1}, 2, [("/", "maximum")]),
            ({"minItems": 1}, [], [("/", "minItems")]),
            ({"maxItems": 1}, [1, 2], [("/", "maxItems")]),
            ({"items": {"type": "string"}}, ["a", 1, "b", None], [("/1", "type"), ("/3", "type")]),
            ({"required": ["a"]}, {}, [("/a", "required")]),
            ({"properties": {"a": {"type": "string"}}}, {"a": 1}, [("/a", "type")]),
            ({"additionalProperties": False}, {"a/b~c": 1}, [("/a~1b~0c", "additionalProperties")]),
            ({"additionalProperties": {"type": "string"}}, {"a": 1}, [("/a", "type")]),
            ({"patternProperties": {"^x": {"type": "string"}}, "additionalProperties": False}, {"x1": 1, "y": 1},
             [("/x1", "type"), ("/y", "additionalProperties")]),
        ]  # fmt: skip
        for schema, value, expected in cases:
            with self.subTest(schema=schema, value=value):
                self.assertEqual(codes(schema, value), expected)

    def test_an_unknown_keyword_fails_when_loaded(self):
        for schema in (
            {"oneOf": []},
            {"items": {"format": "date"}},
            {"properties": {"a": {"not": {}}}},
            {"anyOf": [{"$ref": "#"}]},
        ):
            with self.assertRaises(ValueError):
                Schema(schema)


class AnyOf(unittest.TestCase):
    CAT = {
        "type": "object",
        "required": ["kind", "lives"],
        "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}},
    }
    DOG = {
        "type": "object",
        "required": ["kind", "bone"],
        "properties": {"kind": {"const": "dog"}, "bone": {"type": "string"}},
    }

    def test_the_branch_that_was_meant_is_the_one_reported(self):
        self.assertEqual(codes({"anyOf": [self.CAT, self.DOG]}, {"kind": "dog"}), [("/bone", "required")])
        self.assertEqual(codes({"anyOf": [self.CAT, self.DOG]}, {"kind": "cat", "lives": 9}), [])

    def test_an_unknown_kind_is_one_issue(self):
        self.assertEqual(codes({"anyOf": [self.CAT, self.DOG]}, {"kind": "cow"}), [("/kind", "anyOf")])


class TheSchemas(unittest.TestCase):
    def test_all_exported_schemas_load(self):
        for path in (addon.ROOT / "schemas").glob("*.json"):
            Schema(json.loads(path.read_text()))

    def test_golden_documents_fit(self):
        cases = 0
        for folder in ("x12/856", "x12/997"):
            for path in (addon.GOLDEN / folder).glob("*/canonical.json"):
                for document in json.loads(path.read_text()):
                    schema = Schema(json.loads((addon.ROOT / "schemas" / f"{document['kind']}.json").read_text()))
                    with self.subTest(path.parent.name):
                        self.assertEqual(schema.issues(document), [])
                    cases += 1
        self.assertGreater(cases, 0)

    def test_a_message_of_a_golden_case_fits_and_each_missing_key_is_found(self):
        case = json.loads((addon.GOLDEN / "odoo" / "message-new" / "case.json").read_text())
        message = case["exchanges"][0]["request"]["body"]
        self.assertEqual(MESSAGE.issues(message), [])
        for key in (
            "id",
            "revision",
            "correlationId",
            "direction",
            "partner",
            "ourRole",
            "theirRole",
            "test",
            "document",
        ):
            without = {name: value for name, value in message.items() if name != key}
            self.assertEqual([i["path"] for i in MESSAGE.issues(without)], [f"/{key}"])

    def test_deep_nonsense_ends(self):
        value = []
        for _ in range(500):
            value = [value]
        self.assertTrue(MESSAGE.issues({"document": value}))
