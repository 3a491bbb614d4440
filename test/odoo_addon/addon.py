"""Makes the addon's pure part importable without Odoo: `from addon import ROOT`, then `from lib import …`."""

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ROOT = REPOSITORY / "odoo_addon" / "edi_gateway"
GOLDEN = REPOSITORY / "test" / "golden"

sys.dont_write_bytecode = True
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
