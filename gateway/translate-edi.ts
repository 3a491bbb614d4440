// EDI to Documents, transaction by transaction, for inputs of any size.
import type { Document } from '../edi-maps/canonical/document.js'
import type { Issue } from '../edi-maps/issue.js'
import type { EnvelopeEvent } from '../edi-maps/standard.js'
import { translate, translateInterchangeAcks } from '../edi-maps/translate.js'
import type { GatewayAgreement } from './agreement.js'
import { agreedReading } from './agreement-file.js'
import { readEnvelopes } from './payload.js'

/**
 * What comes out, in the order of the input. Where a group or interchange has ended it is told whether it is accepted: if
 * not, no Document that was in it is.
 */
export type Translated =
  | { readonly document: Document }
  | { readonly issues: readonly Issue[] }
  | {
      readonly issues: readonly Issue[]
      readonly ended: 'group' | 'interchange'
      readonly isAccepted: boolean
    }

/** Reads bytes piece by piece. With an agreement its overrides are used. Findings of envelopes come when they close. */
export async function* translateEdi(
  bytes: AsyncIterable<Uint8Array>,
  agreement?: GatewayAgreement,
): AsyncGenerator<Translated> {
  for await (const event of readEnvelopes(bytes)) yield* translateEvent(event, agreement)
}

function* translateEvent(
  event: EnvelopeEvent,
  agreement: GatewayAgreement | undefined,
): Generator<Translated> {
  switch (event.kind) {
    case 'outside':
      yield { issues: [event.issue] }
      break
    case 'transaction': {
      const { interchange, group, transaction } = event
      const { type, version } = transaction
      const { document, issues } = translate(
        transaction,
        { interchange, group },
        agreedReading(agreement, type, version),
        agreement?.theirRole,
      )
      yield { issues: [...transaction.issues, ...issues] }
      if (document !== undefined) yield { document }
      break
    }
    case 'groupEnd':
      yield ended('group', event.group)
      break
    case 'interchangeEnd':
      for (const document of translateInterchangeAcks(event.interchange)) yield { document }
      yield ended('interchange', event.interchange)
      break
    case 'interchange':
    case 'group':
      break
    default:
      event satisfies never
  }
}

const ended = (
  what: 'group' | 'interchange',
  { issues }: { readonly issues: readonly Issue[] },
): Translated => ({
  issues,
  ended: what,
  isAccepted: issues.every(({ severity }) => severity !== 'error'),
})
