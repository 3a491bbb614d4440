// What lines of goods have in every message: article numbers (LIN, PIA) and a description (IMD).
import { append } from '../../append.js'
import type { ProductId } from '../../canonical/values.js'
import { checkProductId, codeFor, text, type GroupCodec, type Report } from '../../elements.js'
import { on, type FieldOf, type Through, type View } from '../../map.js'
import { extrasOf } from '../../path.js'
import { cameAt, noteAt } from '../../places.js'
import type { Position } from '../../segment.js'
import type { WithLots } from '../../lots.js'
import { ARTICLE } from '../codes.js'
import { fixed } from './fixed.js'
import { settleLots } from './line-lots.js'
import { noteSpread, settleSpread, sizes, spreadOf, total } from './spread.js'

export type Release = 'D:96A' | 'D:01B'

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
      const uses = spreadOf<[string, number][]>(line, MORE)
      const isKept = uses !== undefined && total(uses.map(([, n]) => n)) === ids.length
      return chunks(ids, isKept ? uses : usualUses(line))
    },
    join(line, { use, ids }) {
      const [first] = ids
      if (first === undefined) return false
      if (line.productIds.length === 0 && isGtin(first)) noteAt(line, 'edifact', IN_PIA)
      append(line.productIds, ids)
      noteSpread(line, MORE, [use, ids.length])
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
      append((line.orderedProductIds ??= []), ids)
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

/** Forgets how numbers were spread over segments where the usual way gives it back. */
export function settleLines(lines: readonly (WithArticles & WithLots)[]): void {
  for (const line of lines) {
    settleSpread(line, MORE, usualUses(line))
    settleLots(line)
  }
}
