// Everything that is wrong with an input: envelope, structure, elements, codes, totals.
import type { Role } from '../edi-maps/canonical/message.js'
import type { Issue } from '../edi-maps/issue.js'
import type { EnvelopeEvent, Group, Interchange, Transaction } from '../edi-maps/standard.js'
import { translate } from '../edi-maps/translate.js'
import type { Agreed } from '../edi-maps/maps.js'
import { readEnvelopes } from './payload.js'

/** What an agreement says of a set in a release. */
type AgreedOf = (type: string, version: string) => Agreed | undefined

/** What was read, in the order of the input; what belongs to no interchange has no standard. */
export type Validated = {
  readonly standard?: Interchange['standard']
  readonly issues: readonly Issue[]
} & (
  | object
  | { readonly group: Group; readonly transaction?: Transaction }
  | { readonly interchange: Interchange }
)

export interface ValidateOptions {
  readonly agreedOf: AgreedOf
  /** Role of who sent it: the same message may be another document. */
  readonly sender?: Role | undefined
  readonly keep?: boolean
}

/**
 * Validates bytes piece by piece. With `keep` interchanges list their groups and transactions when they end, for an
 * acknowledgement; without it memory does not grow with the input.
 */
export async function* validateEdi(
  bytes: AsyncIterable<Uint8Array>,
  options: ValidateOptions,
): AsyncGenerator<Validated> {
  const { keep = false } = options
  for await (const event of readEnvelopes(bytes, { keep })) yield* validated(event, options)
}

function* validated(
  event: EnvelopeEvent,
  { agreedOf, sender }: ValidateOptions,
): Generator<Validated> {
  switch (event.kind) {
    case 'outside':
      yield { issues: [event.issue] }
      break
    case 'transaction': {
      const { interchange, group, transaction } = event
      const agreed = agreedOf(transaction.type, transaction.version)
      const { issues } = translate(transaction, { interchange, group }, agreed, sender)
      const { standard } = interchange
      yield { standard, group, transaction, issues: [...transaction.issues, ...issues] }
      break
    }
    case 'groupEnd': {
      const { group, interchange } = event
      yield { standard: interchange.standard, group, issues: group.issues }
      break
    }
    case 'interchangeEnd': {
      const { interchange } = event
      yield { standard: interchange.standard, interchange, issues: interchange.issues }
      break
    }
    case 'interchange':
    case 'group':
      break
    default:
      event satisfies never
  }
}
