// What was written is read again before it is given away, as its receiver will read it: what he would refuse is not sent.
import type { Role } from '../edi-maps/canonical/message.js'
import { finding, type Issue } from '../edi-maps/issue.js'
import type { Agreed } from '../edi-maps/maps.js'
import { open, segmentsIn } from '../edi-maps/payload.js'
import { translate } from '../edi-maps/translate.js'

/**
 * Adds the findings a receiver's acknowledgement would tell of what was written. `told`: what writing found, with an
 * error nothing is looked at. `sender` is our role.
 */
export function checkWritten(
  bytes: Uint8Array,
  told: readonly Issue[],
  agreed: Agreed | undefined,
  sender: Role | undefined,
): readonly Issue[] {
  if (told.some(isError)) return told
  const { interchanges, issues } = open(segmentsIn(bytes))
  const found = issues.filter(isError)
  const standard = interchanges[0]?.standard ?? 'x12'
  for (const interchange of interchanges) {
    for (const issue of interchange.issues) if (isError(issue)) found.push(issue)
    for (const group of interchange.groups) {
      for (const issue of group.issues) if (isError(issue)) found.push(issue)
      for (const transaction of group.transactions) {
        const read = translate(transaction, { interchange, group }, agreed, sender)
        for (const issue of transaction.issues) if (isAnswered(issue)) found.push(issue)
        for (const issue of read.issues) if (isAnswered(issue)) found.push(issue)
      }
    }
  }
  const said = new Set(told.map(placeOf))
  const more = found.filter((issue) => !said.has(placeOf(issue)))
  return [...told, ...more.map((issue) => ofWriting(standard, issue))]
}

const isError = ({ severity }: Issue): boolean => severity === 'error'

/** Warnings count where the receiver's answer may tell them. */
const isAnswered = (issue: Issue): boolean => isError(issue) || issue.ack !== undefined

const placeOf = ({ code, tag, element, component, value }: Issue): string =>
  JSON.stringify([code, tag, element, component, value])

/** A finding on bytes that nobody gets: of its place only the segment and element say something. */
function ofWriting(standard: 'x12' | 'edifact', issue: Issue): Issue {
  const { code, text, severity, tag, loop, element, component, value, expected } = issue
  return finding(standard, code, { offset: 0, end: 0, line: 0 }, text, {
    severity,
    ...(tag === undefined ? {} : { tag }),
    ...(loop === undefined ? {} : { loop }),
    ...(element === undefined ? {} : { element }),
    ...(component === undefined ? {} : { component }),
    ...(value === undefined ? {} : { value }),
    ...(expected === undefined ? {} : { expected }),
  })
}
