import { expect, test } from '@jest/globals'
import { edifactDictionary } from '../../../edi-maps/edifact/element-check.js'
import { tokenizer } from '../../../edi-maps/payload.js'
import type { Issue } from '../../../edi-maps/issue.js'
import { SegmentElements } from '../../../edi-maps/segment-elements.js'
import { reader } from '../segments.js'

const read = reader(tokenizer)

/** What is wrong with one segment in a release: code and the text at its place. */
function check(text: string, release = 'D:96A', una = ":+.? '", version = 3) {
  const input = `UNA${una}UNB+UNOC:${version}+A+B+20251230:1416+1'${text}'UNZ+0+1'`
  const segment = read(input)[1]!
  const issues: Issue[] = []
  const found = edifactDictionary(release).checkOf(segment.tag)!
  const standing = () => ({ segmentIndex: 1 })
  found.tell(new SegmentElements().read(segment), standing, issues)
  return issues.map((one) => [
    one.code,
    one.ack?.code,
    one.elementRef,
    input.slice(one.offset, one.end),
  ])
}

test.each([
  'DTM+137:20251230:102',
  "FTX+AAI+++100 ?+ 5?:30 o?'clock",
  'QTY+12:-5.25:KGM',
  'QTY+12:5,25:KGM',
  'MOA+77:123456789012345.67',
  'NAD+SU+4012345000009::9++Example Supplier:Second line+Street 1+City++12345+DE',
  'LIN+1++4012345000016:EN',
  'PIA+1+A:SA+B:IN+C+D+E',
  'ALI+DE++136+137+138+139+140',
])('%s is right', (text) => expect(check(text)).toEqual([]))

test.each([
  ['a missing element', 'RFF', [['element-missing', '13', 'C506', '']]],
  ['a missing component', 'DTM+:20251230:102', [['element-missing', '13', '2005', '']]],
  [
    'too long a value',
    `RFF+ON:${'X'.repeat(36)}`,
    [['element-too-long', '39', '1154', 'X'.repeat(36)]],
  ],
  [
    'too many digits',
    `QTY+12:${'1'.repeat(16)}`,
    [['element-too-long', '39', '6060', '1'.repeat(16)]],
  ],
  ['a number that is none', 'QTY+12:5.', [['number-invalid', '37', '6060', '5.']]],
  ['a control character', 'RFF+ON:A\x07', [['character-invalid', '21', '1154', 'A\x07']]],
  ['too many elements', 'CPS+1+2+3+4', [['too-many-elements', '16', undefined, '4']]],
  ['too many components', 'DTM+137:1:2:3', [['too-many-components', '16', 'C507', '3']]],
  ['a segment without data', 'ALI', [['segment-empty', '13', undefined, "ALI'"]]],
  ['a segment of separators alone', 'ALI++', [['segment-empty', '13', undefined, "ALI++'"]]],
  ['components where there are none', 'CPS+1:2', [['too-many-components', '16', '7164', '2']]],
])('tells %s', (_, text, expected) => expect(check(text)).toEqual(expected))

test('tells a code that is not in a complete list, where one must stand', () => {
  expect(check('UCI+1+A+B+9', 'D:3')).toEqual([['code-invalid', '12', '0083', '9']])
})

test('takes lengths of the release', () => {
  const text = `RFF+ON:${'X'.repeat(36)}`
  expect(check(text, 'D:01B')).toEqual([])
  expect(check(text, 'D:97A')).toEqual([])
  expect(check(text, 'D:93A')).toMatchObject([['element-too-long', '39', '1154', 'X'.repeat(36)]])
})

test('knows what a directory has and has not', () => {
  const has = (release: string, tag: string) => edifactDictionary(release).knows(tag)
  expect(['MTD', 'BGM', 'UNS', 'UCI'].map((tag) => has('D:96A', tag))).toEqual([
    false,
    true,
    true,
    true,
  ])
  expect(['MTD', 'BGM'].map((tag) => has('D:3', tag))).toEqual([false, false])
  expect(edifactDictionary('D:96A').isComposite('BGM', 2)).toBe(false)
  expect(edifactDictionary('D:01B').isComposite('BGM', 2)).toBe(true)
})

test('takes repetitions of syntax version 4 as far as the element may come', () => {
  const una = ":+.?*'"
  expect(check('ALI+DE++136*137*138*139*140', 'D:01B', una, 4)).toEqual([])
  expect(check('PIA+1+A:SA*B:IN*C:BP', 'D:01B', una, 4)).toEqual([])
  expect(check('ALI+DE++1*2*3*4*5*6', 'D:01B', una, 4)).toEqual([
    ['too-many-repetitions', '35', '4183', '6'],
  ])
  expect(check(`RFF+ON:1*AB:${'X'.repeat(71)}`, 'D:01B', una, 4)).toMatchObject([
    ['too-many-repetitions', '35', 'C506', `AB:${'X'.repeat(71)}`],
  ])
  expect(check(`ALI+DE++136*${'X'.repeat(4)}`, 'D:01B', una, 4)).toEqual([
    ['element-too-long', '39', '4183', 'XXXX'],
  ])
})
