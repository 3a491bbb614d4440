// Dates and times as people write them, so that nobody takes the month for the day.

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/**
 * ISO 8601 `2025-12-30T14:15:00+01:00` → `30 December 2025, 14:15 (UTC+01:00)`; a date stays a date. `tz` is the zone word
 * of the source where it gave no offset: `America/New_York` → `(New York time)`. What is no ISO date stays as it is.
 */
export function dateText(iso: string, tz?: string): string
export function dateText(iso: string | undefined, tz?: string): string | undefined
export function dateText(iso: string | undefined, tz?: string): string | undefined {
  if (iso === undefined) return undefined
  const parts =
    /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}:\d{2})(?::00)?(:\d{2})?\S*?(Z|[+-]\d{2}:\d{2})?)?$/
  const [, year, month, day, time, seconds = '', offset] = parts.exec(iso) ?? []
  const name = MONTHS[Number(month) - 1]
  if (year === undefined || name === undefined) return iso
  const date = `${Number(day)} ${name} ${year}`
  if (time === undefined) return date
  return `${date}, ${time}${seconds}${zoneText(offset, tz)}`
}

function zoneText(offset: string | undefined, tz: string | undefined): string {
  // A minus sign, since lines are broken behind a hyphen.
  if (offset !== undefined) return ` (UTC${offset === 'Z' ? '' : offset.replace('-', '\u2212')})`
  if (tz === undefined) return ''
  // IANA names end with the place whose clocks they tell.
  const place = tz.split('/').at(-1)?.replaceAll('_', ' ')
  return ` (${tz === 'LT' ? 'local time' : `${place} time`})`
}
