// X12 as everything above the standards sees it.
import type { Syntax } from '../standard.js'
import {
  ACKNOWLEDGEMENTS,
  acknowledge,
  requestedAcknowledgements,
} from './write-acknowledgement.js'
import { writeInterchange } from './write-interchange.js'
import { segmentWriter } from './writer.js'

export const x12: Syntax = {
  standard: 'x12',
  acknowledgements: ACKNOWLEDGEMENTS,
  requestedAcknowledgements,
  writer: segmentWriter,
  writeInterchange,
  acknowledge,
}
