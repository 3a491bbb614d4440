// Element codecs that only shipments use: carrier, incoterm, weights and sizes told by other segments than TD1.
import type { Static } from '@sinclair/typebox'
import type { Package } from '../../canonical/shipment-notice.js'
import type { PartyId, Transport, Weight as WeightSchema } from '../../canonical/values.js'
import type { CodeList } from '../../code-list.js'
import { code, codeFor, keepCode, quantity, type GroupCodec } from '../../elements.js'
import { on } from '../../map.js'
import { IDENTIFIER, PAYMENT } from '../codes.js'

type Carrier = NonNullable<Static<typeof Transport>['carrier']>
type Dimensions = NonNullable<Package['dimensions']>
type Weight = Static<typeof WeightSchema>

/** TD502 and TD503 ⇄ carrier: his SCAC (qualifier 2) or another identification of him. */
export const carrier: GroupCodec<Carrier> = {
  width: 2,
  decode([qualifier = '', value = '']) {
    if (qualifier === '' || value === '') return undefined
    if (qualifier === '2') return { scac: value }
    const scheme = IDENTIFIER.word(qualifier)
    if (scheme === undefined) return undefined
    const partyId: Static<typeof PartyId> = { scheme, value }
    keepCode(partyId, 'x12', IDENTIFIER, scheme, qualifier)
    return { partyId }
  },
  encode({ scac, partyId }) {
    if (scac !== undefined) return ['2', scac]
    if (partyId === undefined) return ['', '']
    const qualifier = codeFor(partyId, 'x12', IDENTIFIER, partyId.scheme)
    return qualifier === undefined ? undefined : [qualifier, partyId.value]
  },
  exact: () => true,
}

/** FOB04 = 01 (Incoterms) and FOB05 ⇄ the term's three letters. */
const incoterm: GroupCodec<string> = {
  width: 2,
  decode: ([list, term]) => (list === '01' && term !== '' ? term : undefined),
  encode: (term) => ['01', term],
}

const transport = on<Static<typeof Transport>>()
/** FOB: who pays the freight, and the term of delivery; for any document with `body.transport`. */
export const freightTerms = on<{ body: { transport?: Static<typeof Transport> } }>().within(
  'body.transport',
  () => ({}),
  {},
  transport.at(1, 'paymentMethod', code(PAYMENT)),
  transport.group([4, 5], 'incoterm', incoterm),
)

/** MAN04 = CP and MAN05 ⇄ tracking number, beside the SSCC in one segment. */
export const trackingPair: GroupCodec<string> = {
  width: 2,
  decode: ([mark, number]) => (mark === 'CP' && number !== '' ? number : undefined),
  encode: (number) => ['CP', number],
}

/** Value and unit ⇄ Weight of a kind that other elements or the segment itself tell. */
export function measuredWeight(units: CodeList, kind: Weight['kind']): GroupCodec<Weight> {
  const plain = quantity(units)
  return {
    width: 2,
    decode(texts, report) {
      const value = plain.decode(texts, report)
      return value === undefined ? undefined : { ...value, kind }
    },
    encode: (value, kept, report) =>
      value.kind === kind ? plain.encode(value, kept, report) : undefined,
  }
}

const SIDES = ['length', 'width', 'height'] as const

/** Length, width, height and their common unit ⇄ dimensions. */
export function dimensions(units: CodeList): GroupCodec<Dimensions> {
  const side = quantity(units)
  return {
    width: 4,
    decode(texts, report) {
      const found: Dimensions = {}
      for (const [n, name] of SIDES.entries()) {
        const value =
          texts[n] === '' || texts[3] === ''
            ? undefined
            : side.decode([texts[n]!, texts[3]!], report)
        if (value !== undefined) found[name] = value
      }
      return Object.keys(found).length === 0 ? undefined : found
    },
    encode(value, kept, report) {
      const texts = ['', '', '', '']
      for (const [n, name] of SIDES.entries()) {
        const size = value[name]
        if (size === undefined) continue
        const written = side.encode(size, kept, report)
        // One unit stands for all three sides.
        if (written === undefined || (texts[3] !== '' && texts[3] !== written[1])) return undefined
        texts[n] = written[0]!
        texts[3] = written[1]!
      }
      return texts
    },
  }
}
