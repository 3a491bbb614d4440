def uninstall_hook(env):
    """Removes what does not go with the models: settings and number sequences made at run time."""
    env["ir.config_parameter"].sudo().search([("key", "=like", "edi_gateway.%")]).unlink()
    env["ir.sequence"].sudo().search([("code", "=", "edi_gateway.sscc")]).unlink()
