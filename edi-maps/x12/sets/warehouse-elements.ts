// Elements and segments that the warehouse sets 940 and 945 share: article numbers, dates with their time (G62),
// references (N9), notes (NTE), weights and lots of a line.
import type { Static } from '@sinclair/typebox'
import type {
  DateEntry,
  Note as NoteSchema,
  ProductId,
  Reference,
  Weight as WeightSchema,
} from '../../canonical/values.js'
import {
  checkProductId,
  code,
  codeFor,
  date,
  dateTime,
  keepCode,
  quantity,
  text,
  type GroupCodec,
  type Report,
} from '../../elements.js'
import {
  kept,
  keptLoop,
  on,
  type Node,
  type Through,
  type TransactionMap,
  type View,
} from '../../map.js'
import { extrasOf } from '../../path.js'
import { cameAt, noteAt } from '../../places.js'
import {
  ARTICLE,
  DAY_KIND,
  NOTE_TOPIC,
  REFERENCE,
  TIME_KIND,
  WEIGHT_KIND,
  WEIGHT_UNIT,
  ZONE,
} from '../codes.js'
import { envelopeDate } from '../interchange-ack.js'
import { expiryView, lotView, type Expiry, type LotOrSerial, type WithLots } from '../../lots.js'

type Weight = Static<typeof WeightSchema>
type Note = Static<typeof NoteSchema>

const entry = on<DateEntry>()
const reference = on<Reference>()
const note = on<Note>()
const lotOrSerial = on<LotOrSerial>()
const expiry = on<Expiry>()

/** One element as a group, for values that code gets and sets. */
export const single: GroupCodec<string> = {
  width: 1,
  decode: ([value = '']) => (value === '' ? undefined : value),
  encode: (value) => [value],
}

const moment = dateTime(ZONE)

/** G62: what the date is, date, what the time is, time and zone ⇄ one moment of the given type. */
export function day(type: string): GroupCodec<string> {
  return {
    width: 5,
    unreadable: 'date-invalid',
    refs: [DAY_KIND.element, undefined, undefined, undefined, ZONE.element],
    decode: ([kind = '', date = '', , time = '', zone = ''], report) =>
      DAY_KIND.word(kind) === type ? moment.decode([date, time, zone], report) : undefined,
    encode(value, kept, report) {
      const written = moment.encode(value, [undefined, undefined, kept[4]], report)
      const usual = DAY_KIND.code(type)
      if (written === undefined || usual === undefined) return undefined
      const [date = '', time = '', zone = ''] = written
      const kind = kept[0] !== undefined && DAY_KIND.word(kept[0]) === type ? kept[0] : usual
      // P0304: a time needs its qualifier; where there is none for this date the date alone is said.
      const timeKind = time === '' ? '' : (TIME_KIND.code(type) ?? '')
      return timeKind === '' ? [kind, date, '', '', ''] : [kind, date, timeKind, time, zone]
    },
  }
}

const dayEntry: GroupCodec<Partial<DateEntry>> = {
  width: 5,
  unreadable: 'date-invalid',
  refs: [DAY_KIND.element, undefined, undefined, undefined, ZONE.element],
  decode(texts, report) {
    const type = DAY_KIND.word(texts[0]!)
    const value = type === undefined ? undefined : day(type).decode(texts, report)
    return type === undefined || value === undefined ? undefined : { type, value }
  },
  encode: ({ type = '', value = '' }, kept, report) => day(type).encode(value, kept, report),
}

/** A date that cannot be read is no item of the list: the segment is kept. */
const dayView: View<{ dates?: DateEntry[] }, DateEntry> = {
  keepsExtras: true,
  split: ({ dates = [] }) => dates,
  join(owner, found) {
    ;(owner.dates ??= []).push(found)
    return true
  },
}

/** G62 as a list, for any node that has `dates`. */
export const days = on<{ dates?: DateEntry[] }>().view(
  dayView,
  () => ({ type: '', value: '' }),
  {},
  [entry.spread([1, 2, 3, 4, 5], dayEntry)],
)

/** G62 36 of a line: when its lots expire. */
export const expiryDays = on<WithLots>().view(
  expiryView,
  () => ({ value: '' }),
  { when: { 1: '36' } },
  [expiry.at(2, 'value', date)],
)

/** N902 and N903: one of them must be there, and either may be what is referred to. */
const referenceTexts: GroupCodec<Partial<Reference>> = {
  width: 2,
  decode([value = '', description = '']) {
    if (value === '') return { value: description }
    return description === '' ? { value } : { value, description }
  },
  encode: ({ value = '', description = '' }) => [value, description],
}

/** The elements of N9. */
export const referenceTo = [
  reference.at(1, 'type', code(REFERENCE)),
  reference.spread([2, 3], referenceTexts),
  reference.group([4, 5, 6], 'date', moment),
]

/** N9 as a list, for any node that has `references`; those that are elements of other segments are written there. */
export const numbers = on<{ references?: Reference[] }>().each(
  'references',
  () => ({ type: '', value: '' }),
  { only: (found) => !isElsewhere(found) },
  referenceTo,
)

/** NTE as a list, for any node that has `notes`. */
export const notes = on<{ notes?: Note[] }>().each('notes', () => ({ text: '' }), {}, [
  note.at(1, 'topic', code(NOTE_TOPIC)),
  note.at(2, 'text', text),
])

/** A reference that is an element of another segment: kept in the list with the place it came at. */
export const referenceAt = (id: string, type: string): Through<WithReferences, string> => ({
  get: ({ references = [] }) => references.find((found) => cameAt(found, 'x12', id))?.value,
  set(node, value) {
    const found: Reference = { type, value }
    noteAt(found, 'x12', id)
    ;(node.references ??= []).push(found)
  },
})
interface WithReferences {
  references?: Reference[]
}
const isElsewhere = (found: Reference) => extrasOf(found, 'x12')?.['at'] !== undefined

/** Weight, what it is and its unit (188), once or several times ⇄ the weights of a line. */
export function lineWeights(times: number): GroupCodec<Weight[]> {
  const plain = quantity(WEIGHT_UNIT)
  return {
    width: 3 * times,
    decode(texts, report) {
      const weights: Weight[] = []
      for (let n = 0; n < texts.length; n += 3) {
        const [value = '', kind = '', unit = ''] = texts.slice(n)
        const word = WEIGHT_KIND.word(kind)
        const found = value === '' || unit === '' ? undefined : plain.decode([value, unit], report)
        if (found !== undefined && isWeightKind(word)) weights.push({ ...found, kind: word })
      }
      return weights.length === 0 ? undefined : weights
    },
    encode(weights, _kept, report) {
      const texts: string[] = []
      for (const weight of weights.slice(0, times)) {
        const written = plain.encode(weight, [], report)
        const kind = WEIGHT_KIND.code(weight.kind)
        if (written === undefined || kind === undefined) return undefined
        texts.push(written[0]!, kind, written[1]!)
      }
      return texts
    },
  }
}

const isWeightKind = (word: string | undefined): word is Weight['kind'] =>
  word !== undefined && !word.startsWith('x12:')

/** Case number of 12 digits (438) as an article number, with its scheme. */
const CASE = 'upcCase'

/** Texts of a case number and of pairs of qualifier and number, in the order in which they become article numbers. */
export function articles(texts: readonly string[], report: Report): ProductId[] {
  const [caseNumber = '', ...pairs] = texts
  const ids: ProductId[] = caseNumber === '' ? [] : [{ scheme: CASE, value: caseNumber }]
  for (let n = 0; n < pairs.length; n += 2) {
    const [qualifier = '', value = ''] = pairs.slice(n)
    const scheme = qualifier === '' ? undefined : ARTICLE.word(qualifier)
    if (scheme === undefined || value === '') continue
    const id: ProductId = { scheme, value }
    keepCode(id, 'x12', ARTICLE, scheme, qualifier)
    checkProductId(id, report, n + 2)
    ids.push(id)
  }
  return ids
}

/** The same backwards; undefined where an article number has no qualifier or no place. */
export function articleTexts(
  ids: readonly ProductId[],
  pairs: number,
  report: Report,
): string[] | undefined {
  const texts = ['']
  for (const id of ids) {
    if (id.scheme === CASE && texts[0] === '') {
      texts[0] = id.value
      continue
    }
    const qualifier = codeFor(id, 'x12', ARTICLE, id.scheme)
    if (qualifier === undefined || texts.length > 2 * pairs) return undefined
    checkProductId(id, report, texts.length + 1)
    texts.push(qualifier, id.value)
  }
  while (texts.length <= 2 * pairs) texts.push('')
  return texts
}

/** Element 451 holds 12 characters. */
const MAX_LOT = 12

/** The two places of a lot number, as `extras.x12.at` names them: the line's own element (451), and N9 LT. */
export interface LotPlaces {
  readonly element: string
  readonly segment: string
}

/** The element with the line's lot number: told there when it is the line's only lot and fits. */
export const onlyLot = (places: LotPlaces): Through<WithLots, string> => ({
  get: (line) => lotInElement(line, places),
  set(line, lot) {
    line.lots = [{ lot }]
  },
})

function lotInElement(line: WithLots, { element, segment }: LotPlaces): string | undefined {
  const { lots = [] } = line
  const lot = lots[0]?.lot
  if (lot === undefined || lot.length > MAX_LOT || cameAt(line, 'x12', segment)) return undefined
  return cameAt(line, 'x12', element) || lots.every((other) => other.lot === lot) ? lot : undefined
}

/** N9 LT and SE of a line, without the lot that stands in an element of its own. */
export function lotsAndSerials(places: LotPlaces) {
  const view: View<WithLots, LotOrSerial> = {
    split(line) {
      const own = lotInElement(line, places)
      return lotView.split(line).filter(({ kind, value }) => kind !== 'LT' || value !== own)
    },
    join(line, item, nth) {
      const hasLots = (line.lots ?? []).length > 0
      if (!lotView.join(line, item, nth)) return false
      if (item.kind === 'LT') {
        if (!hasLots) noteAt(line, 'x12', places.segment)
        else if (!cameAt(line, 'x12', places.segment)) noteAt(line, 'x12', places.element)
      }
      return true
    },
  }
  return on<WithLots>().view(
    view,
    () => ({ kind: '', value: '' }),
    { when: { 1: ['LT', 'SE'] }, name: 'LT' },
    [lotOrSerial.at(1, 'kind', text), lotOrSerial.at(2, 'value', text)],
  )
}

/** LM: codes of some industry's list. */
export const industryCodes = keptLoop('LM', 10, [kept('LQ', 100, 'M')])

/** What a document begins with whose set has no date of its own: the date of its group, else of the interchange. */
export const datedByGroup =
  (body: () => Node): TransactionMap['create'] =>
  ({ group: { date, time }, interchange }) => ({
    documentDate: envelopeDate(date, time) ?? envelopeDate(interchange.date, interchange.time),
    body: body(),
  })
