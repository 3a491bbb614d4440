// The CPS group of a despatch advice: PAC with measures, marks and numbers of packages. What becomes of it:
// packing-sequence.ts.
import { integer, text, type GroupCodec } from '../../elements.js'
import { bind, on, type BindingOf, type SlotOf } from '../../map.js'
import { EANCOM, packageCode, REC21, type PackageType } from '../../package-types.js'
import {
  isSscc,
  type MarkNumbers,
  type PackGroup,
  type PackLevel,
  type PackMark,
} from '../../packing-sequence.js'
import type { Quantity, Weight as WeightSchema } from '../../canonical/values.js'
import type { Static } from '@sinclair/typebox'
import type { Position } from '../../segment.js'
import { number } from '../elements.js'
import { groupOf } from '../structure.js'

type Weight = Static<typeof WeightSchema>

const pack = on<PackGroup>()
const mark = on<PackMark>()
const numbers = on<MarkNumbers>()

/** 7065 and its agency 3055: GS1 has codes of its own. */
const packageType: GroupCodec<PackageType> = {
  width: 2,
  decode([code = '', agency = '']) {
    if (code === '') return undefined
    if (agency === '') return { code, scheme: REC21 }
    return agency === GS1 ? { code, scheme: EANCOM } : undefined
  },
  encode(type) {
    const found = packageCode(type)
    if (found === undefined) return undefined
    return [found.code, found.scheme === EANCOM ? GS1 : '']
  },
}
const GS1 = '9'

/** Unit and value (C174) ⇄ quantity. */
export const measure: GroupCodec<Quantity> = {
  width: 2,
  unreadable: 'number-invalid',
  decode([unit = '', value = ''], report) {
    const amount = value === '' ? undefined : number.decode(value, report)
    return amount === undefined || unit === '' ? undefined : { value: amount, uom: unit }
  },
  encode: ({ value, uom }) => [uom, value],
}

/** 6313, unit and value ⇄ gross weight; `kinds` are the codes that mean it, the first is written. */
export const grossMeasure = (...kinds: readonly [string, ...string[]]): GroupCodec<Weight> => ({
  width: 3,
  refs: ['6313', undefined, undefined],
  unreadable: 'number-invalid',
  decode([kind = '', ...texts], report) {
    const found = kinds.includes(kind) ? measure.decode(texts, report) : undefined
    return found === undefined ? undefined : { ...found, kind: 'gross' }
  },
  encode(weight, [kept], report) {
    const written = weight.kind === 'gross' ? measure.encode(weight, [], report) : undefined
    const kind = kept !== undefined && kinds.includes(kept) ? kept : kinds[0]
    return written === undefined ? undefined : [kind, ...written]
  },
})

/** 6313 of what a package weighs, and of its volume. */
const WEIGHT_KINDS = ['AAB', 'AAD', 'G'] as const
export const VOLUME_KINDS = ['AAW', 'ABJ'] as const

const side = (kind: string, path: 'dimensions.length' | 'dimensions.width' | 'dimensions.height') =>
  pack.self(
    { when: { 1: 'PD', '2-1': kind }, name: kind },
    pack.group(['3-1', '3-2'], path, measure),
  )

const fiveRanges: GroupCodec<string[]> = {
  width: 10,
  decode(texts, report) {
    const values: string[] = []
    for (let n = 0; n < texts.length; n += 2) {
      const [first = '', last = ''] = texts.slice(n)
      if (first === '') continue
      const value = last === '' ? first : `${first}:${last}`
      if (!isSscc(value)) {
        const text = 'An SSCC has 18 digits, the last of them a check digit.'
        report('check-digit-wrong', { text, value, at: n })
      }
      values.push(value)
    }
    return values.length === 0 ? undefined : values
  },
  encode: (values) =>
    [...values, '', '', '', '', ''].slice(0, 5).flatMap((value) => {
      const [first = '', last = ''] = value.split(':')
      return [first, last]
    }),
}

const NUMBERS: readonly Position[] = [2, 3, 4, 5, 6].flatMap((n): Position[] => [
  `${n}-1`,
  `${n}-2`,
])

/** PAC and the segments in it, for the structure of a CPS group. */
export function packGroups(structure: readonly SlotOf<unknown>[]): BindingOf<PackLevel<unknown>> {
  const body = groupOf(structure, 'PAC')
  return on<PackLevel<unknown>>().each(
    'packs',
    () => ({ marks: [] }),
    {},
    [pack.at(1, 'count', integer), pack.group(['3-1', '3-3'], 'type', packageType)],
    bind<PackGroup>(body, {
      MEA: [
        pack.self(
          { when: { 1: 'PD', '2-1': WEIGHT_KINDS }, name: 'weight' },
          pack.group(['2-1', '3-1', '3-2'], 'weight', grossMeasure(...WEIGHT_KINDS)),
        ),
        side('LN', 'dimensions.length'),
        side('WD', 'dimensions.width'),
        side('HT', 'dimensions.height'),
        pack.self(
          { when: { 1: 'PD', '2-1': VOLUME_KINDS }, name: 'volume' },
          pack.group(['3-1', '3-2'], 'volume', measure),
        ),
      ],
      PCI: [
        pack.each(
          'marks',
          () => ({ numbers: [] }),
          {},
          [mark.at(1, 'instruction', text)],
          bind<PackMark>(groupOf(body, 'PCI'), {
            RFF: [mark.self({ when: { '1-1': 'CN' } }, mark.at('1-2', 'trackingNumber', text))],
            GIN: [
              mark.each(
                'numbers',
                () => ({ kind: '', values: [] }),
                { when: { 1: ['BJ', 'AW'] }, name: 'BJ' },
                [numbers.at(1, 'kind', text), numbers.group(NUMBERS, 'values', fiveRanges)],
                groupOf(body, 'PCI', 'GIN'),
              ),
            ],
          }),
        ),
      ],
    }),
  )
}
