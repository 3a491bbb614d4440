// A cross-check as findings, for people who ask for one.
import { finding, type Issue } from '../../edi-maps/issue.js'
import { openCrossChecker } from './index.js'

/** What a second reader of that standard sees otherwise, or why it was not asked; none when both see the same. */
export async function crossCheckFindings(
  standard: 'x12' | 'edifact',
  bytes: Uint8Array,
): Promise<Issue[]> {
  const checker = openCrossChecker()
  try {
    const check = await checker.check({ standard, bytes, strict: false })
    switch (check.result) {
      case 'same':
        return []
      case 'different': {
        const { offset, end, line, tag, text } = check
        const place = { offset, end, line }
        const sentence = `Here ${text}.`
        return [finding(standard, 'cross-check-different', place, sentence, { tag })]
      }
      case 'not comparable': {
        const place = { offset: 0, end: 0, line: 1 }
        const sentence = `No second reader was asked: ${check.text}.`
        return [finding(standard, 'cross-check-impossible', place, sentence)]
      }
      default:
        return check satisfies never
    }
  } finally {
    await checker.close()
  }
}
