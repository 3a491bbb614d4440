# Pure logic: no odoo import anywhere below this folder, so that it is tested without one.
