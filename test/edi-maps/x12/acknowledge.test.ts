import { describe, expect, test } from '@jest/globals'
import { finding, type Issue, type IssueCode } from '../../../edi-maps/issue.js'
import type { Group, Interchange, Transaction } from '../../../edi-maps/standard.js'
import { acknowledgeGroup, acknowledgeInterchange } from '../../../edi-maps/x12/acknowledge.js'

const place = { offset: 0, end: 1, line: 1 }
const issue = (code: IssueCode, more: Partial<Issue> = {}): Issue =>
  ({ ...finding('x12', code, place, 'text'), ...more }) as Issue

const set = (control: string, ...issues: Issue[]): Transaction => ({
  type: '856',
  control,
  version: '004010',
  segments: [],
  issues,
})
const group = (transactions: Transaction[], more: Partial<Group> = {}): Group => ({
  type: 'SH',
  control: '101',
  version: '004010',
  declaredCount: transactions.length,
  transactions,
  issues: [],
  ...more,
})
const rows = (g: Group, options?: { type?: '997' | '999'; listAccepted?: boolean }) =>
  acknowledgeGroup(g, (t) => t.issues, options).segments.map((row) =>
    row.map((e) => (typeof e === 'string' ? e : (e[0] ?? []).join('>'))).join('*'),
  )

describe('999', () => {
  const conditional = (expected: string, element: number) =>
    issue('element-conditional-missing', {
      segmentIndex: 8,
      tag: 'TD5',
      loop: 'HL-S',
      element,
      elementRef: '67',
      expected,
    })
  const told = (found: Issue) => rows(group([set('0001', found)]), { type: '999' }).slice(2, -2)

  test('tells version, loop and the element because of which another one is missing', () => {
    expect(rows(group([set('0001', conditional('C0203', 3))]), { type: '999' })).toEqual([
      'AK1*SH*101*004010',
      'AK2*856*0001',
      'IK3*TD5*8*HL*8',
      'IK4*3*67*2',
      'CTX*SITUATIONAL TRIGGER*TD5*8**2',
      'IK5*E*5',
      'AK9*E*1*1*1',
    ])
  })

  test.each([
    ['P0203', 2, '3'],
    ['P0203', 3, '2'],
    ['L020405', 4, '2'],
  ])('note %s broken at %i has element %s as its trigger', (note, element, by) => {
    expect(told(conditional(note, element)).at(-1)).toBe(`CTX*SITUATIONAL TRIGGER*TD5*8**${by}`)
  })

  test.each(['R0204', 'P020304'])('note %s has no single trigger', (note) => {
    expect(told(conditional(note, 2)).at(-1)).toBe('IK4*2*67*2')
  })

  test('has codes of its own for what an agreement demands', () => {
    const at = { segmentIndex: 8, tag: 'TD5', element: 3, elementRef: '67', value: 'XYZ' }
    expect(told(issue('segment-not-agreed', { segmentIndex: 8, tag: 'TD5' }))).toEqual([
      'IK3*TD5*8**I4',
    ])
    expect(told(issue('element-not-agreed', at)).at(-1)).toBe('IK4*3*67*I10*XYZ')
    expect(told(issue('value-not-agreed', at)).at(-1)).toBe('IK4*3*67*I12*XYZ')
  })

  test('names the convention of a set that told one', () => {
    const own = { ...set('0001'), version: '005010X001' }
    expect(rows(group([own], { version: '005010' }), { type: '999' })).toContain(
      'AK2*856*0001*005010X001',
    )
  })
})

describe('997', () => {
  test('accepts a clean group and lists its sets', () => {
    expect(rows(group([set('0001')]))).toEqual([
      'AK1*SH*101',
      'AK2*856*0001',
      'AK5*A',
      'AK9*A*1*1*1',
    ])
  })

  test('leaves accepted sets out where the agreement says so', () => {
    expect(rows(group([set('0001')]), { listAccepted: false })).toEqual([
      'AK1*SH*101',
      'AK9*A*1*1*1',
    ])
  })

  test('rejects one bad set and accepts its siblings', () => {
    const bad = issue('element-missing', {
      segmentIndex: 8,
      tag: 'SN1',
      element: 2,
      elementRef: '382',
    })
    expect(rows(group([set('0001'), set('0002', bad), set('0003')]))).toEqual([
      'AK1*SH*101',
      'AK2*856*0001',
      'AK5*A',
      'AK2*856*0002',
      'AK3*SN1*8**8',
      'AK4*2*382*1',
      'AK5*R*5',
      'AK2*856*0003',
      'AK5*A',
      'AK9*P*3*3*2',
    ])
  })

  test('accepts with errors what is only a warning, and counts it as accepted', () => {
    const long = issue('element-too-long', {
      segmentIndex: 3,
      tag: 'REF',
      element: 2,
      elementRef: '127',
      value: 'X'.repeat(120),
    })
    const text = rows(group([set('0001', long)]))
    expect(text).toContain(`AK4*2*127*5*${'X'.repeat(99)}`)
    expect(text.slice(-2)).toEqual(['AK5*E*5', 'AK9*E*1*1*1'])
  })

  test('gives component positions and never copies an invalid character', () => {
    const invalid = issue('character-invalid', {
      segmentIndex: 3,
      tag: 'MEA',
      element: 4,
      component: 2,
      elementRef: '1018',
      value: '\u0001',
    })
    expect(rows(group([set('0001', invalid)]))).toContain('AK4*4>2*1018*6')
  })

  test('puts a missing segment beside the errors of the segment that stands in its place', () => {
    const missing = issue('segment-missing', { segmentIndex: 2, tag: 'BSN' })
    const unknown = issue('segment-unknown', { segmentIndex: 2, tag: 'QQQ' })
    expect(rows(group([set('0001', missing, unknown)]))).toEqual([
      'AK1*SH*101',
      'AK2*856*0001',
      'AK3*BSN*2**3',
      'AK3*QQQ*2**1',
      'AK5*R*5',
      'AK9*R*1*1*0',
    ])
  })

  test('rejects the whole group for an error of the group, and calls no set of it accepted', () => {
    const g = group([set('0001')], {
      declaredCount: 2,
      issues: [issue('transaction-count-mismatch')],
    })
    expect(rows(g)).toEqual(['AK1*SH*101', 'AK9*R*2*1*0*5'])
  })

  test('says nothing of a wrong total: it is no syntax error', () => {
    expect(rows(group([set('0001', issue('total-mismatch'))]))).toContain('AK5*A')
  })

  test('names the version of the group from 005010 on', () => {
    expect(rows(group([], { version: '005010' }))[0]).toBe('AK1*SH*101*005010')
  })
})

describe('TA1', () => {
  const interchange = (...issues: Issue[]) =>
    ({ control: '000000007', date: '260102', time: '0304', issues }) as unknown as Interchange

  test('accepts an interchange without findings of its own', () => {
    expect(acknowledgeInterchange(interchange()).segment).toEqual([
      'TA1',
      '000000007',
      '260102',
      '0304',
      'A',
      '000',
    ])
  })

  test('rejects for the gravest finding, not the first', () => {
    const found = [
      issue('acknowledgement-requested-invalid'),
      issue('interchange-control-mismatch'),
    ]
    expect(acknowledgeInterchange(interchange(...found)).segment.slice(4)).toEqual(['R', '001'])
  })

  test('accepts with errors for a warning', () => {
    expect(
      acknowledgeInterchange(interchange(issue('acknowledgement-requested-invalid'))).segment.slice(
        4,
      ),
    ).toEqual(['E', '019'])
  })
})
