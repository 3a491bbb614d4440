// The N1 loop: a party with its identification, address, references and contacts. The same in every set.
import type { Static } from '@sinclair/typebox'
import type { Address, Contact, Party, PartyId, Reference } from '../../canonical/values.js'
import { codeFor, code, keepCode, text, type GroupCodec } from '../../elements.js'
import { bind, on, type BindingOf, type SlotOf, type View } from '../../map.js'
import { extrasOf, makeExtras } from '../../path.js'
import { CONTACT, IDENTIFIER, PARTY, REFERENCE } from '../codes.js'

type Address = Static<typeof Address>
type Contact = Static<typeof Contact>
type PartyId = Static<typeof PartyId>

const party = on<Party>()
const address = on<Address>()
const contact = on<Contact>()
const reference = on<Reference>()
const streetLines = on<StreetLines>()

/** N103 and N104 ⇄ the party's first identification; the others cannot be said in an N1. */
const identification: GroupCodec<PartyId[]> = {
  width: 2,
  decode(texts) {
    const [qualifier = '', value = ''] = texts
    const scheme = qualifier === '' ? undefined : IDENTIFIER.word(qualifier)
    if (scheme === undefined || value === '') return undefined
    const id: PartyId = { scheme, value }
    keepCode(id, 'x12', IDENTIFIER, scheme, qualifier)
    return [id]
  },
  encode([id]) {
    if (id === undefined) return ['', '']
    const qualifier = codeFor(id, 'x12', IDENTIFIER, id.scheme)
    return qualifier === undefined ? undefined : [qualifier, id.value]
  },
  exact: () => true,
}

interface StreetLines {
  a?: string
  b?: string
}

/** N3 holds two lines each; how a source spread them is kept where it is not two by two. */
const addressLines: View<Party, StreetLines> = {
  split(owner) {
    if (owner.address === undefined) return []
    const { lines } = owner.address
    const spread = extrasOf(owner.address, 'x12')?.['N3']
    const sizes: number[] = Array.isArray(spread) && total(spread) === lines.length ? spread : []
    const segments: StreetLines[] = []
    for (let at = 0; at < lines.length;) {
      const size = sizes[segments.length] ?? 2
      const [a, b] = lines.slice(at, at + size)
      segments.push({ ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) })
      at += size
    }
    return segments
  },
  join(owner, { a, b }, nth) {
    if (a === undefined) return false
    const address = (owner.address ??= { lines: [] })
    const before = address.lines.length
    if (before !== nth * 2) {
      const extras = makeExtras(address, 'x12')
      const spread = (extras['N3'] ??= Array.from({ length: nth }, (_, n) =>
        n === nth - 1 ? before - 2 * n : 2,
      )) as number[]
      spread.push(b === undefined ? 1 : 2)
    }
    address.lines.push(a, ...(b === undefined ? [] : [b]))
    return true
  },
}

const total = (sizes: readonly number[]) => sizes.reduce((sum, size) => sum + size, 0)

const CHANNELS = [
  ['TE', 'phone'],
  ['EM', 'email'],
  ['FX', 'fax'],
] as const

/** Three pairs of kind and number (365, 364) ⇄ phone, email and fax; another kind stays as it was sent. */
const numbers: GroupCodec<Partial<Contact>> = {
  width: 6,
  decode(texts) {
    const found: Partial<Contact> = {}
    for (const [kind, key] of CHANNELS) {
      for (let n = 0; n < 6; n += 2) {
        if (texts[n] === kind && texts[n + 1] !== '') found[key] ??= texts[n + 1]!
      }
    }
    return Object.keys(found).length === 0 ? undefined : found
  },
  encode(value) {
    const pairs = CHANNELS.flatMap(([kind, key]) => {
      const number = value[key]
      return number === undefined ? [] : [kind, number]
    })
    return [...pairs, '', '', '', '', '', ''].slice(0, 6)
  },
}

/** References as a list (REF), for any node that has `references`. */
export const references = on<{ references?: Reference[] }>().each(
  'references',
  () => ({ type: '', value: '' }),
  { needs: ['value'] },
  [
    reference.at(1, 'type', code(REFERENCE)),
    reference.at(2, 'value', text),
    reference.at(3, 'description', text),
  ],
)

/** Contacts as a list (PER). */
const contacts = party.each('contacts', () => ({}), {}, [
  contact.at(1, 'function', code(CONTACT)),
  contact.at(2, 'name', text),
  contact.spread([3, 4, 5, 6, 7, 8], numbers),
])

/** The party that opens an N1 loop, for any node that has `parties`; `structure` is the loop after N1. */
export const partyLoop = (structure: readonly SlotOf<unknown>[]) =>
  on<{ parties?: Party[] }>().each(
    'parties',
    () => ({ role: '', ids: [] }),
    {},
    [
      party.at(1, 'role', code(PARTY)),
      party.at(2, 'name', text),
      party.group([3, 4], 'ids', identification),
    ],
    bind<Party>(
      structure,
      present(structure, {
        N2: [party.self({}, party.at(1, 'name2', text))],
        N3: [
          party.view(addressLines, () => ({}), {}, [
            streetLines.at(1, 'a', text),
            streetLines.at(2, 'b', text),
          ]),
        ],
        N4: [
          party.within(
            'address',
            () => ({ lines: [] }),
            {},
            address.at(1, 'city', text),
            address.at(2, 'region', text),
            address.at(3, 'postalCode', text),
            address.at(4, 'country', text),
          ),
        ],
        REF: [references],
        PER: [contacts],
      }),
    ),
  )

/** The bindings whose segments the loop has: not every set allows all of them. */
const present = <T>(
  structure: readonly SlotOf<unknown>[],
  bindings: Readonly<Record<string, readonly BindingOf<T>[]>>,
) =>
  Object.fromEntries(
    Object.entries(bindings).filter(([tag]) => structure.some((slot) => slot.tag === tag)),
  )
