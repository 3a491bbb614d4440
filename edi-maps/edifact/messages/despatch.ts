// What every DESADV has, whoever sends it: heading, measures of the shipment, the levels of its packing sequence.
import type { Static } from '@sinclair/typebox'
import type { Quantity, Transport } from '../../canonical/values.js'
import type { Arrangement } from '../../hierarchy.js'
import { bind, on, type BindingOf, type SlotOf } from '../../map.js'
import type { PackLevel } from '../../packing-sequence.js'
import { moment } from '../elements.js'
import { groupOf } from '../structure.js'
import { beginning, messageDate } from './header.js'
import { lotExpiries, lotNumbers, markedLots } from './line-lots.js'
import { quantityOf } from './line-measures.js'
import { grossMeasure, packGroups } from './packs.js'
import { partyGroup } from './party.js'
import { dates } from './references.js'
import { transportGroups } from './transport.js'

interface Despatch {
  body: {
    shippedAt?: string
    estimatedDeliveryAt?: string
    transport?: Static<typeof Transport>
    lines: unknown[]
  }
}
const despatch = on<Despatch>()

/** Despatch advice. */
const KIND = '351'

/** What no DESADV has a place for. */
export const DESPATCH_LEAVES_OUT = [
  'notes',
  'references[].description',
  'parties[].references[].description',
  'body.transport.service',
  'body.transport.routing',
  'body.transport.status',
  'body.packages[].type.material',
  'body.lines[].references[].description',
]

/** BGM, DTM, NAD, TOD, TDT and EQD. */
export const despatchHeader = (structure: readonly SlotOf<unknown>[]) => ({
  BGM: [beginning(KIND)],
  DTM: [
    messageDate,
    despatch.self(
      { when: { '1-1': '11' } },
      despatch.group(['1-2', '1-3'], 'body.shippedAt', moment),
    ),
    despatch.self(
      { when: { '1-1': '17' } },
      despatch.group(['1-2', '1-3'], 'body.estimatedDeliveryAt', moment),
    ),
    dates,
  ],
  NAD: [partyGroup(groupOf(structure, 'NAD'))],
  ...transportGroups(structure),
})

/** 6313 of what a shipment weighs. */
export const TOTAL_WEIGHTS = ['AAD', 'AAB', 'G'] as const
export const totalWeight = grossMeasure(...TOTAL_WEIGHTS)

/** The slot of the CPS group: its levels nest by their numbers. */
export function levelSlot<L>(
  structure: readonly SlotOf<unknown>[],
  arrangement: Arrangement,
  lines: BindingOf<PackLevel<L>>,
): SlotOf<unknown> {
  const slot = structure.find(({ tag }) => tag === 'CPS')!
  const body = bind<PackLevel<L>>(groupOf(structure, 'CPS'), {
    PAC: [packGroups(groupOf(structure, 'CPS'))],
    LIN: [lines],
  })
  const { tag, usage, max } = slot
  return {
    tag,
    usage,
    max,
    bindings: [],
    hierarchy: {
      elements: { id: 1, parent: 2, level: 3, child: 0 },
      manyRoots: true,
      levels: { '*': body },
      unknown: body,
      arrangement,
    },
  }
}

/** QTY 12. */
export const shippedQuantity = on<{ quantityShipped?: Quantity }>().self(
  { when: { '1-1': '12' } },
  on<{ quantityShipped?: Quantity }>().group(
    ['1-1', '1-2', '1-3'],
    'quantityShipped',
    quantityOf('12'),
    { required: 'ifSent' },
  ),
)

/** What a line has in every DESADV: its lots and dates. */
export const despatchLine = (structure: readonly SlotOf<unknown>[]) => ({
  GIN: [lotNumbers],
  DTM: [lotExpiries, dates],
  PCI: [markedLots(groupOf(structure, 'PCI'))],
})
