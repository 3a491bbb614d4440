import itertools
import logging

import psycopg2

from odoo import fields, models
from odoo.exceptions import UserError

from ..compat import parent_package
from ..lib import gs1
from ..lib.check import Undone
from ..lib.problem import Problem
from ..lib.states import document_for

_logger = logging.getLogger(__name__)


class StockPicking(models.Model):
    _name = "stock.picking"
    _inherit = ["stock.picking", "edi.gateway.mixin"]

    edi_gateway_notice_number = fields.Char(
        "Shipment Notice",
        copy=False,
        index="btree_not_null",
        help="The partner's shipment notice this receipt was made for",
    )
    edi_gateway_bill_of_lading = fields.Char("Bill of Lading", copy=False)
    edi_gateway_scac = fields.Char("SCAC", copy=False, help="Carrier code as the partner told it, or to be told")

    def _action_done(self):
        result = super()._action_done()
        self._edi_gateway_send_done()
        return result

    def _edi_gateway_send_done(self):
        """Documents of finished pickings, in the transaction that finishes them. Never an obstacle to it: what cannot be
        built becomes a message in error and an activity."""
        for picking in self.filtered(lambda picking: picking.state == "done"):
            partner = picking._edi_gateway_trading_partner()
            if not partner:
                continue
            kind = picking._edi_gateway_kind(partner)
            if kind and not picking._edi_gateway_has_sent(kind):
                picking._edi_gateway_build(partner, kind)

    def _edi_gateway_trading_partner(self):
        """The trading partner that gets notices of a picking: the customer of its order, else its contact. Somebody who
        is customer and supplier is two trading partners; only one of them is sent notices."""
        self.ensure_one()
        # Who works in the warehouse need not see sale orders.
        picking = self.sudo()
        contacts = (picking.sale_id.partner_id | picking.partner_id).commercial_partner_id
        domain = [
            ("company_id", "=", self.company_id.id),
            ("partner_id.commercial_partner_id", "in", contacts.ids),
            ("send_shipment_notice", "=", True),
        ]
        return self.env["edi.gateway.partner"].sudo().search(domain, limit=1)

    def _edi_gateway_kind(self, partner):
        """The kind of document a trading partner gets of this transfer, or None."""
        leaves = self.location_dest_id.usage == "customer"
        return document_for(partner.role, self.picking_type_code, leaves, bool(self.return_id))

    def _edi_gateway_has_sent(self, kind):
        return bool(
            self.edi_gateway_message_ids.filtered(
                lambda message: message.direction == "out" and message.kind == kind and message.state != "cancelled"
            )
        )

    def _edi_gateway_build(self, partner, kind):
        messages = self.env["edi.gateway.message"].sudo().with_company(self.company_id)
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                document = self._edi_gateway_document(partner)
                row = messages._queue(partner, document, self)
        except Problem as found:
            row = messages._queue_problem(partner, kind, self, found)
        except psycopg2.OperationalError:
            raise
        except Exception as error:
            _logger.exception("EDI document of %s could not be built", self.name)
            row = messages._queue_problem(partner, kind, self, Problem("internal", f"{type(error).__name__}: {error}"))
        if row.state == "error":
            row._note_on(self, self.env._("The shipment notice could not be made: %s", row.error_text))
        else:
            row._note_on(self, self.env._("Shipment notice handed to EDI."))

    def _edi_gateway_document(self, partner, next_sscc=None):
        picking = self.sudo().with_company(self.company_id)
        if picking.company_id.edi_gateway_gs1_prefix:
            picking._edi_gateway_assign_sscc(next_sscc)
        return self.env["edi.gateway.shipment.notice"].sudo()._document(picking, partner)

    def action_edi_gateway_check(self):
        """Button: the document that validating this transfer would send, and what the gateway finds wrong with it."""
        self.ensure_one()
        partner = self._edi_gateway_trading_partner()
        if not partner or not self._edi_gateway_kind(partner):
            raise UserError(self.env._("No trading partner gets a document of this transfer."))
        check = self.env["edi.gateway.check"]
        messages = self.env["edi.gateway.message"].sudo()
        try:
            document = self._edi_gateway_preview(partner)
            mismatch = messages._environment_mismatch(partner)
            if mismatch:
                raise mismatch
        except Problem as found:
            return check._show(self, "refused", [("error", "", found.text)])
        message = messages._wrapped(partner, self.company_id, document, messages._new_uid(), 1)
        return check._check(self, message)

    def _edi_gateway_preview(self, partner):
        """The Document as validating now would make it. Nothing stays of it, and no SSCC is drawn: those that lack are
        examples. Raises Problem naming what lacks."""
        company = self.company_id
        example = (
            gs1.sscc(company.edi_gateway_gs1_prefix, company.edi_gateway_sscc_extension or "0", serial)
            for serial in itertools.count(1)
        )
        try:
            with self.env.cr.savepoint():
                raise Undone(self._edi_gateway_document(partner, lambda: next(example)))
        except Undone as undone:
            return undone.made

    def _edi_gateway_build_again(self, row, actor):
        """Builds the document of a message in error from the picking as it is now."""
        self.ensure_one()
        partner = row.trading_partner_id
        try:
            with self.env.cr.savepoint():
                document = self._edi_gateway_document(partner)
                row.write(
                    {
                        "kind": document["kind"],
                        "function": document["function"],
                        "document_number": document["documentNumber"],
                        "test": partner.test,
                        "partner_code": partner.code,
                    }
                )
                row._set_state("queued", text="Built again", actor=actor)
                row._fill(partner, document)
                row._wake_push()
        except Problem as found:
            raise UserError(found.text) from found

    def _edi_gateway_correct(self, row):
        """Builds the document of a message anew, as its next revision → the new message."""
        self.ensure_one()
        partner = row.trading_partner_id
        try:
            document = self._edi_gateway_document(partner)
        except Problem as found:
            raise UserError(found.text) from found
        # What the partner's syntax check refused never reached its application: it is sent as if for the first time.
        if row.state in ("accepted", "accepted_with_errors"):
            document["function"] = "replace"
        return row._queue(partner, document, self, previous=row)

    # SSCC ----------------------------------------------------------------------------------------------------------

    def action_edi_gateway_assign_sscc(self):
        """Button: every package of the transfer without an SSCC gets one."""
        for picking in self:
            if not picking.company_id.edi_gateway_gs1_prefix:
                raise UserError(self.env._("Company %s has no GS1 company prefix.", picking.company_id.name))
            try:
                picking._edi_gateway_assign_sscc()
            except Problem as found:
                raise UserError(found.text) from found

    def _edi_gateway_assign_sscc(self, next_sscc=None):
        packages = self.move_line_ids.result_package_id
        everything = packages
        while packages := parent_package(packages):
            everything |= packages
        for package in everything:
            if not gs1.is_sscc(package.name):
                package.sudo().name = next_sscc() if next_sscc else self.company_id._edi_gateway_next_sscc()

    def action_put_in_pack(self, *args, **kwargs):
        """A new package is named by its SSCC at once where the company says so: labels are printed from it."""
        result = super().action_put_in_pack(*args, **kwargs)
        for picking in self:
            if picking.company_id.edi_gateway_sscc_on_pack and picking.picking_type_code == "outgoing":
                picking._edi_gateway_assign_sscc()
        return result
