// What lines of goods have in every message: article numbers (LIN, PIA), description (IMD), lots and serial numbers
// (GIN, DTM 36), weights (MEA).
import type { Static } from '@sinclair/typebox'
import type { ProductId, Quantity, Weight as WeightSchema } from '../../canonical/values.js'
import { checkProductId, codeFor, text, type GroupCodec, type Report } from '../../elements.js'
import { bind, on, type FieldOf, type SlotOf, type Through, type View } from '../../map.js'
import { extrasOf, makeExtras, sameValue } from '../../path.js'
import { cameAt, dropEmptyExtras, noteAt } from '../../places.js'
import type { Position } from '../../segment.js'
import { expiryView, lotView, type Expiry, type LotOrSerial, type WithLots } from '../../lots.js'
import { ARTICLE } from '../codes.js'
import { moment, number, quantity } from '../elements.js'
import { groupOf } from '../structure.js'
import { fixed } from './fixed.js'

export type Release = 'D:96A' | 'D:01B'
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

const GTIN: Readonly<Record<number, string>> = {
  8: 'gtin8',
  12: 'gtin12',
  13: 'gtin13',
  14: 'gtin14',
}
const isGtin = ({ scheme }: ProductId) => scheme.startsWith('gtin')

/** 7140, 7143, 1131, 3055 ⇄ article number. A GTIN is EN in D.96A and SRV since; its length tells which kind. */
const articleNumber = (release: Release): GroupCodec<ProductId> => {
  const usualGtin = release === 'D:96A' ? 'EN' : 'SRV'
  const usual = (id: ProductId) =>
    isGtin(id) ? gtinCode(id, usualGtin) : codeFor(id, 'edifact', ARTICLE, id.scheme)
  return {
    width: 4,
    decode([value = '', kind = '', list = '', agency = ''], report) {
      const word = kind === '' ? undefined : ARTICLE.word(kind)
      if (value === '' || word === undefined) return undefined
      const scheme = word === 'gtin' ? (GTIN[value.length] ?? 'gtin13') : word
      const id: ProductId = { scheme, value }
      const kept = {
        ...(usual(id) === kind ? {} : { [ARTICLE.element]: kind }),
        ...(list === '' ? {} : { '1131': list }),
        ...(agency === '' ? {} : { '3055': agency }),
      }
      if (Object.keys(kept).length > 0) id.extras = { edifact: kept }
      checkProductId(id, report, 0)
      return id
    },
    encode(id, _kept, report) {
      const kind = usual(id)
      if (kind === undefined) return undefined
      checkProductId(id, report, 0)
      const kept = extrasOf(id, 'edifact')
      return [id.value, kind, String(kept?.['1131'] ?? ''), String(kept?.['3055'] ?? '')]
    },
  }
}

function gtinCode(id: ProductId, usual: string): string {
  const kept = extrasOf(id, 'edifact')?.[ARTICLE.element]
  return typeof kept === 'string' && ARTICLE.word(kept) === 'gtin' ? kept : usual
}

interface WithArticles {
  productIds: ProductId[]
}

/** Ids of the two places, as `extras.edifact.at` names them. */
const IN_LIN = 'LIN03'
const IN_PIA = 'PIA02'

/** LIN C212 holds a GTIN that is the first number of the line; another first number only where it came so. */
const lineArticle: Through<WithArticles, ProductId> = {
  get: (line) => (hasOwnPlace(line) ? line.productIds[0] : undefined),
  set(line, id) {
    line.productIds.push(id)
    if (!isGtin(id)) noteAt(line, 'edifact', IN_LIN)
  },
}
const hasOwnPlace = (line: WithArticles) => {
  const [first] = line.productIds
  if (first === undefined || cameAt(line, 'edifact', IN_PIA)) return false
  return isGtin(first) || cameAt(line, 'edifact', IN_LIN)
}

/** LIN03. */
export const articleOfLine = (release: Release): FieldOf<WithArticles> =>
  on<WithArticles>().through(
    ['3-1', '3-2', '3-3', '3-4'],
    'productIds',
    lineArticle,
    articleNumber(release),
  )

interface MoreArticles {
  /** 4347: additional (1), the article itself (5), the article ordered instead (4). */
  use: string
  ids: ProductId[]
}
const IN_A_PIA = 5
const PIA_POSITIONS: readonly Position[] = [2, 3, 4, 5, 6].flatMap((n): Position[] =>
  [1, 2, 3, 4].map((c): Position => `${n}-${c}`),
)

const articleList = (release: Release): GroupCodec<ProductId[]> => {
  const one = articleNumber(release)
  return {
    width: 4 * IN_A_PIA,
    decode(texts, report) {
      const ids: ProductId[] = []
      for (let n = 0; n < texts.length; n += 4) {
        const shifted: Report = (code, about) => report(code, { ...about, at: n + (about.at ?? 0) })
        const id = one.decode(texts.slice(n, n + 4), shifted)
        if (id !== undefined) ids.push(id)
      }
      return ids.length === 0 ? undefined : ids
    },
    encode(ids, kept, report) {
      const texts = ids.map((id) => one.encode(id, kept, report))
      const found = texts.flatMap((written) => written ?? [])
      if (found.length < 4 * ids.length) return undefined
      return [...found, ...Array<string>(4 * IN_A_PIA - found.length).fill('')]
    },
  }
}

const MORE = 'PIA'

/** PIA: the article numbers of a line behind the one in LIN, five to a segment. */
export function moreArticles(release: Release) {
  const view: View<WithArticles, MoreArticles> = {
    split(line) {
      const ids = line.productIds.slice(hasOwnPlace(line) ? 1 : 0)
      const uses = hintOf<[string, number][]>(line, MORE)
      const isKept = uses !== undefined && total(uses.map(([, n]) => n)) === ids.length
      return chunks(ids, isKept ? uses : usualUses(line))
    },
    join(line, { use, ids }) {
      const [first] = ids
      if (first === undefined) return false
      if (line.productIds.length === 0 && isGtin(first)) noteAt(line, 'edifact', IN_PIA)
      line.productIds.push(...ids)
      addHint(line, MORE, [use, ids.length])
      return true
    },
  }
  const item = on<MoreArticles>()
  return on<WithArticles>().view(view, (): MoreArticles => ({ use: '', ids: [] }), {}, [
    item.at(1, 'use', text),
    item.group(PIA_POSITIONS, 'ids', articleList(release)),
  ])
}

interface WithOrdered {
  orderedProductIds?: ProductId[]
}

/** PIA 4: the article ordered, where another was shipped for it. */
export function orderedArticles(release: Release) {
  const view: View<WithOrdered, { ids: ProductId[] }> = {
    split: ({ orderedProductIds = [] }) =>
      sizes(orderedProductIds.length, IN_A_PIA).map((size, n) => ({
        ids: orderedProductIds.slice(n * IN_A_PIA, n * IN_A_PIA + size),
      })),
    join(line, { ids }) {
      if (ids.length === 0) return false
      ;(line.orderedProductIds ??= []).push(...ids)
      return true
    },
  }
  return on<WithOrdered>().view(
    view,
    (): { ids: ProductId[] } => ({ ids: [] }),
    { when: { 1: '4' } },
    [on<{ ids: ProductId[] }>().group(PIA_POSITIONS, 'ids', articleList(release))],
  )
}

function usualUses(line: WithArticles): [string, number][] {
  const isOwn = hasOwnPlace(line)
  return sizes(line.productIds.length - (isOwn ? 1 : 0), IN_A_PIA).map((size, n) => [
    isOwn || n > 0 ? '1' : '5',
    size,
  ])
}

const chunks = (ids: readonly ProductId[], uses: readonly [string, number][]): MoreArticles[] => {
  let from = 0
  return uses.map(([use, size]) => {
    const own = ids.slice(from, from + size)
    from += size
    return { use, ids: own }
  })
}

interface Described {
  description?: string
}

/** C273 7008 twice ⇄ one text. */
const twoLines: GroupCodec<string> = {
  width: 2,
  decode: ([first = '', second = '']) => (first + second === '' ? undefined : first + second),
  encode: (value) =>
    value.length > 2 * DESCRIPTION
      ? undefined
      : [value.slice(0, DESCRIPTION), value.slice(DESCRIPTION)],
}
/** 7008 in D.96A; a later directory takes more, no partner needs it. */
const DESCRIPTION = 35

/** IMD with a text; 7077 F: it is free. */
export const description = on<Described>().self(
  { filled: ['3-4'], name: 'F' },
  fixed(1, 'F', ({ description }) => description !== undefined),
  on<Described>().group(['3-4', '3-5'], 'description', twoLines),
)

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
const numbersView: View<WithLots, Numbers> = {
  split(line) {
    const items = plainLots(line)
    const kept = hintOf<number[]>(line, LOTS)
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
    addHint(line, LOTS, values.length)
    return true
  },
}

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

export const lotNumbers = on<WithLots>().view(
  numbersView,
  () => ({ kind: '', values: [] }),
  { when: { 1: ['BX', 'BN'] }, name: 'BX' },
  [
    numbers.at(1, 'kind', text),
    numbers.group(['2-1', '3-1', '4-1', '5-1', '6-1'], 'values', fiveNumbers),
  ],
)

/** DTM 36: when the lots of a line expire. */
const dayOnly: GroupCodec<string> = {
  width: 2,
  unreadable: 'date-invalid',
  decode: (texts, report) => moment.decode(texts, report)?.slice(0, 'YYYY-MM-DD'.length),
  encode: (value, kept, report) => moment.encode(value, kept, report),
}
export const localDate = dayOnly

const plainExpiries: View<WithLots, Expiry> = {
  split: (line) => expiryView.split({ lots: (line.lots ?? []).filter((lot) => !isMarked(lot)) }),
  join: (line, item, nth) => expiryView.join(line, item, nth),
}
export const lotExpiries = on<WithLots>().view(
  plainExpiries,
  () => ({ value: '' }),
  { when: { '1-1': '36' } },
  [expiry.group(['1-2', '1-3'], 'value', dayOnly)],
)

const lot = on<NonNullable<WithLots['lots']>[number]>()

/** PCI 36E in a line: a lot with its own expiry date and quantity; `structure` is the group after PCI. */
export const markedLots = (structure: readonly SlotOf<unknown>[]) =>
  on<WithLots>().each(
    'lots',
    () => ({ extras: { edifact: { at: [MARKED] } } }),
    { when: { 1: '36E' }, only: isMarked },
    [],
    bind<NonNullable<WithLots['lots']>[number]>(structure, {
      DTM: [lot.self({ when: { '1-1': '36' } }, lot.group(['1-2', '1-3'], 'expiry', dayOnly))],
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

/** Forgets how numbers were spread over segments where the usual way gives it back. */
export function settleLines(lines: readonly (WithArticles & WithLots)[]): void {
  for (const line of lines) {
    const kept = extrasOf(line as unknown as Record<string, unknown>, 'edifact')
    if (kept === undefined) continue
    if (sameValue(kept[MORE], usualUses(line))) delete kept[MORE]
    if (sameValue(kept[LOTS], usualNumbers(plainLots(line)))) delete kept[LOTS]
    dropEmptyExtras(line, 'edifact')
  }
}

type Hinted = Parameters<typeof extrasOf>[0]
const hintOf = <H>(line: object, key: string): H | undefined =>
  extrasOf(line as Hinted, 'edifact')?.[key] as H | undefined
function addHint(line: object, key: string, hint: unknown): void {
  const extras = makeExtras(line as Hinted, 'edifact')
  ;((extras[key] ??= []) as unknown[]).push(hint)
}
const total = (counts: readonly number[]) => counts.reduce((sum, n) => sum + n, 0)
const sizes = (count: number, most: number) =>
  Array.from({ length: Math.ceil(count / most) }, (_, n) => Math.min(most, count - n * most))
