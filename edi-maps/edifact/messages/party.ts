// The NAD group: a party with its identification, name, address, references and contacts. The same in every message.
import type { Static } from '@sinclair/typebox'
import type { Address, Contact, Party, PartyId } from '../../canonical/values.js'
import { code, codeFor, keepCode, text, type GroupCodec } from '../../elements.js'
import { bind, on, type BindingOf, type SlotOf } from '../../map.js'
import { extrasOf } from '../../path.js'
import { CONTACT, IDENTIFIER, PARTY } from '../codes.js'
import { references } from './references.js'

type Address = Static<typeof Address>
type Contact = Static<typeof Contact>
type PartyId = Static<typeof PartyId>

const party = on<Party>()
const contact = on<Contact>()

/** D-U-N-S number with four digits added: the same agency, told apart by its length. */
const DUNS4 = 13

/** 3039 and its agency 3055 ⇄ the party's first identification; the others cannot be said in a NAD. */
const identification: GroupCodec<PartyId[]> = {
  width: 2,
  decode([value = '', agency = '']) {
    if (value === '') return undefined
    const word = agency === '' ? 'mutual' : IDENTIFIER.word(agency)
    if (word === undefined) return undefined
    const scheme = word === 'duns' && value.length === DUNS4 ? 'duns4' : word
    const id: PartyId = { scheme, value }
    if (agency === '') id.extras = { edifact: { [IDENTIFIER.element]: '' } }
    else keepCode(id, 'edifact', IDENTIFIER, word, agency)
    return [id]
  },
  encode([id]) {
    if (id === undefined) return ['', '']
    if (extrasOf(id, 'edifact')?.[IDENTIFIER.element] === '') return [id.value, '']
    const word = id.scheme === 'duns4' ? 'duns' : id.scheme
    const agency = codeFor(id, 'edifact', IDENTIFIER, word)
    return agency === undefined ? undefined : [id.value, agency]
  },
}

const MAX_LINES = 4

/** C059, 3164, 3229, 3251 and 3207 ⇄ address. */
const address: GroupCodec<Address> = {
  width: MAX_LINES + 4,
  decode(texts) {
    const lines = texts.slice(0, MAX_LINES)
    const [city = '', region = '', postalCode = '', country = ''] = texts.slice(MAX_LINES)
    return {
      lines: lines.filter((line) => line !== ''),
      ...(city === '' ? {} : { city }),
      ...(region === '' ? {} : { region }),
      ...(postalCode === '' ? {} : { postalCode }),
      ...(country === '' ? {} : { country }),
    }
  },
  encode({ lines, city = '', region = '', postalCode = '', country = '' }) {
    if (lines.length > MAX_LINES) return undefined
    const padded = [...lines, ...Array<string>(MAX_LINES - lines.length).fill('')]
    return [...padded, city, region, postalCode, country]
  },
}

const channel = (kind: string, path: 'phone' | 'email' | 'fax') =>
  contact.self({ when: { '1-2': kind } }, contact.at('1-1', path, text))

const bound = <T>(
  structure: readonly SlotOf<unknown>[],
  bindings: (body: readonly SlotOf<unknown>[]) => Readonly<Record<string, readonly BindingOf<T>[]>>,
) => {
  const all = bindings(structure)
  const present = Object.entries(all).filter(([tag]) => structure.some((slot) => slot.tag === tag))
  return bind<T>(structure, Object.fromEntries(present))
}

/** NAD for any node that has `parties`; `structure` is the group after NAD. */
export const partyGroup = (structure: readonly SlotOf<unknown>[]) =>
  on<{ parties?: Party[] }>().each(
    'parties',
    () => ({ role: '', ids: [] }),
    {},
    [
      party.at(1, 'role', code(PARTY)),
      party.group(['2-1', '2-3'], 'ids', identification),
      party.at('4-1', 'name', text),
      party.at('4-2', 'name2', text),
      party.group(['5-1', '5-2', '5-3', '5-4', 6, '7-1', 8, 9], 'address', address),
    ],
    bound<Party>(structure, (body) => ({
      RFF: [references(bodyOf(body, 'RFF'))],
      CTA: [
        party.each(
          'contacts',
          () => ({}),
          {},
          [contact.at(1, 'function', code(CONTACT)), contact.at('2-2', 'name', text)],
          bound<Contact>(bodyOf(body, 'CTA'), () => ({
            COM: [channel('TE', 'phone'), channel('EM', 'email'), channel('FX', 'fax')],
          })),
        ),
      ],
    })),
  )

const bodyOf = (structure: readonly SlotOf<unknown>[], tag: string) =>
  structure.find((slot) => slot.tag === tag)?.body ?? []
