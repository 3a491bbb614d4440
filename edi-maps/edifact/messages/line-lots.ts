// Lots and serial numbers of a line: GIN and DTM 36 of the line itself, or a group of their own (PCI 36E).
import { text, type GroupCodec } from '../../elements.js'
import { expiryView, lotView, type Expiry, type LotOrSerial, type WithLots } from '../../lots.js'
import { bind, on, type SlotOf, type View } from '../../map.js'
import { cameAt } from '../../places.js'
import { localDate } from '../elements.js'
import { groupOf } from '../structure.js'
import { quantityOf } from './line-measures.js'
import { noteSpread, settleSpread, spreadOf, total } from './spread.js'

const KINDS: readonly (readonly [code: string, kind: string])[] = [
  ['BX', 'LT'],
  ['BN', 'SE'],
]
interface Numbers {
  kind: string
  values: string[]
}
const IN_A_GIN = 5
const LOTS = 'GIN'

/** GIN BX and BN: lots, each in a segment of its own, and their serial numbers, five to a segment. */
const numbersView = (
  lotsOf: (line: WithLots) => readonly LotOrSerial[],
): View<WithLots, Numbers> => ({
  split(line) {
    const items = lotsOf(line)
    const kept = spreadOf<number[]>(line, LOTS)
    let from = 0
    return (kept !== undefined && total(kept) === items.length ? kept : usualNumbers(items)).map(
      (size) => {
        const own = items.slice(from, from + size)
        from += size
        const kind = KINDS.find(([, known]) => known === own[0]!.kind)![0]
        return { kind, values: own.map(({ value }) => value) }
      },
    )
  },
  join(line, { kind, values }) {
    const known = KINDS.find(([code]) => code === kind)
    if (known === undefined || values.length === 0) return false
    const before = line.lots?.map((lot) => ({ ...lot }))
    for (const value of values) {
      if (lotView.join(line, { kind: known[1], value }, 0)) continue
      if (before === undefined) delete line.lots
      else line.lots = before
      return false
    }
    noteSpread(line, LOTS, values.length)
    return true
  },
})

/** Lots that are not told with a quantity of their own (PCI). */
const plainLots = (line: WithLots): readonly LotOrSerial[] =>
  lotView.split({ lots: (line.lots ?? []).filter((lot) => !isMarked(lot)) })

/** A lot with a quantity, or one that came so, is told in a group of its own (PCI 36E). */
const isMarked = (lot: NonNullable<WithLots['lots']>[number]): boolean =>
  lot.quantity !== undefined || cameAt(lot, 'edifact', MARKED)
const MARKED = 'PCI-36E'

function usualNumbers(items: readonly LotOrSerial[]): number[] {
  const out: number[] = []
  let before = ''
  for (const { kind } of items) {
    if (kind === 'SE' && before === 'SE' && out.at(-1)! < IN_A_GIN) out[out.length - 1]!++
    else out.push(1)
    before = kind
  }
  return out
}

const fiveNumbers: GroupCodec<string[]> = {
  width: IN_A_GIN,
  decode: (texts) => texts.filter((value) => value !== ''),
  encode: (values) => [...values, '', '', '', '', ''].slice(0, IN_A_GIN),
}
const numbers = on<Numbers>()
const expiry = on<Expiry>()

const numbersOf = (lotsOf: (line: WithLots) => readonly LotOrSerial[]) =>
  on<WithLots>().view(
    numbersView(lotsOf),
    () => ({ kind: '', values: [] }),
    { when: { 1: ['BX', 'BN'] }, name: 'BX' },
    [
      numbers.at(1, 'kind', text),
      numbers.group(['2-1', '3-1', '4-1', '5-1', '6-1'], 'values', fiveNumbers),
    ],
  )
const expiriesOf = (view: View<WithLots, Expiry>) =>
  on<WithLots>().view(view, () => ({ value: '' }), { when: { '1-1': '36' } }, [
    expiry.group(['1-2', '1-3'], 'value', localDate),
  ])

/** GIN of a line whose lots with quantities have a group of their own. */
export const lotNumbers = numbersOf(plainLots)
/** GIN of a line in a message that has no such group: a lot is told without its quantity rather than not at all. */
export const allLotNumbers = numbersOf((line) => lotView.split(line))

/** DTM 36 beside `lotNumbers`. */
export const lotExpiries = expiriesOf({
  split: (line) => expiryView.split({ lots: (line.lots ?? []).filter((lot) => !isMarked(lot)) }),
  join: (line, item, nth) => expiryView.join(line, item, nth),
})
/** DTM 36 beside `allLotNumbers`. */
export const allLotExpiries = expiriesOf(expiryView)

const lot = on<NonNullable<WithLots['lots']>[number]>()

/** PCI 36E in a line: a lot with its own expiry date and quantity; `structure` is the group after PCI. */
export const markedLots = (structure: readonly SlotOf<unknown>[]) =>
  on<WithLots>().each(
    'lots',
    () => ({ extras: { edifact: { at: [MARKED] } } }),
    { when: { 1: '36E' }, only: isMarked },
    [],
    bind<NonNullable<WithLots['lots']>[number]>(structure, {
      DTM: [lot.self({ when: { '1-1': '36' } }, lot.group(['1-2', '1-3'], 'expiry', localDate))],
      QTY: [
        lot.self(
          { when: { '1-1': '12' } },
          lot.group(['1-1', '1-2', '1-3'], 'quantity', quantityOf('12')),
        ),
      ],
      GIN: [
        lot.self(
          { when: { 1: 'BX' }, body: groupOf(structure, 'GIN') },
          lot.at('2-1', 'lot', text),
        ),
        lot.self(
          { when: { 1: 'BN' }, body: groupOf(structure, 'GIN') },
          lot.at('2-1', 'serial', text),
        ),
      ],
    }),
  )

/** Forgets how lots were spread over segments where the usual way gives it back. */
export const settleLots = (line: WithLots): void =>
  settleSpread(line, LOTS, usualNumbers(plainLots(line)))
