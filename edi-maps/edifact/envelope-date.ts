// Dates of the envelope, which have no format qualifier.
import { dateOf, timeOf } from '../elements.js'

const CENTURY_WINDOW = 50

/** CCYYMMDD of a date as syntax versions 1 to 3 (YYMMDD) and 4 have it. */
export function fullDate(value: string): string {
  if (value.length !== 6) return value
  return (Number(value.slice(0, 2)) < CENTURY_WINDOW ? '20' : '19') + value
}

/** ISO 8601 of an envelope's date and time (S004); undefined when there is no such day. */
export function envelopeDate(date = '', time = ''): string | undefined {
  const day = dateOf(fullDate(date))
  const clock = timeOf(time)
  return day === undefined || clock === undefined ? day : `${day}T${clock}`
}
