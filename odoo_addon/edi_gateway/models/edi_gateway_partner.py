from odoo import api, fields, models

from ..lib.problem import Problem

ROLES = [
    ("customer", "Customer"),
    ("supplier", "Supplier"),
    ("depositor", "Depositor"),
    ("warehouse", "Warehouse"),
    ("carrier", "Carrier"),
]
#: The party of a document that is its business sender, in the order they are looked for.
SENDER_PARTIES = {"supplier": ("supplier", "seller", "shipFrom"), "customer": ("buyer", "shipTo")}


class EdiGatewayPartner(models.Model):
    """A trading partner of one company: who they are in documents, and what may happen without asking."""

    _name = "edi.gateway.partner"
    _description = "EDI Trading Partner"
    _inherit = ["mail.thread"]
    _order = "name"
    _check_company_auto = True

    name = fields.Char(required=True)
    code = fields.Char(required=True, help="The partner's name in the gateway (agreements and messages use it)")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    partner_id = fields.Many2one("res.partner", "Contact", required=True, check_company=True)
    role = fields.Selection(ROLES, required=True, help="What they are to us")
    our_role = fields.Selection(
        ROLES, required=True, compute="_compute_our_role", store=True, precompute=True, readonly=False
    )
    test = fields.Boolean("Test", tracking=True, help="Documents of this partner are test documents")
    is_carrier_of_others = fields.Boolean(
        "Sends for others",
        help="A VAN or 3PL: the party named in the document decides, not the connection it came through.",
    )
    responsible_user_id = fields.Many2one("res.users", "Responsible", tracking=True, help="Gets an activity on errors")
    send_shipment_notice = fields.Boolean(
        "Send shipment notices", tracking=True, help="A done delivery makes an 856 / DESADV"
    )
    validate_receipts = fields.Boolean(
        "Validate receipts automatically",
        tracking=True,
        help="Otherwise a shipment notice prepares the receipt and a person validates it.",
    )
    effect_user_id = fields.Many2one(
        "res.users", "Receipts made by", help="The user receipts are prepared as; empty: the system"
    )
    wait_hours = fields.Integer(
        "Wait for orders (hours)",
        default=72,
        help="How long a notice waits for its purchase order before it is an error",
    )
    id_ids = fields.One2many("edi.gateway.partner.id", "trading_partner_id", "Identifiers")
    product_ids = fields.One2many("edi.gateway.product", "trading_partner_id", "Products")
    uom_ids = fields.One2many("edi.gateway.uom", "trading_partner_id", "Units")
    message_count = fields.Integer(compute="_compute_message_count")
    error_count = fields.Integer(compute="_compute_message_count")

    def init(self):
        self.env.cr.execute(
            "CREATE UNIQUE INDEX IF NOT EXISTS edi_gateway_partner_code ON edi_gateway_partner (company_id, code)"
        )

    @api.depends("role")
    def _compute_our_role(self):
        ours = {"customer": "supplier", "supplier": "customer", "warehouse": "depositor", "depositor": "warehouse"}
        for partner in self:
            partner.our_role = ours.get(partner.role, "customer")

    def _compute_message_count(self):
        Message = self.env["edi.gateway.message"]
        for partner in self:
            domain = [("trading_partner_id", "=", partner.id)]
            partner.message_count = Message.search_count(domain)
            partner.error_count = Message.search_count([*domain, ("has_open_error", "=", True)])

    def action_view_messages(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("edi_gateway.action_message")
        action.update(domain=[("trading_partner_id", "=", self.id)], context={})
        return action

    @api.model
    def _sender(self, company, code, their_role, document):
        """The trading partner a document is from. Raises Problem.

        The connection (`code`) speaks for itself; only one that carries documents of others is believed when the
        document names somebody else, and then that party must be known.
        """
        connection = self.search([("company_id", "=", company.id), ("code", "=", code)], limit=1)
        if not connection:
            raise Problem(
                "partner_unknown", self.env._("There is no trading partner with the code %(code)s.", code=code)
            )
        ids, found = [], self.browse()
        for role in SENDER_PARTIES.get(their_role, ()):
            ids = [one for party in document["parties"] if party["role"] == role for one in party["ids"]]
            found = self.env["edi.gateway.partner.id"]._trading_partners(company, their_role, ids)
            if ids:
                break
        if found <= connection and not (ids and connection.is_carrier_of_others and not found):
            return connection
        named = ", ".join(f"{one['scheme']} {one['value']}" for one in ids)
        if not connection.is_carrier_of_others:
            raise Problem(
                "partner_mismatch",
                self.env._(
                    "The document is from %(ids)s, which is %(found)s; trading partner %(partner)s sends only for itself.",
                    ids=named,
                    found=", ".join(found.mapped("name")),
                    partner=connection.name,
                ),
            )
        if len(found) != 1:
            raise Problem(
                "partner_unknown",
                self.env._("The document is from %(ids)s, which names no one trading partner.", ids=named),
            )
        return found

    def _identifiers(self, partner, ours=False):
        """Party ids of a contact (or of our own address) as this trading partner knows them → [{scheme, value}].

        A contact without ids of its own is known by those of the company it belongs to only where it is that company.
        """
        self.ensure_one()
        rows = self.id_ids.filtered(lambda row: row.is_ours == ours)
        own = rows.filtered(lambda row: row.partner_id == partner)
        if not own and (ours or partner == self.partner_id):
            own = rows.filtered(lambda row: not row.partner_id)
        return [{"scheme": row.scheme, "value": row.value} for row in own]
