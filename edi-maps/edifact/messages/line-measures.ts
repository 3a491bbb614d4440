// Quantities and weights of lines (QTY, MEA).
import type { Static } from '@sinclair/typebox'
import type { Quantity, Weight as WeightSchema } from '../../canonical/values.js'
import type { GroupCodec } from '../../elements.js'
import { on, type View } from '../../map.js'
import { number, quantity } from '../elements.js'

type Weight = Static<typeof WeightSchema>

/** Qualifier, value and unit ⇄ quantity, for the qualifiers given; the first is written. */
export const quantityOf = (...kinds: readonly [string, ...string[]]): GroupCodec<Quantity> => ({
  width: 3,
  refs: ['6063', undefined, '6411'],
  unreadable: 'number-invalid',
  decode: ([kind = '', ...texts], report) =>
    kinds.includes(kind) ? quantity.decode(texts, report) : undefined,
  encode(value, [kept, ...texts], report) {
    const written = quantity.encode(value, texts, report)
    const kind = kept !== undefined && kinds.includes(kept) ? kept : kinds[0]
    return written === undefined ? undefined : [kind, ...written]
  },
})

const WEIGHTS: readonly (readonly [code: string, kind: Weight['kind']])[] = [
  ['AAB', 'gross'],
  ['AAA', 'net'],
  ['T', 'tare'],
]

/** Value and unit ⇄ gross weight. */
export const grossWeight: GroupCodec<Weight> = {
  width: 2,
  unreadable: 'number-invalid',
  decode([value = '', unit = ''], report) {
    const amount = value === '' ? undefined : number.decode(value, report)
    return amount === undefined || unit === ''
      ? undefined
      : { value: amount, uom: unit, kind: 'gross' }
  },
  encode: ({ value, uom, kind }) => (kind === 'gross' ? [value, uom] : undefined),
}

/** MEA PD: what is measured, unit and value ⇄ a weight. */
const weightMeasure: GroupCodec<Weight> = {
  width: 3,
  unreadable: 'number-invalid',
  decode([what = '', unit = '', value = ''], report) {
    const kind = WEIGHTS.find(([code]) => code === what)?.[1]
    const amount = value === '' ? undefined : number.decode(value, report)
    if (kind === undefined || amount === undefined || unit === '') return undefined
    return { value: amount, uom: unit, kind }
  },
  encode({ value, uom, kind }) {
    const what = WEIGHTS.find(([, known]) => known === kind)?.[0]
    return what === undefined ? undefined : [what, uom, value]
  },
}

interface WithWeights {
  weights?: Weight[]
}
const weightView: View<WithWeights, { weight?: Weight }> = {
  split: ({ weights = [] }) => weights.map((weight) => ({ weight })),
  join(line, { weight }) {
    if (weight === undefined) return false
    ;(line.weights ??= []).push(weight)
    return true
  },
}
/** MEA PD as the weights of a line. */
export const lineWeights = on<WithWeights>().view(weightView, () => ({}), { when: { 1: 'PD' } }, [
  on<{ weight?: Weight }>().group(['2-1', '3-1', '3-2'], 'weight', weightMeasure),
])
