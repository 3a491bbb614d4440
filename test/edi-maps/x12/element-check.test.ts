// The quick test of a segment says yes only where the check that makes the findings finds nothing.
import { describe, expect, test } from '@jest/globals'
import type { Issue } from '../../../edi-maps/issue.js'
import { SegmentElements } from '../../../edi-maps/segment-elements.js'
import type { Segment } from '../../../edi-maps/segment.js'
import { x12Dictionary } from '../../../edi-maps/x12/element-check.js'
import { tokenizer } from '../../../edi-maps/payload.js'
import { seeded } from '../../seeded.js'
import { reader } from '../segments.js'

const TAGS = [
  'BSN',
  'DTM',
  'HL',
  'LIN',
  'SN1',
  'N1',
  'REF',
  'TD1',
  'TD5',
  'PO4',
  'MEA',
  'CTT',
  'MAN',
  'BIG',
  'IT1',
]
/** Right and wrong values of every type, and some that look like another one. */
const VALUES = [
  ...[
    '',
    '',
    '0',
    '1',
    '12',
    '-3',
    '1.5',
    '.5',
    '5.',
    '.',
    '1.2.3',
    '1E3',
    '-.5',
    '00',
    '007',
    '123456789012345678',
  ],
  ...['20251231', '20250229', '20240229', '251231', '20251301', '20250431', '2025123', '1234567A'],
  ...['0930', '2400', '0960', '093059', '093061', '09305', '0930591', '09305912', '093059123'],
  ...[
    'A',
    'EA',
    'ST',
    'GM',
    'UP',
    '00',
    '011',
    'ZZZ',
    'é',
    'Straße',
    'A B',
    ' ',
    'a,b',
    'X'.repeat(90),
  ],
  ...['A>B', '>A', 'A^B', '^', 'A\u0001', '\u007f', '\u00a0'],
]

const read = reader(tokenizer)

/** A header that says `repetition` separates repetitions, where the version has any. */
const header = (version: string, repetition: string) =>
  `ISA*00*          *00*          *ZZ*A              *ZZ*B              *251230*1416*${repetition}*${version}*000000001*0*P*>~`

function found(release: string, segment: Segment, isQuick: boolean): Issue[] {
  const check = x12Dictionary(release).checkOf(segment.tag)!
  const issues: Issue[] = []
  const elements = new SegmentElements().read(segment, isQuick ? check.rules : undefined)
  check.tell(elements, () => ({ segmentIndex: 2 }), issues)
  return issues
}

describe.each([
  ['004010', '00401', 'U'],
  ['005010', '00501', '^'],
])('%s', (release, version, repetition) => {
  test('generated segments have the same findings with the quick test and without', () => {
    const random = seeded(856)
    const below = (limit: number) => Math.floor(random() * limit)
    const one = (list: readonly string[]) => list[below(list.length)]!
    const rows = Array.from({ length: 5000 }, () => {
      const elements = Array.from({ length: below(9) }, () => one(VALUES))
      return [one(TAGS), ...elements].join('*')
    })
    const bytes = Buffer.from(`${header(version, repetition)}${rows.join('~')}~`, 'utf8')
    let right = 0
    for (const segment of read(bytes).slice(1, -1)) {
      const slowly = found(release, segment, false)
      expect(found(release, segment, true)).toEqual(slowly)
      if (slowly.length === 0) right++
    }
    expect(right).toBeGreaterThan(50)
  })
})
