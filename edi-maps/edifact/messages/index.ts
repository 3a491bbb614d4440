// Registry of the EDIFACT messages there are maps for: one line each.
import type { TransactionMap } from '../../map.js'
import { applicationError } from './aperak.js'
import { contrl } from './contrl.js'
import { despatchAdvice } from './desadv.js'
import { warehouseDespatchAdvice } from './desadv-warehouse.js'
import { invoiceMessage } from './invoic.js'
import { statusReport } from './iftsta.js'
import { instructionToDespatch } from './insdes.js'

export const EDIFACT_MAPS: readonly TransactionMap[] = [
  applicationError('D:96A'),
  applicationError('D:01B'),
  contrl('D:3'),
  contrl('4:1'),
  invoiceMessage('D:96A'),
  invoiceMessage('D:01B'),
  despatchAdvice('D:96A'),
  despatchAdvice('D:01B'),
  warehouseDespatchAdvice('D:96A'),
  warehouseDespatchAdvice('D:01B'),
  statusReport('D:96A'),
  statusReport('D:01B'),
  instructionToDespatch('D:96A'),
  instructionToDespatch('D:01B'),
]
