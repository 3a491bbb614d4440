// What a functional acknowledgement says of a finding, in words.
import { CODE_LISTS as EDIFACT_LISTS } from './edifact/codes.js'
import type { Issue } from './issue.js'
import { CODE_LISTS as X12_LISTS } from './x12/codes.js'

type Level = NonNullable<Issue['ack']>['level']

/** Element that carries the code and the list it is of, by level. */
const X12: Readonly<Record<Level, readonly [at: string, list: string]>> = {
  interchange: ['TA105', 'I18'],
  group: ['AK905', '716'],
  transaction: ['AK502', '718'],
  segment: ['AK304', '720'],
  element: ['AK403', '723'],
}

const EDIFACT: Readonly<Record<Level, string>> = {
  interchange: 'UCI',
  group: 'UCF',
  transaction: 'UCM',
  segment: 'UCS',
  element: 'UCD',
}

/** `AK403 6: a character that may not be used`; undefined where no acknowledgement tells it. */
export function acknowledgedWords(
  { ack }: Pick<Issue, 'ack'>,
  standard: 'x12' | 'edifact',
): string | undefined {
  if (ack === undefined) return undefined
  const { level, code } = ack
  const [at, list] = standard === 'x12' ? X12[level] : [EDIFACT[level], '0085']
  const means = (standard === 'x12' ? X12_LISTS : EDIFACT_LISTS).get(list)?.meaning(code)
  return `${at} ${code}${means === undefined ? '' : `: ${means}`}`
}
