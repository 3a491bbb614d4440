// What was written is read again before it is given away, as its receiver will read it: what he would refuse is not sent.
import { finding, type Issue } from '../edi-maps/issue.js'
import type { LoadedMap } from '../edi-maps/load.js'
import { open, segmentsIn } from '../edi-maps/payload.js'
import { readTransaction } from '../edi-maps/read.js'
import { isError } from '../edi-maps/reading/findings.js'

/**
 * Adds the findings a receiver's acknowledgement would tell of what was written. `told`: what writing found, with an
 * error nothing is looked at. `maps`: those the transactions were written with, in their order.
 */
export function checkWritten(
  bytes: Uint8Array,
  told: readonly Issue[],
  maps: readonly LoadedMap[],
): readonly Issue[] {
  if (told.some(isError)) return told
  const { interchanges, issues } = open(segmentsIn(bytes))
  const found = issues.filter(isError)
  const standard = interchanges[0]?.standard ?? 'x12'
  let nth = 0
  for (const interchange of interchanges) {
    for (const issue of interchange.issues) if (isError(issue)) found.push(issue)
    for (const group of interchange.groups) {
      for (const issue of group.issues) if (isError(issue)) found.push(issue)
      for (const transaction of group.transactions) {
        for (const issue of transaction.issues) if (isAnswered(issue)) found.push(issue)
        const map = maps[nth++]
        if (map === undefined) continue
        const read = readTransaction(transaction, { interchange, group }, map)
        for (const issue of read.issues) if (isAnswered(issue)) found.push(issue)
      }
    }
  }
  const said = new Set(told.map(placeOf))
  const more = found.filter((issue) => !said.has(placeOf(issue)))
  return [...told, ...more.map((issue) => ofWriting(standard, issue))]
}

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
