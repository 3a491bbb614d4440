// Checks the elements of a UNB segment. Each finding says what the UCI of a CONTRL will carry (0085).
import { dateOf, timeOf } from '../elements.js'
import type { TellHeader } from '../envelope.js'
import type { IssueCode } from '../issue.js'
import type { Segment } from '../segment.js'
import { fullDate } from './envelope-date.js'

interface Check {
  readonly element: number
  /** Of a composite. */
  readonly component?: number
  readonly code: IssueCode
  readonly isGood: (value: string) => boolean
  readonly text: string
  readonly expected: string
}

const CHECKS: readonly Check[] = [
  {
    element: 1,
    component: 1,
    code: 'interchange-standard-unsupported',
    isGood: (value) => /^UNO[A-KWXY]$/.test(value),
    text: 'UNB01-1 is no syntax identifier that is known here.',
    expected: 'UNOA to UNOK, UNOW, UNOX or UNOY',
  },
  {
    element: 1,
    component: 2,
    code: 'interchange-controls-version-unsupported',
    isGood: (value) => /^[1-4]$/.test(value),
    text: 'UNB01-2 is no syntax version.',
    expected: '1 to 4',
  },
  {
    element: 2,
    component: 1,
    code: 'sender-id-invalid',
    isGood: (value) => value !== '' && value.length <= 35,
    text: 'UNB02-1 does not name the sender.',
    expected: '1 to 35 characters',
  },
  {
    element: 2,
    component: 2,
    code: 'sender-qualifier-invalid',
    isGood: (value) => value.length <= 4,
    text: 'UNB02-2 is no qualifier of an interchange id.',
    expected: 'at most 4 characters, e.g. 14',
  },
  {
    element: 3,
    component: 1,
    code: 'receiver-id-invalid',
    isGood: (value) => value !== '' && value.length <= 35,
    text: 'UNB03-1 does not name the receiver.',
    expected: '1 to 35 characters',
  },
  {
    element: 3,
    component: 2,
    code: 'receiver-qualifier-invalid',
    isGood: (value) => value.length <= 4,
    text: 'UNB03-2 is no qualifier of an interchange id.',
    expected: 'at most 4 characters, e.g. 14',
  },
  {
    element: 4,
    component: 1,
    code: 'interchange-date-invalid',
    isGood: (value) => dateOf(fullDate(value)) !== undefined,
    text: 'UNB04-1 is not a date.',
    expected: 'YYMMDD, in syntax version 4 CCYYMMDD',
  },
  {
    element: 4,
    component: 2,
    code: 'interchange-time-invalid',
    isGood: (value) => timeOf(value) !== undefined,
    text: 'UNB04-2 is not a time.',
    expected: 'HHMM',
  },
  {
    element: 5,
    code: 'interchange-control-number-invalid',
    isGood: (value) => value !== '' && value.length <= 14,
    text: 'UNB05 is no interchange control reference.',
    expected: '1 to 14 characters',
  },
  {
    element: 9,
    code: 'acknowledgement-requested-invalid',
    isGood: (value) => /^[0-9]?$/.test(value),
    text: 'UNB09 does not say whether an acknowledgement is asked for.',
    expected: '1 or empty',
  },
  {
    element: 11,
    code: 'test-indicator-invalid',
    isGood: (value) => /^[0-9]?$/.test(value),
    text: 'UNB11 does not say whether this is a test.',
    expected: '1 or empty',
  },
]

/** Sender, receiver, date and reference must be there: elements 1 to 5. */
const ELEMENTS = 5

/** Checks a header; one that was cut off is only said to be that. */
export function checkHeader(unb: Segment, tell: TellHeader): void {
  const isCut = unb.issues.some((issue) => issue.code === 'segment-unterminated')
  if (isCut && unb.elementCount < ELEMENTS) {
    const text = `The UNB segment ends after ${unb.elementCount} elements.`
    return tell('interchange-cut-off', unb.elementCount, text, 'at least 5 elements')
  }
  for (const { element, component, code, isGood, text, expected } of CHECKS) {
    if (!isGood(unb.component(element, component ?? 1).trim())) {
      tell(code, component === undefined ? element : [element, component], text, expected)
    }
  }
}
