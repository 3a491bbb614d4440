// The time zone an agreement names: times of the partner's documents that bear no zone of their own are read and
// written in it. It changes a map's table once, when the map is loaded.
import type { Codec, GroupCodec } from './elements.js'
import type { Slot, TransactionMap } from './map.js'
import { nearest } from './nearest.js'

/** What is wrong with the name of a zone (IANA, `Europe/Berlin`); undefined when it is one. */
export function zoneProblem(zone: string): string | undefined {
  try {
    // Offsets (`+01:00`) are no zones to all versions of Node, and wrong for half of the year.
    if (/^[A-Za-z]/.test(zone)) {
      formatOf(zone)
      return undefined
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  const meant = nearest(zone, Intl.supportedValuesOf('timeZone'))
  return `is no time zone${meant === undefined ? '' : `; nearest: ${meant}`}`
}

/**
 * The table with every date and time of several elements read and written in a zone: a local time gets the offset the
 * zone has then, a time with offset is written as the zone's local time. A date stays a date, and a time beside a zone
 * code of its own (X12 623, `LT` too) is left alone.
 */
export const inTimeZone = (map: TransactionMap, zone: string): TransactionMap => ({
  ...map,
  create(envelope) {
    const document = map.create(envelope)
    const { documentDate } = document
    // Where the set has no date of its own, that of the envelope, which is local too.
    return typeof documentDate === 'string'
      ? { ...document, documentDate: withOffset(documentDate, zone) }
      : document
  },
  body: zonedSlots(map.body, zone),
})

/** CCYYMMDDHHMM and further digits of an ISO 8601 instant, as the clocks of a zone show it; by default in UTC. */
export function clockDigits(now: string, zone?: string): string {
  const utc = new Date(now).toISOString()
  return (zone === undefined ? utc : localTime(utc, zone)).replace(/\D/g, '')
}

const zonedSlots = (slots: readonly Slot[], zone: string): Slot[] =>
  slots.map((slot) => ({
    ...slot,
    ...(slot.body === undefined ? {} : { body: zonedSlots(slot.body, zone) }),
    ...(slot.hierarchy === undefined
      ? {}
      : {
          hierarchy: {
            ...slot.hierarchy,
            levels: Object.fromEntries(
              Object.entries(slot.hierarchy.levels).map(([level, body]) => [
                level,
                zonedSlots(body, zone),
              ]),
            ),
          },
        }),
    bindings: slot.bindings.map((binding) => ({
      ...binding,
      fields: binding.fields.map((field) =>
        'codec' in field && isMoment(field.codec)
          ? { ...field, codec: zoned(field.codec, zone) }
          : field,
      ),
      ...(binding.body === undefined ? {} : { body: zonedSlots(binding.body, zone) }),
    })),
  }))

/** One element alone says a date without time. */
const isMoment = (codec: Codec<unknown> | GroupCodec<unknown>): codec is GroupCodec<unknown> =>
  'width' in codec && codec.unreadable === 'date-invalid'

/** X12 element of a time zone code. */
const ZONE_ELEMENT = '623'

function zoned(codec: GroupCodec<unknown>, zone: string): GroupCodec<unknown> {
  const own = codec.refs?.indexOf(ZONE_ELEMENT) ?? -1
  const saysZone = (texts: readonly (string | undefined)[]) => (texts[own] ?? '') !== ''
  return {
    ...codec,
    decode(texts, report) {
      const value = codec.decode(texts, report)
      return saysZone(texts) ? value : timesOf(value, (time) => withOffset(time, zone))
    },
    encode: (value, kept, report) =>
      codec.encode(
        saysZone(kept) ? value : timesOf(value, (time) => localTime(time, zone)),
        kept,
        report,
      ),
  }
}

/** A value, or the values of a node, with its times changed. */
function timesOf(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, typeof one === 'string' ? change(one) : one]),
  )
}

const LOCAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/
const WITH_OFFSET = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d)$/
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/**
 * A local time with the offset the zone has then. Of an hour that comes twice the first is meant; one that clocks leave
 * out is told as if they had not been changed yet. Anything else is given back as it is.
 */
export function withOffset(time: string, zone: string): string {
  const local = LOCAL.test(time) ? Date.parse(`${time}Z`) : NaN
  if (Number.isNaN(local)) return time
  const before = offsetAt(local - DAY, zone)
  const after = offsetAt(local + DAY, zone)
  const holds = (minutes: number) => offsetAt(local - minutes * MINUTE, zone) === minutes
  return time + offsetText(holds(before) || !holds(after) ? before : after)
}

/** The zone's local time of a time with offset; anything else is given back as it is. */
export function localTime(time: string, zone: string): string {
  const [, minute = '', second = '', fraction = '', offset = ''] = WITH_OFFSET.exec(time) ?? []
  const instant = minute === '' ? NaN : Date.parse(`${minute}${offset}`)
  if (Number.isNaN(instant)) return time
  const local = new Date(instant + offsetAt(instant, zone) * MINUTE).toISOString()
  return local.slice(0, 'YYYY-MM-DDTHH:MM'.length) + second + fraction
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Throws RangeError for a zone there is not. */
function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    formats.set(zone, format)
  }
  return format
}

/** Minutes a zone is ahead of universal time at an instant. */
function offsetAt(instant: number, zone: string): number {
  const name = formatOf(zone)
    .formatToParts(instant)
    .find(({ type }) => type === 'timeZoneName')
  const [, sign = '+', hours = '0', minutes = '0'] =
    /^GMT([+-])(\d\d):(\d\d)/.exec(name?.value ?? '') ?? []
  return Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes))
}

function offsetText(minutes: number): string {
  if (minutes === 0) return 'Z'
  const two = (n: number) => String(n).padStart(2, '0')
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}
