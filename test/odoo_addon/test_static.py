"""What can be known of the addon without Odoo: manifest, access, XML ids, fields in views, forbidden patterns."""

import ast
import csv
import re
import unittest
import xml.etree.ElementTree as ElementTree
from collections import Counter

import addon

ROOT = addon.ROOT
MANIFEST = ast.literal_eval((ROOT / "__manifest__.py").read_text())
PYTHON = {path.relative_to(ROOT): path.read_text() for path in ROOT.rglob("*.py")}
XML = {path.relative_to(ROOT): ElementTree.parse(path).getroot() for path in sorted(ROOT.rglob("*.xml"))}

#: Records of other addons that ours name, each seen in 18.0 and 19.0.
FOREIGN = {
    "account.group_account_invoice", "account.view_move_form", "base.group_multi_company", "base.group_system",
    "base.group_user", "base.res_config_settings_view_form", "delivery.view_delivery_carrier_form",
    "purchase.group_purchase_user", "purchase.purchase_order_form", "sale.view_order_form", "sales_team.group_sale_salesman",
    "stock.group_stock_user", "stock.view_picking_form", "stock.view_picking_internal_search",
}  # fmt: skip
#: Fields of other addons that our views name.
FOREIGN_FIELDS = {
    "stock.picking": {"picking_type_code", "state"},
    "sale.order": {"order_line", "name"},
    "delivery.carrier": {"delivery_type"},
}
MAGIC = {"id", "create_date", "create_uid", "write_date", "write_uid", "display_name"}


def records():
    """(file, element) of every record and menu item."""
    for path, root in XML.items():
        for element in root.iter():
            if element.tag in ("record", "menuitem") and element.get("id"):
                yield path, element


def own_ids():
    ids = {element.get("id") for _path, element in records()}
    return ids | {f"model_{model.replace('.', '_')}" for model in models()}


def models():
    """Our models → names of the fields declared in our code."""
    found = {}
    for path, source in PYTHON.items():
        if path.parts[0] != "models":
            continue
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.ClassDef):
                continue
            names, fields = {}, set()
            for statement in node.body:
                if not isinstance(statement, ast.Assign):
                    continue
                name = statement.targets[0].id
                if name in ("_name", "_inherit"):
                    names[name] = ast.literal_eval(statement.value)
                elif isinstance(statement.value, ast.Call) and ast.unparse(statement.value.func).startswith("fields."):
                    fields.add(name)
            inherit = names.get("_inherit", [])
            model = names.get("_name") or (inherit if isinstance(inherit, str) else inherit[0])
            found.setdefault(model, set()).update(fields)
            if "edi.gateway.mixin" in inherit:
                found[model] |= {"edi_gateway_message_ids", "edi_gateway_message_count", "edi_gateway_error_count"}
    return found


class Manifest(unittest.TestCase):
    def test_has_what_odoo_and_oca_want(self):
        for key in ("name", "summary", "version", "author", "website", "license", "category", "depends", "data"):
            self.assertTrue(MANIFEST.get(key), key)
        self.assertEqual(MANIFEST["license"], "LGPL-3")

    def test_the_version_has_no_series(self):
        self.assertRegex(MANIFEST["version"], r"^\d+\.\d+\.\d+$")

    def test_depends_on_what_is_used(self):
        self.assertEqual(
            set(MANIFEST["depends"]), {"mail", "stock", "account", "sale_stock", "purchase_stock", "stock_delivery"}
        )

    def test_every_data_file_is_listed_once_and_exists(self):
        listed = Counter(MANIFEST["data"])
        files = {str(path) for path in XML} | {"security/ir.model.access.csv"}
        self.assertEqual(set(listed), files)
        self.assertEqual(max(listed.values()), 1)

    def test_readme_and_icon_are_there(self):
        for name in ("readme/DESCRIPTION.md", "readme/CONFIGURE.md", "readme/USAGE.md", "static/description/icon.png"):
            self.assertTrue((ROOT / name).is_file(), name)


class Access(unittest.TestCase):
    def rows(self):
        with open(ROOT / "security" / "ir.model.access.csv", newline="") as file:
            return list(csv.DictReader(file))

    def test_every_model_has_rows_and_every_row_a_group(self):
        abstract = {"edi.gateway.mixin", "edi.gateway.binding", "edi.gateway.receipt", "edi.gateway.shipment.notice"}
        concrete = {model for model in models() if model.startswith("edi.gateway.")} - abstract
        self.assertEqual(
            {row["model_id:id"] for row in self.rows()}, {f"model_{m.replace('.', '_')}" for m in concrete}
        )
        for row in self.rows():
            self.assertIn(row["group_id:id"], own_ids(), row)

    def test_nobody_may_write_the_log_or_make_messages(self):
        for row in self.rows():
            if row["model_id:id"] in ("model_edi_gateway_message_log", "model_edi_gateway_message_record"):
                self.assertEqual((row["perm_write"], row["perm_create"], row["perm_unlink"]), ("0", "0", "0"), row)
            if row["model_id:id"] == "model_edi_gateway_message":
                self.assertEqual((row["perm_create"], row["perm_unlink"]), ("0", "0"), row)

    def test_keys_are_for_managers(self):
        groups = {row["group_id:id"] for row in self.rows() if row["model_id:id"] == "model_edi_gateway_key"}
        self.assertEqual(groups, {"group_manager"})

    def test_every_model_has_a_company_rule(self):
        ruled = set()
        for _path, element in records():
            if element.get("model") == "ir.rule":
                ruled.add(element.find("field[@name='model_id']").get("ref"))
        self.assertEqual(ruled, {row["model_id:id"] for row in self.rows()})


class Xml(unittest.TestCase):
    def test_ids_are_unique(self):
        counts = Counter(element.get("id") for _path, element in records())
        self.assertEqual([name for name, count in counts.items() if count > 1], [])

    def test_every_reference_resolves(self):
        own = own_ids()
        for path, root in XML.items():
            text = ElementTree.tostring(root, encoding="unicode")
            names = set(re.findall(r"ref\('([\w.]+)'\)", text)) | set(re.findall(r'\bref="([\w.]+)"', text))
            names |= {name for groups in re.findall(r'\bgroups="([\w.,]+)"', text) for name in groups.split(",")}
            names |= set(re.findall(r'\b(?:parent|action)="([\w.]+)"', text))
            for name in names:
                plain = name.removeprefix("edi_gateway.")
                known = plain in own or name in FOREIGN or name.startswith("uom.product_uom_")
                self.assertTrue(known, f"{path}: {name}")

    def test_views_name_only_fields_that_exist(self):
        fields = models()
        fields["edi.gateway.message"] |= {"activity_ids", "message_ids"}
        nested = {"record_ids": "edi.gateway.message.record", "log_ids": "edi.gateway.message.log",
                  "id_ids": "edi.gateway.partner.id", "product_ids": "edi.gateway.product", "uom_ids": "edi.gateway.uom",
                  "order_line": "sale.order.line"}  # fmt: skip

        def check(path, element, model):
            for child in element:
                inner = model
                if child.tag == "field" and child.get("name"):
                    name = child.get("name")
                    known = fields.get(model, set()) | FOREIGN_FIELDS.get(model, set()) | MAGIC
                    self.assertIn(name, known, f"{path}: {model}.{name}")
                    inner = nested.get(name, model)
                if child.tag == "xpath" and "order_line" in child.get("expr", ""):
                    inner = "sale.order.line"
                check(path, child, inner)

        for path, element in records():
            arch = element.find("field[@name='arch']") if element.get("model") == "ir.ui.view" else None
            if arch is not None:
                check(path, arch, element.find("field[@name='model']").text)

    def test_buttons_call_methods_that_exist(self):
        methods = {name for source in PYTHON.values() for name in re.findall(r"def (\w+)\(", source)}
        for path, root in XML.items():
            for button in root.iter("button"):
                if button.get("type") == "object":
                    self.assertIn(button.get("name"), methods, path)


class Python(unittest.TestCase):
    #: pattern → why not, and where it may be all the same.
    FORBIDDEN = {
        r"\.commit\(\)": ("only crons end transactions, through compat", {"compat.py"}),
        r"\.rollback\(\)": ("only after a serialisation failure in the cron", {"models/edi_gateway_inbox.py"}),
        r"requests\.(get|post|put)\((?![^)]*timeout)": (
            "a call without time-out hangs",
            {"models/edi_gateway_push.py"},
        ),
        r"type=['\"]json['\"]": ("one http contract for all versions", set()),
        r"_sql_constraints|models\.Constraint": ("indexes are made in init(), the same everywhere", set()),
        r"\bdatas\b": ("raw", set()),
        r"\bprint\(": ("use the log", set()),
        r"except:|except Exception:\s*\n\s*pass": ("no swallowed errors", set()),
        r"f['\"]+\s*(SELECT|UPDATE|INSERT|DELETE)|_\([^()]*\) %": ("parameters are bound, translations too", set()),
        r"\bTODO\b|\bFIXME\b": ("finish it", set()),
        r"import (jwt|jose)\b": ("not among Odoo's requirements", set()),
    }

    def sources(self):
        return {path: source for path, source in PYTHON.items() if path.parts[0] != "tests"}

    def test_forbidden_patterns(self):
        for path, source in self.sources().items():
            for pattern, (why, allowed) in self.FORBIDDEN.items():
                if str(path) not in allowed:
                    self.assertIsNone(re.search(pattern, source), f"{path}: {pattern} ({why})")

    def test_the_library_never_imports_odoo(self):
        for path, source in PYTHON.items():
            if path.parts[0] == "lib":
                self.assertIsNone(re.search(r"^\s*(import|from) odoo", source, re.M), path)

    def test_routes_of_the_gateway_are_writable_and_checked_by_us(self):
        source = PYTHON[next(path for path in PYTHON if path.name == "main.py")]
        route = ast.literal_eval(re.search(r"^ROUTE = (\{.*?\})$", source, re.M)[1])
        self.assertEqual(
            route, {"type": "http", "auth": "none", "csrf": False, "save_session": False, "readonly": False}
        )
        functions = re.findall(r"@http\.route\((.*?)\)\n    @endpoint\n    def (\w+)", source)
        self.assertEqual(source.count("@http.route("), len(functions))
        for arguments, name in functions:
            self.assertTrue(arguments.endswith("**ROUTE"), name)
            body = source.split(f"def {name}(")[1].split("@http.route")[0]
            self.assertIn("_authenticate(", body, name)

    def test_one_model_per_file(self):
        for path, source in self.sources().items():
            if path.parts[0] == "models" and path.name != "__init__.py":
                classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
                self.assertEqual(len(classes), 1, path)

    def test_every_file_is_imported(self):
        for folder in ("models", "controllers", "tests"):
            tree = ast.parse((ROOT / folder / "__init__.py").read_text())
            imported = {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
            files = {path.stem for path in (ROOT / folder).glob("*.py")} - {"__init__", "common"}
            self.assertEqual(imported, files, folder)

    def test_views_of_removed_syntax_are_not_used(self):
        for path, root in XML.items():
            text = ElementTree.tostring(root, encoding="unicode")
            for pattern in ("<tree", " attrs=", " states=", "t-esc", "oe_chatter"):
                self.assertNotIn(pattern, text, path)


class Translation(unittest.TestCase):
    def test_every_text_of_the_code_is_in_the_template(self):
        """Made with `odoo-bin --modules=edi_gateway --i18n-export=edi_gateway.pot`."""
        template = (ROOT / "i18n" / "edi_gateway.pot").read_text()
        known = {
            "".join(ast.literal_eval(line) for line in block.splitlines())
            for block in re.findall(r'^msgid ((?:".*"\n)+)', template, re.M)
        }
        for path, source in PYTHON.items():
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("env._"):
                    self.assertIn(ast.literal_eval(node.args[0]), known, path)
