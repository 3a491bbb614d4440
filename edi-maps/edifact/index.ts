// EDIFACT as everything above the standards sees it.
import type { Syntax } from '../standard.js'
import { envelopeReader, open } from './envelope.js'
import { tokenizer } from './tokenizer.js'
import {
  ACKNOWLEDGEMENTS,
  acknowledge,
  requestedAcknowledgements,
} from './write-acknowledgement.js'
import { writeInterchange } from './write-interchange.js'
import { segmentWriter } from './writer.js'

export const edifact: Syntax = {
  standard: 'edifact',
  acknowledgements: ACKNOWLEDGEMENTS,
  requestedAcknowledgements,
  tokenizer,
  envelopeReader,
  open,
  writer: segmentWriter,
  writeInterchange,
  acknowledge,
}
