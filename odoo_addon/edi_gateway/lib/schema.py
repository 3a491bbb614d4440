"""Checks a JSON value against a JSON Schema and names every finding by its place. Only the keywords that the exported
schemas use; an unknown keyword is an error at load time, never silently ignored. (jsonschema is no Odoo requirement.)
"""

import re

ANNOTATIONS = {"$schema", "$id", "title", "description", "default", "examples"}
TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": lambda value: (
        (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())
    ),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}
KEYWORDS = ANNOTATIONS | {
    "type", "properties", "required", "additionalProperties", "patternProperties", "items", "minItems", "maxItems",
    "enum", "const", "anyOf", "pattern", "minLength", "maxLength", "minimum", "maximum",
}  # fmt: skip


class Schema:
    """A compiled schema: `Schema(json).issues(value)` → list of {path, code, text}."""

    def __init__(self, schema):
        self.root = schema
        self._patterns = {}
        self._check_keywords(schema, "")

    def _check_keywords(self, schema, at):
        if isinstance(schema, bool):
            return
        unknown = set(schema) - KEYWORDS
        if unknown:
            raise ValueError(f"schema{at}: keyword {sorted(unknown)[0]} is not supported")
        for pattern in [schema.get("pattern"), *schema.get("patternProperties", {})]:
            if pattern is not None:
                # ECMA 262 `$` is the very end; Python's also fits before a final line feed.
                self._patterns[pattern] = re.compile(re.sub(r"(?<!\\)\$", r"\\Z", pattern), re.ASCII)
        for key in ("properties", "patternProperties"):
            for name, child in schema.get(key, {}).items():
                self._check_keywords(child, f"{at}/{name}")
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                self._check_keywords(schema[key], f"{at}/{key}")
        for number, child in enumerate(schema.get("anyOf", [])):
            self._check_keywords(child, f"{at}/anyOf/{number}")

    def issues(self, value):
        found = []
        self._check(self.root, value, "", found)
        return found

    def _check(self, schema, value, path, found):
        def report(code, text, at=path):
            found.append({"path": at or "/", "code": code, "text": text})

        kind = schema.get("type")
        if kind is not None and not TYPES[kind](value):
            report("type", f"{kind} expected, found {_kind(value)}")
            return
        if "const" in schema and not _same(value, schema["const"]):
            report("const", f"{schema['const']!r} expected, found {_shown(value)}")
        if "enum" in schema and not any(_same(value, item) for item in schema["enum"]):
            report("enum", f"one of {', '.join(map(str, schema['enum']))} expected, found {_shown(value)}")
        if isinstance(value, str):
            self._check_text(schema, value, report)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            if "minimum" in schema and value < schema["minimum"]:
                report("minimum", f"at least {schema['minimum']} expected, found {value}")
            if "maximum" in schema and value > schema["maximum"]:
                report("maximum", f"at most {schema['maximum']} expected, found {value}")
        elif isinstance(value, list):
            if len(value) < schema.get("minItems", 0):
                report("minItems", f"at least {schema['minItems']} entries expected, found {len(value)}")
            if "maxItems" in schema and len(value) > schema["maxItems"]:
                report("maxItems", f"at most {schema['maxItems']} entries expected, found {len(value)}")
            if isinstance(schema.get("items"), dict):
                for number, item in enumerate(value):
                    self._check(schema["items"], item, f"{path}/{number}", found)
        elif isinstance(value, dict):
            self._check_object(schema, value, path, found, report)
        if "anyOf" in schema:
            self._check_any(schema["anyOf"], value, path, found)

    def _check_text(self, schema, value, report):
        if len(value) < schema.get("minLength", 0):
            report("minLength", "must not be empty" if not value else f"shorter than {schema['minLength']} characters")
        if "maxLength" in schema and len(value) > schema["maxLength"]:
            report("maxLength", f"longer than {schema['maxLength']} characters")
        if "pattern" in schema and not self._patterns[schema["pattern"]].search(value):
            report("pattern", f"{_shown(value)} does not have the form {schema['pattern']}")

    def _check_object(self, schema, value, path, found, report):
        properties = schema.get("properties", {})
        for name in schema.get("required", []):
            if name not in value:
                report("required", f"{name} is missing", f"{path}/{_pointer(name)}")
        for name, item in value.items():
            at = f"{path}/{_pointer(name)}"
            known = False
            if name in properties:
                known = True
                self._check(properties[name], item, at, found)
            for pattern, child in schema.get("patternProperties", {}).items():
                if self._patterns[pattern].search(name):
                    known = True
                    self._check(child, item, at, found)
            extra = schema.get("additionalProperties", True)
            if known or extra is True:
                continue
            if extra is False:
                report("additionalProperties", f"{name} is not known here", at)
            else:
                self._check(extra, item, at, found)

    def _check_any(self, branches, value, path, found):
        """One branch must fit. Of several that do not, the one whose constants fit is reported: that is what was meant."""
        results = []
        for branch in branches:
            issues = []
            self._check(branch, value, path, issues)
            if not issues:
                return
            results.append(issues)
        meant = [issues for issues in results if not any(issue["code"] == "const" for issue in issues)]
        if len(meant) == 1:
            found.extend(meant[0])
        elif not meant and all(any(issue["code"] == "const" for issue in issues) for issues in results):
            words = [issue for issues in results for issue in issues if issue["code"] == "const"]
            found.append({"path": words[0]["path"], "code": "anyOf", "text": "none of the known kinds fits"})
        else:
            found.append({"path": path or "/", "code": "anyOf", "text": "none of the allowed forms fits"})


def _pointer(name):
    return name.replace("~", "~0").replace("/", "~1")


def _kind(value):
    return next(
        kind for kind in ("null", "boolean", "integer", "number", "string", "array", "object") if TYPES[kind](value)
    )


def _same(value, other):
    """Equality as JSON knows it: true is not 1."""
    return value == other and isinstance(value, bool) == isinstance(other, bool)


def _shown(value):
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"
