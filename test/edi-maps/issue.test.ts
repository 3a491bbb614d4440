import { expect, test } from '@jest/globals'
import { ISSUE_KINDS } from '../../edi-maps/issue.js'

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
