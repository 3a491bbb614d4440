// Checks the elements of an ISA segment. Each finding says what a TA1 will carry (X12 element I18).
import type { TellHeader } from '../envelope.js'
import type { IssueCode } from '../issue.js'
import type { Segment } from '../segment.js'
import { isDate, isTime } from './check-segment.js'

interface Check {
  readonly element: number
  readonly code: IssueCode
  readonly isGood: (value: string, isa: Segment) => boolean
  readonly text: string
  readonly expected?: string
}

const QUALIFIER = /^[0-9A-Z]{2}$/
/** From this version on ISA11 is the repetition separator. */
const FIRST_WITH_REPETITIONS = '00402'

const CHECKS: readonly Check[] = [
  {
    element: 1,
    code: 'authorization-qualifier-invalid',
    isGood: (value) => /^0\d$/.test(value),
    text: 'ISA01 is no authorisation qualifier.',
    expected: '00 when no authorisation is agreed',
  },
  {
    element: 2,
    code: 'authorization-invalid',
    isGood: (value, isa) => value !== '' || !/^0[1-9]$/.test(isa.get(1)),
    text: 'ISA02 is empty, but ISA01 says that there is an authorisation.',
    expected: 'the authorisation, or 00 in ISA01',
  },
  {
    element: 3,
    code: 'security-qualifier-invalid',
    isGood: (value) => /^0[01]$/.test(value),
    text: 'ISA03 is no security qualifier.',
    expected: '00 or 01',
  },
  {
    element: 4,
    code: 'security-invalid',
    isGood: (value, isa) => value !== '' || isa.get(3) !== '01',
    text: 'ISA04 is empty, but ISA03 says that there is a password.',
    expected: 'the password, or 00 in ISA03',
  },
  {
    element: 5,
    code: 'sender-qualifier-invalid',
    isGood: (value) => QUALIFIER.test(value),
    text: 'ISA05 is no interchange id qualifier.',
    expected: 'two letters or digits, e.g. ZZ',
  },
  {
    element: 6,
    code: 'sender-id-invalid',
    isGood: (value) => value !== '' && value.length <= 15,
    text: 'ISA06 does not name the sender.',
    expected: '1 to 15 characters',
  },
  {
    element: 7,
    code: 'receiver-qualifier-invalid',
    isGood: (value) => QUALIFIER.test(value),
    text: 'ISA07 is no interchange id qualifier.',
    expected: 'two letters or digits, e.g. ZZ',
  },
  {
    element: 8,
    code: 'receiver-id-invalid',
    isGood: (value) => value !== '' && value.length <= 15,
    text: 'ISA08 does not name the receiver.',
    expected: '1 to 15 characters',
  },
  {
    element: 9,
    code: 'interchange-date-invalid',
    isGood: (value) => value.length === 6 && isDate(value),
    text: 'ISA09 is not a date.',
    expected: 'YYMMDD',
  },
  {
    element: 10,
    code: 'interchange-time-invalid',
    isGood: (value) => value.length === 4 && isTime(value),
    text: 'ISA10 is not a time.',
    expected: 'HHMM',
  },
  {
    element: 11,
    code: 'interchange-standard-unsupported',
    isGood: (value, isa) =>
      isa.get(12) >= FIRST_WITH_REPETITIONS ? /^[^A-Za-z0-9\s]$|^U$/.test(value) : value === 'U',
    text: 'ISA11 is neither the standard’s identifier nor, from version 00402 on, a repetition separator.',
    expected: 'U, or from 00402 on a separator such as ^',
  },
  {
    element: 12,
    code: 'interchange-controls-version-unsupported',
    isGood: (value) => /^00[2-8]\d\d$/.test(value),
    text: 'ISA12 is no version of the interchange controls.',
    expected: '00200 to 00803, e.g. 00401',
  },
  {
    element: 13,
    code: 'interchange-control-number-invalid',
    isGood: (value) => /^\d{1,9}$/.test(value),
    text: 'ISA13 is no control number.',
    expected: 'nine digits',
  },
  {
    element: 14,
    code: 'acknowledgement-requested-invalid',
    isGood: (value) => /^[0-3]$/.test(value),
    text: 'ISA14 does not say whether an acknowledgement is asked for.',
    expected: '0 or 1',
  },
  {
    element: 15,
    code: 'test-indicator-invalid',
    isGood: (value) => /^[PTI]$/.test(value),
    text: 'ISA15 does not say whether this is production or test.',
    expected: 'P, T or I',
  },
  {
    element: 16,
    code: 'component-separator-invalid',
    isGood: (value) => value !== '',
    text: 'ISA16 does not give the component separator.',
    expected: 'a character that does not occur in the data, e.g. >',
  },
]

const ELEMENTS = 16

/** Checks a header; one that was cut off is only said to be that. */
export function checkHeader(isa: Segment, tell: TellHeader): void {
  if (isa.elementCount < ELEMENTS) {
    const text = `The ISA segment ends after ${isa.elementCount} of ${ELEMENTS} elements.`
    return tell('interchange-cut-off', isa.elementCount, text)
  }
  if (isa.issues.some((issue) => issue.severity === 'error')) return
  for (const { element, code, isGood, text, expected } of CHECKS) {
    if (!isGood(isa.get(element).trim(), isa)) tell(code, element, text, expected)
  }
}
