// Element codecs: how the text of one or several elements becomes one canonical value and the text again. A codec
// gives undefined for what it cannot read; the engine then keeps the text, so nothing is lost, and the dictionary
// has already said what is wrong with its form. A codec reports only what it alone knows (codes, check digits).
import { gs1CheckDigit, hasGs1CheckDigit } from './check-digit.js'
import type { CodeList } from './code-list.js'
import type { IssueCode } from './issue.js'
import type { Static } from '@sinclair/typebox'
import type { ProductId, Quantity, Weight as WeightSchema } from './canonical/values.js'

type Weight = Static<typeof WeightSchema>

/** Tells a finding about the value being read or written; `at` counts the codec's own elements from 0. */
export type Report = (
  code: IssueCode,
  about: {
    readonly text: string
    readonly value?: string
    readonly expected?: string
    readonly at?: number
  },
) => void

/** One element ⇄ one value. */
export interface Codec<V> {
  /** Reference number of the element: the key of `extras` under which a code that is not preferred is kept. */
  readonly ref?: string
  /** The finding when a value the document needs cannot be read; default `code-invalid`. */
  readonly unreadable?: IssueCode
  /** `text` is never empty. */
  decode(text: string, report: Report): V | undefined
  /** Undefined: the value cannot be said in this element. */
  encode(value: V): string | undefined
  /** Whether `encode(decode(text))` gives `text` again; known more cheaply than by trying. */
  exact?(text: string, value: V): boolean
}

/** Several elements ⇄ one value. Texts are in the order of the field's positions, `''` where empty. */
export interface GroupCodec<V> {
  readonly width: number
  /** Reference numbers as in `Codec.ref`, for the positions that hold codes. */
  readonly refs?: readonly (string | undefined)[]
  readonly unreadable?: IssueCode
  decode(texts: readonly string[], report: Report): V | undefined
  /** `kept`: codes to be used instead of the preferred ones, where they mean the same. */
  encode(
    value: V,
    kept: readonly (string | undefined)[],
    report: Report,
  ): readonly string[] | undefined
  exact?(texts: readonly string[], value: V): boolean
}

/** Nothing is reported: for trying whether a text means a value. */
export const SILENT: Report = () => {}

const SPACE = 32

/** Text (type AN): as sent, without leading and trailing blanks. */
export const text: Codec<string> = {
  decode(value) {
    if (value.charCodeAt(0) !== SPACE && value.charCodeAt(value.length - 1) !== SPACE) return value
    const trimmed = value.trim()
    return trimmed === '' ? undefined : trimmed
  },
  encode: (value) => value,
  exact: (text, value) => text === value,
}

/** A code of a list ⇄ its canonical word. An unknown code of an open list becomes `x12:<code>`. */
export function code<W extends string = string>(list: CodeList): Codec<W> {
  return {
    ref: list.element,
    decode(value, report) {
      const word = list.word(value)
      if (word === undefined && list.has(value)) {
        const text = `${list.title}: ${value} (${list.meaning(value)}) has no canonical word.`
        report('code-not-mapped', { text, value })
      }
      return word as W | undefined
    },
    encode: (word) => list.code(word),
    exact: (text) => list.isUsual(text),
  }
}

/** A code that may be left out, which means `usual`; so does one that cannot be read, which is kept and told elsewhere. */
export function optionalCode<W extends string>(list: CodeList, usual: W): GroupCodec<W> {
  const plain = code<W>(list)
  return {
    width: 1,
    refs: [list.element],
    decode: ([text = ''], report) => plain.decode(text, report) ?? usual,
    encode(word) {
      const text = word === usual ? '' : plain.encode(word)
      return text === undefined ? undefined : [text]
    },
  }
}

/** The same for values that code gets and sets; the code that came is written again while it means the word. */
export function codeElement<W extends string = string>(list: CodeList): GroupCodec<W> {
  const plain = code<W>(list)
  return {
    width: 1,
    refs: [list.element],
    decode: ([value = ''], report) => plain.decode(value, report),
    encode(word, [kept]) {
      const value = kept !== undefined && list.word(kept) === word ? kept : list.code(word)
      return value === undefined ? undefined : [value]
    },
    exact: ([value = '']) => list.isUsual(value),
  }
}

/** Whether a text is digits only, at least one. */
function isDigits(value: string): boolean {
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at)
    if (code < 48 || code > 57) return false
  }
  return value !== ''
}

const PLAIN = /^-?(0|[1-9]\d*)(\.\d+)?$/
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:E([+-]?\d{1,2}))?$/

/** Canonical decimal of a number with an explicit point (type R), e.g. `.5` → `0.5`; undefined when it is none. */
export function decimalOf(value: string): string | undefined {
  if ((value.charCodeAt(0) !== 48 || value === '0') && isDigits(value)) return value
  if (PLAIN.test(value)) return value
  const match = NUMBER.exec(value)
  if (match === null) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const shift = Number(exponent)
  const digits = whole + fraction
  const point = whole.length + shift
  const padded = digits.padStart(digits.length + Math.max(0, -point), '0').padEnd(point, '0')
  const cut = Math.max(0, point)
  const integer = padded.slice(0, cut).replace(/^0+(?=\d)/, '') || '0'
  const rest = padded.slice(cut)
  return (sign === '-' ? '-' : '') + integer + (rest === '' ? '' : `.${rest}`)
}

/** Type R as X12.6 wants it written: no zero before the point. */
const real = (value: string) => value.replace(/^(-?)0\./, '$1.')

/** Whether a number was sent as it will be written. */
const isReal = (text: string, value: string): boolean =>
  text === value &&
  (value.charCodeAt(1) !== POINT || value.charCodeAt(0) !== ZERO) &&
  value.charCodeAt(0) !== MINUS

const MINUS = 45
const POINT = 46
const ZERO = 48

/** A number with explicit decimal point (type R) ⇄ canonical decimal. */
export const decimal: Codec<string> = {
  decode: decimalOf,
  encode: real,
  exact: isReal,
}

/** A number with `places` implied decimals (types N0..N9) ⇄ canonical decimal: N2 `1250` ⇄ `12.50`. */
export function implied(places: number): Codec<string> {
  return {
    decode(value) {
      if (!/^-?\d+$/.test(value)) return undefined
      const sign = value.startsWith('-') ? '-' : ''
      const digits = value.slice(sign.length).padStart(places + 1, '0')
      const whole = digits.slice(0, digits.length - places).replace(/^0+(?=\d)/, '')
      return sign + whole + (places === 0 ? '' : `.${digits.slice(digits.length - places)}`)
    },
    encode(value) {
      const [whole = '', fraction = ''] = value.split('.')
      if (/[^0]/.test(fraction.slice(places))) return undefined
      const digits = whole + fraction.slice(0, places).padEnd(places, '0')
      return digits.replace(/^(-?)0+(?=\d)/, '$1')
    },
  }
}

/** A whole number ⇄ number. */
export const integer: Codec<number> = {
  decode: (value) => (/^\d{1,15}$/.test(value) ? Number(value) : undefined),
  encode: (value) => String(value),
  exact: (text) => text.charCodeAt(0) !== ZERO,
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const twoDigits = (value: string, at: number) =>
  value.charCodeAt(at) * 10 + value.charCodeAt(at + 1) - 528

/** Days as they are written, by their number CCYYMMDD: the same few come again and again, and making one costs 100 ns. */
const DAYS_KEPT = 1024
const dayNumbers = new Int32Array(DAYS_KEPT)
const dayTexts = Array.from({ length: DAYS_KEPT }, () => '')

/** CCYYMMDD → `YYYY-MM-DD`; undefined when there is no such day. */
export function dateOf(value: string): string | undefined {
  if (value.length !== 8) return undefined
  let number = 0
  for (let at = 0; at < 8; at++) {
    const digit = value.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) return undefined
    number = number * 10 + digit
  }
  const place = number % DAYS_KEPT
  if (dayNumbers[place] === number && number !== 0) return dayTexts[place]
  const text = dayOf(value)
  if (text === undefined) return undefined
  dayNumbers[place] = number
  dayTexts[place] = text
  return text
}

/** The same of eight digits. */
function dayOf(value: string): string | undefined {
  const month = twoDigits(value, 4)
  const day = twoDigits(value, 6)
  if (day < 1 || day > (DAYS[month - 1] ?? 0)) return undefined
  if (month === 2 && day === 29) {
    const year = Number(value.slice(0, 4))
    if (year % 4 !== 0 || (year % 100 === 0 && year % 400 !== 0)) return undefined
  }
  return `${value.slice(0, 4)}-${value.slice(4, 6)}-${value.slice(6)}`
}

/** HHMM, HHMMSS, HHMMSSD or HHMMSSDD → `HH:MM[:SS[.D]]`; undefined when there is no such time. */
export function timeOf(value: string): string | undefined {
  const { length } = value
  if (length !== 4 && (length < 6 || length > 8)) return undefined
  if (!isDigits(value) || twoDigits(value, 0) > 23 || twoDigits(value, 2) > 59) return undefined
  const time = `${value.slice(0, 2)}:${value.slice(2, 4)}`
  if (length === 4) return time
  if (twoDigits(value, 4) > 59) return undefined
  return `${time}:${value.slice(4, 6)}${length > 6 ? `.${value.slice(6)}` : ''}`
}

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?$/

/** Type DT (CCYYMMDD) ⇄ `YYYY-MM-DD`; of a date with time the date is written. */
export const date: Codec<string> = {
  unreadable: 'date-invalid',
  decode: dateOf,
  encode(value) {
    const match = ISO.exec(value)
    return match === null ? undefined : `${match[1]}${match[2]}${match[3]}`
  },
  exact: () => true,
}

/**
 * Date, time and (with `zones`) time zone code ⇄ one ISO 8601 value. A zone code without a fixed offset (LT, ET) is
 * not part of the value. An offset that cannot be said is dropped: times on the wire are local to the sender.
 */
export function dateTime(zones?: CodeList): GroupCodec<string> {
  return {
    width: zones === undefined ? 2 : 3,
    unreadable: 'date-invalid',
    ...(zones === undefined ? {} : { refs: [undefined, undefined, zones.element] }),
    decode(texts) {
      const day = dateOf(texts[0]!)
      if (day === undefined || texts[1] === '') return day
      const time = timeOf(texts[1]!)
      if (time === undefined) return day
      const zone = zones === undefined || texts[2] === '' ? undefined : zones.word(texts[2]!)
      return `${day}T${time}${zone === undefined || zone.startsWith('x12:') ? '' : zone}`
    },
    encode(value, kept) {
      const match = ISO.exec(value)
      if (match === null) return undefined
      const [, year, month, day, hour, minute, second = '', fraction = '', offset] = match
      const texts = [`${year}${month}${day}`, '', '']
      if (hour === undefined) return texts
      texts[1] = `${hour}${minute}${second}${fraction.slice(0, 2)}`
      if (zones === undefined || offset === undefined) return texts
      const usual = kept[2]
      texts[2] =
        usual !== undefined && zones.word(usual) === offset ? usual : zoneCode(zones, offset)
      return texts
    },
    // A time that is part of the value is written as it was sent.
    exact: (texts, value) => (texts[1] === '' || value.length > 10) && !texts[2],
  }
}

const zoneCode = (zones: CodeList, offset: string) =>
  zones.code(offset === '+00:00' ? 'Z' : offset) ?? ''

/** A quantity in a unit: its canonical code, and the source's own where that would not be written back. */
function quantityOf(
  value: string,
  units: CodeList,
  unit: string,
  at: number,
  report: Report,
): Quantity {
  const coded = units.coded(unit)
  if (coded?.word !== undefined) {
    const { word: uom } = coded
    return coded.isUsual ? { value, uom } : { value, uom, sourceUom: unit }
  }
  const meaning = units.meaning(unit)
  const known = meaning === undefined ? 'is not known' : `means ${meaning}`
  const text = `Unit ${unit} ${known}; it is not converted, only kept as the source's unit.`
  report('code-not-mapped', { text, value: unit, at })
  return { value, uom: UNKNOWN_UNIT, sourceUom: unit }
}

/** Rec 20 `ZZ`, mutually defined: the unit of the source has no canonical code. */
const UNKNOWN_UNIT = 'ZZ'

function unitCode(units: CodeList, value: { uom: string; sourceUom?: string }): string | undefined {
  const { uom, sourceUom } = value
  if (sourceUom !== undefined) {
    const word = units.word(sourceUom)
    if (word === uom || (uom === UNKNOWN_UNIT && (word ?? 'x12:').startsWith('x12:'))) {
      return sourceUom
    }
  }
  return units.code(uom)
}

/** Value (type R) and unit ⇄ Quantity. Without a unit the quantity counts `otherwise` (Rec 20), where that is given. */
export function quantity(units: CodeList, otherwise?: string): GroupCodec<Quantity> {
  return {
    width: 2,
    decode(texts, report) {
      const value = texts[0] === '' ? undefined : decimalOf(texts[0]!)
      if (value === undefined) return undefined
      if (texts[1] === '') return otherwise === undefined ? undefined : { value, uom: otherwise }
      return quantityOf(value, units, texts[1]!, 1, report)
    },
    encode(value) {
      if (value.uom === otherwise) return [real(value.value), '']
      const unit = unitCode(units, value)
      return unit === undefined ? undefined : [real(value.value), unit]
    },
    exact: (texts, { value }) => isReal(texts[0]!, value),
  }
}

/** Weight, unit and weight qualifier ⇄ Weight of one `kind`; another kind is not read, an absent one is this kind. */
export function weight(units: CodeList, kind: Weight['kind'], kinds: CodeList): GroupCodec<Weight> {
  const qualifier = kinds.code(kind)!
  return {
    width: 3,
    decode(texts, report) {
      if (texts[2] !== '' && texts[2] !== qualifier) return undefined
      const value = texts[0] === '' ? undefined : decimalOf(texts[0]!)
      if (value === undefined || texts[1] === '') return undefined
      const { uom, sourceUom } = quantityOf(value, units, texts[1]!, 1, report)
      return sourceUom === undefined ? { value, uom, kind } : { value, uom, sourceUom, kind }
    },
    encode(value) {
      const unit = unitCode(units, value)
      if (unit === undefined || value.kind !== kind) return undefined
      return [real(value.value), unit, qualifier]
    },
    exact: (texts, { value }) => texts[2] === qualifier && isReal(texts[0]!, value),
  }
}

/** Number of packages (N0) and packaging code with its optional material (103: `CTN25`) ⇄ Quantity. */
export function packageCount(forms: CodeList): GroupCodec<Quantity> {
  return {
    width: 2,
    decode(texts) {
      const value = texts[0] === '' ? undefined : decimalOf(texts[0]!)
      if (value === undefined) return undefined
      const form = forms.word(texts[1]!.slice(0, 3))
      return { value, uom: form === undefined || form.startsWith('x12:') ? PACKAGE : form }
    },
    encode(value) {
      if (!/^\d+$/.test(value.value)) return undefined
      return [value.value, forms.code(value.uom) ?? '']
    },
  }
}

/** Rec 21 package of no particular kind. */
const PACKAGE = 'XPK'

/** Packaging code with optional material (103) ⇄ form and material; `otherwise` gives the code of a type of another list. */
export const packagingType = (
  otherwise: (type: PackageType) => string | undefined,
): Codec<PackageType> => ({
  ref: '103',
  decode(value) {
    if (value.length < 3) return undefined
    const material = value.slice(3)
    return {
      code: value.slice(0, 3),
      scheme: 'x12-103',
      ...(material === '' ? {} : { material }),
    }
  },
  encode: (value) =>
    value.scheme === 'x12-103' ? value.code + (value.material ?? '') : otherwise(value),
})
interface PackageType {
  code: string
  scheme: string
  material?: string
}

/**
 * Qualifier and SSCC ⇄ 18 digits. With qualifier `withIdentifier` (X12 GM) the number is written with its application
 * identifier 00; read with and without. Wrong length or check digit is a warning; a wrong length is not read.
 */
export function sscc(marks: CodeList, withIdentifier: string): GroupCodec<string> {
  return {
    width: 2,
    refs: [marks.element, undefined],
    decode(texts, report) {
      const value = texts[1]!
      const number = value.length === 20 && value.startsWith('00') ? value.slice(2) : value
      if (number.length === 18 && hasGs1CheckDigit(number)) return number
      if (number.length !== 18 || !isDigits(number)) {
        if (value !== '') {
          const text = `An SSCC has 18 digits, or 20 with its identifier 00; this has ${value.length} characters.`
          report('check-digit-wrong', { text, value, at: 1, expected: '18 or 20 digits' })
        }
        return undefined
      }
      reportCheckDigit('SSCC', number, value, 1, report)
      return number
    },
    encode(value, kept, report) {
      reportCheckDigit('SSCC', value, value, 1, report)
      const mark = kept[0]
      if (mark !== undefined && mark !== withIdentifier) return [mark, value]
      return [withIdentifier, `00${value}`]
    },
    exact: (texts) => texts[0] === withIdentifier && texts[1]!.length === 20,
  }
}

function reportCheckDigit(
  what: string,
  number: string,
  value: string,
  at: number,
  report: Report,
): void {
  if (hasGs1CheckDigit(number)) return
  const text = `The check digit of this ${what} is wrong.`
  const expected = `${gs1CheckDigit(number.slice(0, -1))} as the last digit, if the others are right`
  report('check-digit-wrong', { text, value, at, expected })
}

const GTIN_LENGTH: ReadonlyMap<string, number> = new Map([
  ['gtin8', 8],
  ['gtin12', 12],
  ['gtin13', 13],
  ['gtin14', 14],
])

/** Reports a GTIN of wrong length or check digit; other article numbers are never wrong. */
export function checkProductId(id: ProductId, report: Report, at = 1): void {
  const { scheme, value } = id
  const length = GTIN_LENGTH.get(scheme)
  if (length === undefined || (value.length === length && hasGs1CheckDigit(value))) return
  if (value.length !== length || !isDigits(value)) {
    const text = `A GTIN of this kind has ${length} digits; this has ${value.length} characters.`
    report('check-digit-wrong', { text, value, at, expected: `${length} digits` })
  } else reportCheckDigit('GTIN', value, value, at, report)
}

/** Adds a code to the extras of a node under the element's reference number, when it is not the preferred one. */
export function keepCode(
  node: { extras?: Record<string, unknown> },
  namespace: string,
  list: CodeList,
  word: string,
  sent: string,
): void {
  if (list.code(word) !== sent) node.extras = { [namespace]: { [list.element]: sent } }
}

/** The code to write for a word: the one kept in the node's extras where it means the word, else the preferred. */
export function codeFor(
  node: { readonly extras?: Record<string, unknown> | undefined },
  namespace: string,
  list: CodeList,
  word: string,
): string | undefined {
  const kept = (node.extras?.[namespace] as Record<string, unknown> | undefined)?.[list.element]
  return typeof kept === 'string' && list.word(kept) === word ? kept : list.code(word)
}
