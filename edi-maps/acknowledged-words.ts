// What an acknowledgement says of a finding, in words.
import { CODE_LISTS as EDIFACT_LISTS } from './edifact/codes.js'
import type { Issue } from './issue.js'
import { CODE_LISTS as X12_LISTS } from './x12/codes.js'

type Level = NonNullable<Issue['ack']>['level']
type Place = readonly [at: string, list: string]

const LISTS = new Map([...X12_LISTS, ...EDIFACT_LISTS])
const INTERCHANGE: Place = ['TA105', 'I18']
const GROUP: Place = ['AK905', '716']

/** Element that carries the code and the list it is of, by type and level. */
const PLACES: Readonly<Record<string, Readonly<Record<Level, Place>>>> = {
  997: {
    interchange: INTERCHANGE,
    group: GROUP,
    transaction: ['AK502', '718'],
    segment: ['AK304', '720'],
    element: ['AK403', '723'],
  },
  999: {
    interchange: INTERCHANGE,
    group: GROUP,
    transaction: ['IK502', '618'],
    segment: ['IK304', '620'],
    element: ['IK403', '621'],
  },
  contrl: {
    interchange: ['UCI', '0085'],
    group: ['UCF', '0085'],
    transaction: ['UCM', '0085'],
    segment: ['UCS', '0085'],
    element: ['UCD', '0085'],
  },
}

/** `AK403 6: a character that may not be used`; undefined where the acknowledgement of that type does not tell it. */
export function acknowledgedWords({ ack }: Pick<Issue, 'ack'>, type: string): string | undefined {
  if (ack === undefined) return undefined
  const { level, code } = ack
  const [at, list] = (PLACES[type] ?? PLACES[997]!)[level]
  const means = LISTS.get(list)?.meaning(code)
  return `${at} ${code}${means === undefined ? '' : `: ${means}`}`
}
