// The Disposition field (RFC 8098 §3.2.6, RFC 4130 §7.4.3): written in one form, read in all the forms products use.
import type { FailureCode } from '../failure.js'

/** Why a message was not accepted, or accepted with a remark. Texts as they go onto the wire. */
export type Modifier =
  | {
      kind: 'error'
      text:
        | FailureCode
        | 'unknown-trading-relationship'
        | 'invalid-message-id'
        | 'illegal-filename'
        | 'duplicate-filename'
    }
  | {
      kind: 'failure'
      text: 'sender-equals-receiver' | 'unsupported format' | 'unsupported MIC-algorithms'
    }
  | { kind: 'warning'; text: string }

/** Value of a Disposition field: processed, with an optional modifier; a failure is `failed`. */
export function formatDisposition(modifier?: Modifier): string {
  const mode = 'automatic-action/MDN-sent-automatically; '
  if (modifier === undefined) return `${mode}processed`
  if (modifier.kind === 'failure') return `${mode}failed/Failure: ${modifier.text}`
  return `${mode}processed/${modifier.kind}: ${modifier.text}`
}

/** What a partner says happened to our message. */
export interface Disposition {
  /** `processed`, `failed` or whatever else stands there, in lower case. */
  readonly type: string
  readonly modifier: 'none' | 'error' | 'failure' | 'warning'
  /** Text behind the modifier, in lower case with single blanks; empty without one. */
  readonly reason: string
}

/**
 * Reads a Disposition leniently: any case, blanks around `/`, `:` and `;`, `Error:` with nothing behind it. Undefined
 * when no disposition type can be found.
 */
export function parseDisposition(text: string): Disposition | undefined {
  const plain = text.trim().toLowerCase().replace(/\s+/g, ' ')
  const [, type, modifiers = ''] = /;\s*([a-z-]+)\s*(?:\/\s*(.*))?$/.exec(plain) ?? []
  if (type === undefined) return undefined
  const [, kind, reason = ''] = /^(error|failure|warning)\s*:?\s*(.*)$/.exec(modifiers) ?? []
  if (kind !== undefined)
    return { type, modifier: kind as 'error' | 'failure' | 'warning', reason: reason.trim() }
  // `failed` without a modifier, or one nobody knows: told, and never read as success.
  if (type !== 'processed') return { type, modifier: 'failure', reason: modifiers }
  return { type, modifier: modifiers === '' ? 'none' : 'warning', reason: modifiers }
}
