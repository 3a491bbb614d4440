import { expect, test } from '@jest/globals'
import { finding, ISSUE_KINDS } from '../../edi-maps/issue.js'

test('every issue of element or segment level that is an error says what a 997 carries for it', () => {
  for (const [code, { level, severity, ...ack }] of Object.entries(ISSUE_KINDS)) {
    if (
      (level === 'segment' || level === 'element') &&
      severity === 'error' &&
      code !== 'value-not-writable'
    ) {
      expect({ code, x12: 'x12' in ack ? ack.x12 : '' }).toMatchObject({
        x12: expect.stringMatching(/^\d+$/),
      })
    }
  }
})

test('the tag and text of a finding are bounded', () => {
  const long = 'A'.repeat(4_000_000)
  const text = `${long} is no segment of ${'many words '.repeat(1000)}`
  const place = { offset: 0, end: 0, line: 1 }
  const issue = finding('x12', 'segment-unknown', place, text, { tag: long })
  expect(issue.tag).toBe('A'.repeat(99))
  expect(issue.text).toMatch(/^A{99}… is no segment of many words /)
  expect(issue.text.length).toBeLessThan(1100)
})
