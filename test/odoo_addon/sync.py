"""Copies the golden cases the addon's own tests play into the addon, so that it can be tested wherever it is installed.

`python3 test/odoo_addon/sync.py` after changing one of them; test_data.py fails while they differ.
"""

import shutil
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
GOLDEN = REPOSITORY / "test" / "golden"
COPIES = REPOSITORY / "odoo_addon" / "edi_gateway" / "tests" / "data"

#: Shipment notices whose effect the addon's tests follow.
NOTICES = ("pick-and-pack",)


def sources():
    """Path below COPIES → golden file."""
    found = {f"http/{path.parent.name}.json": path for path in (GOLDEN / "odoo").glob("*/case.json")}
    found["keys.json"] = GOLDEN / "odoo" / "keys.json"
    for name in NOTICES:
        found[f"shipment_notice/{name}.json"] = GOLDEN / "x12" / "856" / name / "canonical.json"
    return found


def main():
    shutil.rmtree(COPIES, ignore_errors=True)
    for name, source in sorted(sources().items()):
        target = COPIES / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())


if __name__ == "__main__":
    main()
