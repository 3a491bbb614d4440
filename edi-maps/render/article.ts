// What is known of an article in a line: description, numbers, lots, and whatever else the line says.
import type {
  DateEntry,
  Lot,
  Note,
  Party,
  ProductId,
  Quantity,
  Reference,
} from '../canonical/values.js'
import { dateText } from './date-text.js'
import { quantityText } from './number-text.js'
import { DATE_KIND } from '../x12/codes.js'
import { joined, lines, type Fact } from './page.js'
import { numberText, partyText } from './party.js'
import { capital, label, spoken } from './wording.js'

type Weight = Quantity & { readonly kind: string }

interface Article {
  readonly productIds: readonly ProductId[]
  readonly description?: string
  readonly unitsPerPack?: string
  readonly lots?: readonly Lot[]
  readonly references?: readonly Reference[]
  readonly dates?: readonly DateEntry[]
  readonly notes?: readonly Note[]
  readonly weights?: readonly Weight[]
  readonly parties?: readonly Party[]
}

/** Description, or the first number where there is none. */
export const articleName = ({ productIds, description }: Article): string =>
  description ?? capital(productIds.map(numberText)[0] ?? 'article without number')

/** Description, or the first number where there is none; below it what tells more. */
export function articleCell(article: Article, ...more: readonly string[]): string[] {
  const { productIds, description, unitsPerPack, lots = [], references, dates, notes } = article
  const numbers = productIds.map(numberText)
  return lines(
    articleName(article),
    joined(description === undefined ? numbers.slice(1) : numbers),
    unitsPerPack === undefined ? undefined : `${unitsPerPack} in each pack`,
    ...lots.map(lotText),
    ...(article.weights ?? []).map((one) => `${quantityText(one)} ${one.kind}`),
    ...(article.parties ?? []).map(partyText),
    ...(references ?? []).map(referenceText),
    ...(dates ?? []).map((date) => dateFact(date).join(': ')),
    ...(notes ?? []).map(noteText),
    ...more,
  )
}

export const dateFact = ({ type, value, tz }: DateEntry): Fact => [
  spoken(type, DATE_KIND),
  dateText(value, tz),
]

const lotText = ({ lot, serial, expiry, quantity }: Lot): string =>
  joined([
    lot === undefined ? undefined : `Lot ${lot}`,
    serial === undefined ? undefined : `Serial number ${serial}`,
    expiry === undefined ? undefined : `use by ${dateText(expiry)}`,
    quantityText(quantity),
  ])

export const referenceFact = ({ type, value, description, date }: Reference): Fact => [
  label(type),
  joined([value, description, date === undefined ? undefined : `of ${dateText(date)}`]),
]

export const referenceText = (reference: Reference): string => referenceFact(reference).join(' ')

export const noteText = ({ topic, text }: Note): string =>
  joined(
    [topic === undefined || topic === 'general' ? undefined : label(topic), lineOf(text)],
    ': ',
  )

/** A text of several lines as one. */
const lineOf = (text: string) => text.split('\n').join('; ')
