// X12 as everything above the standards sees it.
import type { Syntax } from '../standard.js'
import {
  ACKNOWLEDGEMENTS,
  acknowledge,
  requestedAcknowledgements,
  whyUnanswered,
} from './write-acknowledgement.js'
import { writeInterchange } from './write-interchange.js'
import { segmentWriter } from './writer.js'

export const x12: Syntax = {
  standard: 'x12',
  acknowledgements: ACKNOWLEDGEMENTS,
  requestedAcknowledgements,
  whyUnanswered,
  writer: segmentWriter,
  writeInterchange,
  acknowledge,
}
