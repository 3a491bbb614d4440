// Element codecs only shipment statuses use: what happened (AT7), when and in which zone, where (MS1), how much (AT8).
import type { Static } from '@sinclair/typebox'
import type { StatusEvent } from '../../canonical/shipment-status.js'
import type { Weight as WeightSchema } from '../../canonical/values.js'
import { dateTime, quantity, type GroupCodec } from '../../elements.js'
import { eventOf, reasonCode, reportCoarser, wordsOf } from '../../status-event.js'
import {
  APPOINTMENT_STATUS,
  SHIPMENT_STATUS,
  STATUS_REASON,
  WEIGHT_KIND,
  WEIGHT_UNIT,
  ZONE,
} from '../codes.js'

type Weight = Static<typeof WeightSchema>

/** Reasons that say there is none; 004010 wants a reason beside every status (P0102, P0304). */
const NORMAL_STATUS = 'NS'
const NORMAL_APPOINTMENT = 'NA'

/** AT701 to AT704: status with its reason, or appointment with its reason ⇄ status, milestone, kind and reason. */
export function statusAndReason(release: '004010' | '005010'): GroupCodec<Partial<StatusEvent>> {
  const needsReason = release === '004010'
  const word = (code: string) => (code === '' ? undefined : STATUS_REASON.word(code))
  return {
    width: 4,
    refs: ['1650', '1651', '1652', undefined],
    decode([status = '', reason = '', appointment = '', appointmentReason = ''], report) {
      if (status !== '') return eventOf(SHIPMENT_STATUS, status, word(reason), report, 0)
      if (appointment === '') return undefined
      const why = word(appointmentReason)
      return eventOf(APPOINTMENT_STATUS, appointment, why, report, 2, 'planned')
    },
    encode(event, _kept, report) {
      for (const told of wordsOf(event)) {
        const code = SHIPMENT_STATUS.code(told)
        const appointment = code === undefined ? APPOINTMENT_STATUS.code(told) : undefined
        if (code === undefined && appointment === undefined) continue
        reportCoarser(event, told, report)
        const normal = code === undefined ? NORMAL_APPOINTMENT : NORMAL_STATUS
        const reason = reasonCode(STATUS_REASON, event.reason, report, 1)
        const why = reason ?? (needsReason ? normal : '')
        return code !== undefined ? [code, why, '', ''] : ['', '', appointment!, why]
      }
      return undefined
    },
  }
}

/** Zones that change their offset over the year: IANA names. LT is the local time of the place, whatever its zone. */
const ZONES_BY_NAME: Readonly<Record<string, string>> = {
  LT: 'LT',
  ET: 'America/New_York',
  CT: 'America/Chicago',
  MT: 'America/Denver',
  PT: 'America/Los_Angeles',
  TT: 'America/Halifax',
  NT: 'America/St_Johns',
  AT: 'America/Anchorage',
  HT: 'Pacific/Honolulu',
}

const moment = dateTime(ZONE)

/** AT705 to AT707 ⇄ `occurredAt`, with its offset or beside the zone's name. */
export const momentAndZone: GroupCodec<Pick<StatusEvent, 'occurredAt' | 'tz'>> = {
  width: 3,
  refs: [undefined, undefined, '623'],
  unreadable: 'date-invalid',
  decode(texts, report) {
    const occurredAt = moment.decode(texts, report)
    if (occurredAt === undefined) return undefined
    const tz = occurredAt.includes('T') ? ZONES_BY_NAME[texts[2]!] : undefined
    return { occurredAt, ...(tz === undefined ? {} : { tz }) }
  },
  encode({ occurredAt, tz }, kept, report) {
    if (occurredAt === undefined) return ['', '', '']
    const texts = moment.encode(occurredAt, kept, report)
    if (texts === undefined || texts[1] === '' || texts[2] !== '') return texts
    const [zone = ''] = Object.entries(ZONES_BY_NAME).find(([, name]) => name === tz) ?? []
    return [texts[0]!, texts[1]!, zone]
  },
}

/** DDDMMSS and its direction ⇄ decimal degrees of five places. Without a direction it is not read. */
export function degrees(positive: 'E' | 'N', negative: 'W' | 'S'): GroupCodec<string> {
  return {
    width: 2,
    decode([value = '', direction = '']) {
      const match = /^(\d{3})([0-5]\d)([0-5]\d)$/.exec(value)
      if (match === null || (direction !== positive && direction !== negative)) return undefined
      const [, degree, minute, second] = match.map(Number) as [number, number, number, number]
      const size = degree + minute / 60 + second / 3600
      return (direction === negative ? -size : size).toFixed(5).replace(/^-(0\.0+)$/, '$1')
    },
    encode(value) {
      const seconds = Math.round(Math.abs(Number(value)) * 3600)
      if (!Number.isFinite(seconds) || seconds > 180 * 3600) return undefined
      const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
      const [degree = 0, minute = 0, second = 0] = parts
      const text = String(degree).padStart(3, '0') + two(minute) + two(second)
      return [text, value.startsWith('-') ? negative : positive]
    },
  }
}

const two = (n: number) => String(n).padStart(2, '0')

const measured = quantity(WEIGHT_UNIT)

/** Weight, its unit of one letter and its qualifier ⇄ Weight. */
export const ladingWeight: GroupCodec<Weight> = {
  width: 3,
  decode(texts, report) {
    const kind = WEIGHT_KIND.word(texts[2]!) as Weight['kind'] | undefined
    if (kind === undefined || !WEIGHT_KIND.has(texts[2]!)) return undefined
    const value = measured.decode(texts, report)
    return value === undefined ? undefined : { ...value, kind }
  },
  encode(value, kept, report) {
    const texts = measured.encode(value, kept, report)
    const kind = WEIGHT_KIND.code(value.kind)
    return texts === undefined || kind === undefined ? undefined : [...texts, kind]
  },
}

/** Two lines of K1 ⇄ one text with a line break. */
export const twoLines: GroupCodec<string> = {
  width: 2,
  decode: ([first = '', second = '']) =>
    first === '' ? undefined : second === '' ? first : `${first}\n${second}`,
  encode(value) {
    const [first = '', second = '', ...more] = value.split('\n')
    return more.length > 0 || first === '' ? undefined : [first, second]
  },
}

/** Up to four seal numbers ⇄ list. */
export const fourSeals: GroupCodec<string[]> = {
  width: 4,
  decode: (texts) => texts.filter((text) => text !== ''),
  encode: (seals) => (seals.length > 4 ? undefined : [...seals, '', '', '', ''].slice(0, 4)),
}
