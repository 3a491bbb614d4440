// What a user does in Odoo, through Odoo's own API: sells, packs, validates; and looks at what is there.

/** Calls on the database of an OdooProcess, as the administrator. */
export class OdooUser {
  #uid

  constructor(odoo) {
    this.odoo = odoo
  }

  async #rpc(service, method, args) {
    const response = await fetch(`${this.odoo.facts.url}/jsonrpc`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', method: 'call', params: { service, method, args } }),
    })
    const { result, error } = await response.json()
    if (error) throw new Error(error.data?.message ?? error.message)
    return result
  }

  async call(model, method, args = [], options = {}) {
    const { database, admin } = this.odoo.facts
    this.#uid ??= await this.#rpc('common', 'login', [database, admin.login, admin.password])
    const call = [database, this.#uid, admin.password, model, method, args, options]
    return this.#rpc('object', 'execute_kw', call)
  }

  search(model, domain, fields) {
    return this.call(model, 'search_read', [domain], { fields })
  }

  /** Sells `quantity` of a product under a customer's order number; gives the reserved delivery's id. */
  async sell(orderNumber, product, quantity) {
    const { contacts, products } = this.odoo.facts
    const order = await this.call('sale.order', 'create', [
      {
        partner_id: contacts['Example Retail'],
        client_order_ref: orderNumber,
        order_line: [[0, 0, { product_id: products[product], product_uom_qty: quantity }]],
      },
    ])
    await this.call('sale.order', 'action_confirm', [[order]])
    const [{ picking_ids: pickings }] = await this.search(
      'sale.order',
      [['id', '=', order]],
      ['picking_ids'],
    )
    await this.call('stock.picking', 'action_assign', [pickings])
    return pickings[0]
  }

  /** Packs all of a delivery into one package and validates it; what was done before a crash is not done again. */
  async ship(picking) {
    const moves = await this.search(
      'stock.move',
      [['picking_id', '=', picking]],
      ['product_uom_qty'],
    )
    for (const { id, product_uom_qty: quantity } of moves) {
      await this.call('stock.move', 'write', [[id], { quantity, picked: true }])
    }
    const loose = await this.search(
      'stock.move.line',
      [
        ['picking_id', '=', picking],
        ['result_package_id', '=', false],
      ],
      ['id'],
    )
    if (loose.length > 0) await this.call('stock.picking', 'action_put_in_pack', [[picking]])
    const result = await this.call('stock.picking', 'button_validate', [[picking]], {
      context: { skip_backorder: true, skip_sms: true },
    })
    if (result !== true)
      throw new Error(`delivery ${picking} was not validated: ${JSON.stringify(result)}`)
  }
}
