from odoo import fields, models


class EdiGatewayMixin(models.AbstractModel):
    """Messages of a document: count, errors and the smart button's action."""

    _name = "edi.gateway.mixin"
    _description = "EDI Messages of a Document"

    edi_gateway_message_ids = fields.Many2many(
        "edi.gateway.message", string="EDI Messages", compute="_compute_edi_gateway_messages", compute_sudo=True
    )
    edi_gateway_message_count = fields.Integer(
        "EDI Message Count", compute="_compute_edi_gateway_messages", compute_sudo=True
    )
    edi_gateway_error_count = fields.Integer(
        "EDI Errors",
        compute="_compute_edi_gateway_messages",
        compute_sudo=True,
        search="_search_edi_gateway_error_count",
    )

    def _compute_edi_gateway_messages(self):
        rows = self.env["edi.gateway.message.record"].search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)], order="message_id desc"
        )
        for record in self:
            messages = rows.filtered(lambda row, record=record: row.res_id == record.id).message_id
            record.edi_gateway_message_ids = messages
            record.edi_gateway_message_count = len(messages)
            record.edi_gateway_error_count = len(messages.filtered("has_open_error"))

    def _search_edi_gateway_error_count(self, operator, value):
        """For the filter "EDI errors": any comparison that asks for at least one."""
        rows = self.env["edi.gateway.message.record"].search(
            [("res_model", "=", self._name), ("message_id.has_open_error", "=", True)]
        )
        some = operator in (">", ">=", "!=", "not in")
        return [("id", "in" if some else "not in", [row.res_id for row in rows])]

    def action_view_edi_gateway_messages(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("edi_gateway.action_message")
        messages = self.edi_gateway_message_ids
        action["domain"] = [("id", "in", messages.ids)]
        action["context"] = {}
        if len(messages) == 1:
            action.update(res_id=messages.id, views=[(False, "form")])
        return action
