// Registry of the X12 sets there are maps for: one line each.
import type { TransactionMap } from '../../map.js'
import { carrierShipmentStatus } from './214.js'
import { applicationAdvice } from './824.js'
import { invoiceMap } from './810.js'
import { shipNotice } from './856.js'
import { warehouseShippingOrder } from './940.js'
import { warehouseShippingAdvice } from './945.js'
import { functionalAcknowledgment } from './997.js'
import { implementationAcknowledgment } from './999.js'

export const X12_MAPS: readonly TransactionMap[] = [
  carrierShipmentStatus('004010'),
  carrierShipmentStatus('005010'),
  applicationAdvice('004010'),
  applicationAdvice('005010'),
  invoiceMap('004010'),
  invoiceMap('005010'),
  shipNotice('004010'),
  shipNotice('005010'),
  warehouseShippingOrder('004010'),
  warehouseShippingOrder('005010'),
  warehouseShippingAdvice('004010'),
  warehouseShippingAdvice('005010'),
  functionalAcknowledgment('004010'),
  functionalAcknowledgment('005010'),
  implementationAcknowledgment,
]
