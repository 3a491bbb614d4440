// Registry of the EDIFACT messages there are maps for: one line each.
import type { TransactionMap } from '../../map.js'
import { contrl } from './contrl.js'
import { instructionToDespatch } from './insdes.js'

export const EDIFACT_MAPS: readonly TransactionMap[] = [
  contrl('D:3'),
  contrl('4:1'),
  instructionToDespatch('D:96A'),
  instructionToDespatch('D:01B'),
]
