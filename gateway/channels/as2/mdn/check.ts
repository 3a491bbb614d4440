// What a partner's receipt means for the message we sent (facts: send state machine S4): a pure decision over what was
// read and what was expected.
import { type Mic, sameMic } from '../mic.js'
import type { Report } from './report.js'

export interface Expected {
  readonly messageId: string
  /** MIC of what we sent. */
  readonly mic: Mic
  /** Whether the message was signed: then a receipt without a MIC proves nothing. */
  readonly signed: boolean
}

/** `transferred`: the partner has it. `refused`: it does not accept it. `foreign`: not a receipt for this message. */
export type ReceiptOutcome =
  | { state: 'transferred'; warning?: string }
  | { state: 'refused'; reason: string; again: boolean }
  | { state: 'foreign'; reason: string }

/**
 * Judges a receipt whose signature has been verified already. `again` tells whether sending the same bytes again can
 * help: never when the partner has the message with another content.
 */
export function judgeReceipt(report: Report, expected: Expected): ReceiptOutcome {
  if (bareId(report.originalMessageId ?? '') !== bareId(expected.messageId))
    return {
      state: 'foreign',
      reason: `receipt for message ${report.originalMessageId ?? '(none)'}`,
    }
  const { disposition } = report
  if (disposition === undefined)
    return { state: 'foreign', reason: 'receipt without a readable disposition' }
  const told = disposition.reason === '' ? disposition.type : disposition.reason
  if (disposition.modifier === 'failure') return { state: 'refused', reason: told, again: false }
  if (disposition.modifier === 'error') return { state: 'refused', reason: told, again: true }
  if (report.mic === undefined && expected.signed)
    return { state: 'refused', reason: 'the receipt has no MIC', again: false }
  if (report.mic !== undefined && !sameMic(report.mic, expected.mic))
    return {
      state: 'refused',
      reason: `MIC mismatch: ${expected.mic.value} sent, ${report.mic.value} received`,
      again: false,
    }
  return disposition.modifier === 'warning'
    ? { state: 'transferred', warning: disposition.reason }
    : { state: 'transferred' }
}

const bareId = (id: string): string => id.trim().replace(/^<(.*)>$/, '$1')
