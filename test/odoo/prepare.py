# Run inside `odoo-bin shell` by server.py: binds the database, makes keys and the example data of README.md.
# `env` is the shell's; prints one line FACTS <json>.
import json

env = env(context=dict(env.context, tracking_disable=True))  # noqa: F821
env["ir.config_parameter"].set_param("web.base.url", "@URL@")
env["ir.config_parameter"].set_param("web.base.url.freeze", "True")
env["edi.gateway.binding"]._bind("production")
company = env.company

user = env["res.users"].with_context(no_reset_password=True).create({"name": "EDI gateway", "login": "edi-gateway"})
env.ref("edi_gateway.group_api").write(
    {("user_ids" if "user_ids" in env["res.groups"]._fields else "users"): [(4, user.id)]}
)
keys = env["edi.gateway.key"]
jwt = keys.create({"kid": "gateway-jwt", "kind": "jwt", "issuer": "@ISSUER@", "user_id": user.id})
api = keys.create({"kid": "gateway-api", "kind": "api_key", "user_id": user.id})
jwt_secret, api_key = jwt._generate(), api._generate()

products = {
    code: env["product.product"].create(
        {
            "name": name,
            "default_code": code,
            "barcode": barcode,
            "type": "consu",
            "is_storable": True,
            "tracking": tracking,
        }
    )
    for code, name, barcode, tracking in (
        ("SKU-RED", "WIDGET RED", "061414100014", "none"),
        ("SKU-BLU", "WIDGET BLUE", "061414100021", "lot"),
    )
}
contacts = {
    name: env["res.partner"].create(
        {"name": name, "is_company": True, "street": "1 Example Street", "city": "Springfield"}
    )
    for name in ("Example Supplier", "Example Retail")
}
partners = env["edi.gateway.partner"]
partners.create(
    {
        "name": "Example Supplier", "code": "example-supplier", "role": "supplier",
        "partner_id": contacts["Example Supplier"].id,
        "id_ids": [(0, 0, {"scheme": "gln", "value": "0614141000005"})],
    }
)  # fmt: skip
partners.create(
    {
        "name": "Example Retail", "code": "example-retail", "role": "customer", "send_shipment_notice": True,
        "partner_id": contacts["Example Retail"].id,
        "id_ids": [(0, 0, {"scheme": "gln", "value": "0614141900015"})],
        "product_ids": [(0, 0, {"product_id": products["SKU-RED"].id, "partner_code": "700123"})],
    }
)  # fmt: skip
company.edi_gateway_gs1_prefix = "0614141"

orders = {}
for name, quantity in (("PO-4500012", 1000), ("PO-EXAMPLE-1", 100000)):
    order = env["purchase.order"].create(
        {
            "name": name,
            "partner_id": contacts["Example Supplier"].id,
            "order_line": [
                (0, 0, {"product_id": p.id, "product_qty": quantity, "price_unit": 1}) for p in products.values()
            ],
        }
    )
    order.button_confirm()
    orders[name] = order.id

warehouse = env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)
lot = env["stock.lot"].create({"name": "LOT-B7", "product_id": products["SKU-BLU"].id})
quants = env["stock.quant"]
quants._update_available_quantity(products["SKU-RED"], warehouse.lot_stock_id, 100000)
quants._update_available_quantity(products["SKU-BLU"], warehouse.lot_stock_id, 100000, lot_id=lot)
admin = env.ref("base.user_admin")
admin.password = "admin"
env.cr.commit()
print("FACTS " + json.dumps({
    "uuid": env["ir.config_parameter"].get_param("database.uuid"),
    "environment": "production",
    "jwt": {"kid": "gateway-jwt", "secret": jwt_secret, "issuer": "@ISSUER@", "audience": "edi_gateway"},
    "apiKey": api_key,
    "admin": {"login": admin.login, "password": "admin"},
    "products": {code: product.id for code, product in products.items()},
    "contacts": {name: contact.id for name, contact in contacts.items()},
    "purchaseOrders": orders,
}))  # fmt: skip
