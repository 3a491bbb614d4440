"""The differences between Odoo 18.0 and 19.0 that this addon meets, in one place."""

import threading

from odoo import modules
from odoo.release import version_info
from odoo.tools import config

SERIES = version_info[0]

#: Whether packages stand in packages (19) or only hold goods (18).
PACKAGES_NEST = SERIES >= 19
PACKAGE_MODEL = "stock.package" if SERIES >= 19 else "stock.quant.package"


def in_test():
    """Whether an Odoo test is running: its one cursor must be neither committed nor rolled back."""
    if SERIES >= 19:
        return bool(modules.module.current_test)
    return getattr(threading.current_thread(), "testing", False) or bool(config["test_enable"])


def end_transaction(env):
    """Commits, for crons that work row by row."""
    if not in_test():
        env.cr.commit()


def commit_progress(env, done, remaining):
    """Commits what a cron has done so far (`done` since it started) and tells the scheduler how much is left."""
    if SERIES >= 19:
        if not in_test():
            env["ir.cron"]._commit_progress(1, remaining=remaining)
        return
    env["ir.cron"]._notify_progress(done=done, remaining=remaining)
    end_transaction(env)


def line_uom(line):
    """The unit of a sale or purchase order line."""
    return line.product_uom_id if "product_uom_id" in line._fields else line.product_uom


def convertible(unit, other):
    """Whether Odoo can convert between two units."""
    if SERIES >= 19:
        return unit._has_common_reference(other)
    return unit.category_id == other.category_id


def packagings(product):
    """The packagings of a product as (unit or None, barcode, pieces in the product's unit).

    18: product.packaging. 19: units of measure allowed for the product, with barcodes in product.uom.
    """
    if SERIES >= 19:
        barcodes = {row.uom_id: row.barcode for row in product.product_uom_ids}
        units = (product.product_tmpl_id.uom_ids | product.product_uom_ids.uom_id) - product.uom_id
        return [(unit, barcodes.get(unit), unit._compute_quantity(1, product.uom_id, round=False)) for unit in units]
    return [(None, row.barcode, row.qty) for row in product.packaging_ids]


def packaging_products(env, barcodes, company):
    """Products that have a packaging with one of the barcodes."""
    model = "product.uom" if SERIES >= 19 else "product.packaging"
    domain = [("barcode", "in", barcodes), ("company_id", "in", [company.id, False])]
    return env[model].search(domain).product_id


def parent_package(package):
    """The unit a package stands on; Odoo 18 knows no packages in packages."""
    return package.parent_package_id if SERIES >= 19 else package.browse()


def set_parent_package(package, parent):
    """Puts a package on another when its goods arrive. Nothing to do where packages have no parents."""
    if SERIES >= 19:
        package.package_dest_id = parent


def clear_parent_package(packages):
    if SERIES >= 19:
        packages.write({"package_dest_id": False})


def group_users(group):
    """The users of a group, those of groups that imply it included."""
    return group.all_user_ids if SERIES >= 19 else group.users
