// Element codecs of EDIFACT's own: dates with their format (DTM), numbers, quantities with unit. See ../elements.ts.
import type { Quantity } from '../canonical/values.js'
import { dateOf, decimalOf, timeOf, type Codec, type GroupCodec } from '../elements.js'
import { fullDate } from './envelope-date.js'

/** A number (type n, or a quantity of type an) ⇄ canonical decimal. Point and comma are read, a point is written. */
export const number: Codec<string> = {
  unreadable: 'number-invalid',
  decode: (value) =>
    /^-?\d+(?:[.,]\d+)?$/.test(value) ? decimalOf(value.replace(',', '.')) : undefined,
  encode: (value) => value,
}

/** UN/ECE Rec 20: a piece. EDIFACT leaves the unit out where pieces are counted. */
const PIECE = 'C62'

/** Value and unit (6411, Rec 20) ⇄ Quantity. Without a unit it counts pieces; pieces are written without unit. */
export const quantity: GroupCodec<Quantity> = {
  width: 2,
  refs: [undefined, '6411'],
  unreadable: 'number-invalid',
  decode([value = '', unit = ''], report) {
    const amount = value === '' ? undefined : number.decode(value, report)
    if (amount === undefined) return undefined
    return { value: amount, uom: unitOf(unit) }
  },
  encode({ value, uom }, [, kept]) {
    if (kept !== undefined && unitOf(kept) === uom) return [value, kept]
    return [value, uom === PIECE ? '' : uom]
  },
}

/** Rec 20: mutually defined. A text too long for a unit is kept as it came. */
const UNKNOWN_UNIT = 'ZZ'
const MAX_UNIT = 3

function unitOf(unit: string): string {
  if (PIECES.has(unit)) return PIECE
  return unit.length > MAX_UNIT ? UNKNOWN_UNIT : (PACKAGES[unit] ?? unit)
}

/** Packages as units, told by older revisions of Rec 20 without the X of Rec 21. */
const PACKAGES: Readonly<Record<string, string>> = {
  BG: 'XBG',
  BX: 'XBX',
  CS: 'XCS',
  CT: 'XCT',
  DR: 'XDR',
  PF: 'XPX',
  PK: 'XPK',
  PX: 'XPX',
  RL: 'XRL',
}

/** Ways to say piece. */
const PIECES: ReadonlySet<string> = new Set(['', 'PCE', 'C62'])

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/

/** Parts of a date and time, each two digits but the year's four; absent where a format does not say them. */
interface Moment {
  readonly year: string
  readonly month: string
  readonly day: string
  readonly hour?: string
  readonly minute?: string
  readonly second?: string
  /** `+02:00`. */
  readonly offset?: string
}

/** Pattern letters: C century and year, Y year of the century, M month, D day, h hour, m minute, s second, z offset. */
const FORMATS: Readonly<Record<string, string>> = {
  '2': 'DDMMYY',
  '3': 'MMDDYY',
  '4': 'DDMMCCCC',
  '101': 'YYMMDD',
  '102': 'CCCCMMDD',
  '201': 'YYMMDDhhmm',
  '202': 'YYMMDDhhmmss',
  '203': 'CCCCMMDDhhmm',
  '204': 'CCCCMMDDhhmmss',
  '205': 'CCCCMMDDhhmmzzzzz',
}
/** Whether a format (2379) says a date or a moment, not a period or a part of a year. */
export const isMomentFormat = (format: string): boolean => format in FORMATS

/** How a moment of a format is written, in the letters of its code list: `CCYYMMDDHHMM`. */
export const momentForm = (format: string): string =>
  (FORMATS[format] ?? '').replace('CCCC', 'CCYY').replace('zzzzz', 'ZHHMM').toUpperCase()

/** Without a format the length tells it. */
const BY_LENGTH: Readonly<Record<number, string>> = { 6: '101', 8: '102', 12: '203', 14: '204' }

/**
 * Value and format (2380, 2379) ⇄ ISO 8601: a date, a local date and time, or one with offset. A period, a week or a
 * month is no moment and is not read. A format other than the usual ones (102, 203, 204) is written again as it came.
 */
export const moment: GroupCodec<string> = {
  width: 2,
  refs: [undefined, '2379'],
  unreadable: 'date-invalid',
  decode([value = '', format = '']) {
    const pattern = FORMATS[format === '' ? (BY_LENGTH[value.length] ?? '') : format]
    if (pattern === undefined || pattern.length !== value.length) return undefined
    const part = (letter: string) => {
      const from = pattern.indexOf(letter)
      return from < 0 ? undefined : value.slice(from, pattern.lastIndexOf(letter) + 1)
    }
    const year = part('C') ?? fullDate(`${part('Y')}0101`).slice(0, 4)
    const day = dateOf(`${year}${part('M')}${part('D')}`)
    const hour = part('h')
    if (day === undefined || hour === undefined) return day
    const time = timeOf(`${hour}${part('m')}${part('s') ?? ''}`)
    if (time === undefined) return undefined
    const zone = part('z')
    if (zone === undefined) return `${day}T${time}`
    if (!/^[+-]\d{4}$/.test(zone)) return undefined
    return `${day}T${time}${zone.slice(0, 3)}:${zone.slice(3)}`
  },
  encode(value, [, kept]) {
    const moment = partsOf(value)
    if (moment === undefined) return undefined
    const usual = moment.hour === undefined ? '102' : moment.second === undefined ? '203' : '204'
    const format = kept !== undefined && FORMATS[kept] !== undefined ? kept : usual
    const written = write(moment, FORMATS[format]!) ?? write(moment, FORMATS[usual]!)
    return written === undefined ? undefined : [written, format]
  },
}

function partsOf(value: string): Moment | undefined {
  const match = ISO.exec(value)
  if (match === null) return undefined
  const [, year = '', month = '', day = '', hour, minute, second, zone] = match
  const offset = zone === 'Z' ? '+00:00' : zone
  return {
    year,
    month,
    day,
    ...(hour === undefined || minute === undefined ? {} : { hour, minute }),
    ...(second === undefined ? {} : { second }),
    ...(offset === undefined ? {} : { offset }),
  }
}

/** Undefined when the pattern says a part that is not there. */
function write(
  { year, month, day, hour, minute, second, offset }: Moment,
  pattern: string,
): string | undefined {
  const parts: Readonly<Record<string, string | undefined>> = {
    C: year,
    Y: year.slice(2),
    M: month,
    D: day,
    h: hour,
    m: minute,
    s: second,
    z: offset?.replace(':', ''),
  }
  let text = ''
  for (const run of pattern.match(/(.)\1*/g) ?? []) {
    const part = parts[run.charAt(0)]
    if (part === undefined) return undefined
    text += part
  }
  return text
}

/** The same as a date: a time is no part of the value. */
export const localDate: GroupCodec<string> = {
  width: 2,
  unreadable: 'date-invalid',
  decode: (texts, report) => moment.decode(texts, report)?.slice(0, 'YYYY-MM-DD'.length),
  encode: (value, kept, report) => moment.encode(value, kept, report),
}
