// EDIFACT as everything above the standards sees it.
import type { Syntax } from '../standard.js'
import {
  ACKNOWLEDGEMENTS,
  acknowledge,
  requestedAcknowledgements,
  whyUnanswered,
} from './write-acknowledgement.js'
import { writeInterchange } from './write-interchange.js'
import { segmentWriter } from './writer.js'

export const edifact: Syntax = {
  standard: 'edifact',
  acknowledgements: ACKNOWLEDGEMENTS,
  requestedAcknowledgements,
  whyUnanswered,
  writer: segmentWriter,
  writeInterchange,
  acknowledge,
}
