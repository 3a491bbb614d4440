// Everything that is wrong with an input: envelope, structure, elements, codes, totals.
import type { Role } from '../edi-maps/canonical/message.js'
import type { Issue } from '../edi-maps/issue.js'
import type {
  EnvelopeEvent,
  EnvelopeReader,
  Group,
  Interchange,
  Syntax,
  Tokenizer,
  Transaction,
} from '../edi-maps/standard.js'
import { translate } from '../edi-maps/translate.js'
import type { Agreed } from '../edi-maps/maps.js'
import { syntaxFor } from './edi-segments.js'

/** What an agreement says of a set in a release. */
type AgreedOf = (type: string, version: string) => Agreed | undefined

/** What was read, in the order of the input. */
export type Validated = { readonly syntax: Syntax; readonly issues: readonly Issue[] } & (
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
  let syntax = syntaxFor(new Uint8Array(0))
  let tokens: Tokenizer | undefined
  let envelopes: EnvelopeReader | undefined
  for await (const chunk of bytes) {
    if (tokens === undefined) syntax = syntaxFor(chunk)
    tokens ??= syntax.tokenizer()
    envelopes ??= syntax.envelopeReader({ keep })
    for (const event of envelopes.push(tokens.push(chunk))) yield* validated(event, syntax, options)
  }
  tokens ??= syntax.tokenizer()
  envelopes ??= syntax.envelopeReader({ keep })
  const rest = [...envelopes.push(tokens.end()), ...envelopes.end()]
  for (const event of rest) yield* validated(event, syntax, options)
}

function* validated(
  event: EnvelopeEvent,
  syntax: Syntax,
  { agreedOf, sender }: ValidateOptions,
): Generator<Validated> {
  switch (event.kind) {
    case 'outside':
      yield { syntax, issues: [event.issue] }
      break
    case 'transaction': {
      const { interchange, group, transaction } = event
      const agreed = agreedOf(transaction.type, transaction.version)
      const { issues } = translate(transaction, { interchange, group }, agreed, sender)
      yield { syntax, group, transaction, issues: [...transaction.issues, ...issues] }
      break
    }
    case 'groupEnd':
      yield { syntax, group: event.group, issues: event.group.issues }
      break
    case 'interchangeEnd':
      yield { interchange: event.interchange, syntax, issues: event.interchange.issues }
      break
    case 'interchange':
    case 'group':
      break
    default:
      event satisfies never
  }
}
