// How goods are moved: TOD (terms and who pays), TDT (way and carrier), EQD with SEL (equipment and its seal).
import type { Static } from '@sinclair/typebox'
import type { PartyId, Transport as TransportSchema } from '../../canonical/values.js'
import { code, codeFor, keepCode, text, type GroupCodec } from '../../elements.js'
import { bind, on, type BindingOf, type SlotOf } from '../../map.js'
import { EQUIPMENT, IDENTIFIER, MODE, PAYMENT } from '../codes.js'
import { groupOf } from '../structure.js'
import { fixed } from './fixed.js'

type Transport = Static<typeof TransportSchema>
type Carrier = NonNullable<Transport['carrier']>
type Equipment = NonNullable<Transport['equipment']>[number]

const transport = on<Transport>()
const equipment = on<Equipment>()

/** An identification, its agency 3055 and a name (C040; 3039, 3055 and 3036 of a NAD) ⇄ carrier: his SCAC or another identification of him, and his name. */
export const carrier: GroupCodec<Carrier> = {
  width: 3,
  decode([value = '', agency = '', name = '']) {
    const named = name === '' ? {} : { name }
    if (value === '') return named
    const scheme = agency === '' ? 'mutual' : IDENTIFIER.word(agency)
    if (scheme === undefined) return undefined
    if (scheme === 'scac') return { scac: value, ...named }
    const partyId: Static<typeof PartyId> = { scheme, value }
    if (agency !== '') keepCode(partyId, 'edifact', IDENTIFIER, scheme, agency)
    return { partyId, ...named }
  },
  encode({ scac, partyId, name = '' }) {
    if (scac !== undefined) return [scac, IDENTIFIER.code('scac')!, name]
    if (partyId === undefined) return ['', '', name]
    const agency = codeFor(partyId, 'edifact', IDENTIFIER, partyId.scheme)
    return agency === undefined ? undefined : [partyId.value, agency, name]
  },
}

/** Prefix and number of a container or trailer are one text: four letters, then digits. */
const unitNumber: GroupCodec<Partial<Equipment>> = {
  width: 1,
  decode([value = '']) {
    const [, initial, number] = /^([A-Z]{4})(\d+)$/.exec(value) ?? []
    return initial === undefined || number === undefined ? { number: value } : { initial, number }
  },
  encode: ({ initial = '', number = '' }) => [initial + number],
}

/** EQD's own elements. */
const equipmentFields = [
  equipment.at(1, 'type', code(EQUIPMENT)),
  equipment.spread(['2-1'], unitNumber),
]

/** The group after EQD, with its seal where there is a place for one. */
const equipmentBody = (structure: readonly SlotOf<unknown>[]): SlotOf<Equipment>[] =>
  structure.some(({ tag }) => tag === 'SEL')
    ? bind<Equipment>(structure, { SEL: [equipment.self({}, equipment.at(1, 'seal', text))] })
    : [...structure]

/** The EQD group for any node that has `equipment`; `structure` is the group after EQD. */
export const equipmentGroup = (structure: readonly SlotOf<unknown>[]) =>
  on<{ equipment?: Equipment[] }>().each(
    'equipment',
    () => ({}),
    {},
    equipmentFields,
    equipmentBody(structure),
  )

export interface TransportOwner {
  body: { transport?: Transport }
}
const owner = on<TransportOwner>()

/** 8051: main carriage. */
const MAIN_CARRIAGE = '20'

/** TOD and TDT for any document with `body.transport`. */
export const carriageGroups = (
  structure: readonly SlotOf<unknown>[],
): Record<'TOD' | 'TDT', readonly BindingOf<TransportOwner>[]> => ({
  TOD: [
    owner.within(
      'body.transport',
      () => ({}),
      { body: groupOf(structure, 'TOD') },
      transport.at(2, 'paymentMethod', code(PAYMENT)),
      transport.at('3-1', 'incoterm', text),
    ),
  ],
  TDT: [
    owner.within(
      'body.transport',
      () => ({}),
      { body: groupOf(structure, 'TDT') },
      fixed(1, MAIN_CARRIAGE, ({ mode, carrier }) => (mode ?? carrier) !== undefined),
      transport.at('3-1', 'mode', code(MODE)),
      transport.group(['5-1', '5-3', '5-4'], 'carrier', carrier),
    ),
  ],
})

/** TOD, TDT and EQD. */
export function transportGroups(
  structure: readonly SlotOf<unknown>[],
): Record<'TOD' | 'TDT' | 'EQD', readonly BindingOf<TransportOwner>[]> {
  return {
    ...carriageGroups(structure),
    EQD: [
      owner.each(
        'body.transport.equipment',
        () => ({}),
        {},
        equipmentFields,
        equipmentBody(groupOf(structure, 'EQD')),
      ),
    ],
  }
}
