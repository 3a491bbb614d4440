// DTM as a list of dates, for any node that has `dates`.
import type { DateEntry } from '../../canonical/values.js'
import { code, dateTime } from '../../elements.js'
import { on } from '../../map.js'
import { DATE_KIND, ZONE } from '../codes.js'

const entry = on<DateEntry>()

/** Date, time and time zone as one value. */
export const moment = dateTime(ZONE)
export const newDate = (): DateEntry => ({ type: '', value: '' })
export const dateFields = [
  entry.at(1, 'type', code(DATE_KIND)),
  entry.group([2, 3, 4], 'value', moment),
]

export const dates = on<{ dates?: DateEntry[] }>().each(
  'dates',
  newDate,
  { needs: ['value'] },
  dateFields,
)
