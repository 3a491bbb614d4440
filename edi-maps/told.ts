// What an acknowledgement tells of findings. Each finding has the code the closed list gives it, but an acknowledgement
// has no room for all: it tells the gravest of a kind, nothing of what is only a warning where it knows accepted and
// rejected alone, and of an interchange rejected as a whole not what is in it.
import type { Issue } from './issue.js'
import type { AcknowledgeOptions, Interchange } from './standard.js'
import { syntaxOf } from './syntaxes.js'

/** The findings an acknowledgement tells, and the code it tells each by. */
export type Told = ReadonlyMap<Issue, string>

/** Told only to be looked at: no number of it is used. */
const NUMBERS = { now: '2000-01-01T00:00:00Z', interchange: 1, group: 1, message: 1 }

/** What the acknowledgement of that type tells of an interchange; nothing where it gets none. */
export const toldOf = (
  interchange: Interchange,
  options: Pick<AcknowledgeOptions, 'type' | 'findings'>,
): Told => {
  const { acknowledge } = syntaxOf(interchange.standard)
  const written = acknowledge(interchange, { ...options, numbers: NUMBERS, listAccepted: false })
  return written?.told ?? new Map()
}

/**
 * `997` or `contrl`; of an interchange without a functional group, in which a 997 has nothing to answer, the TA1 its ISA14
 * asks for. Its groups must be kept.
 */
export function usualType(interchange: Interchange): string {
  const { acknowledgements, requestedAcknowledgements, whyUnanswered } = syntaxOf(
    interchange.standard,
  )
  const [usual = ''] = acknowledgements
  const others = requestedAcknowledgements(interchange)
  return [usual, ...others].find((type) => whyUnanswered(interchange, type) === undefined) ?? usual
}

/** Findings with the code they are told by, without one where they are not told. */
export const asTold = (issues: readonly Issue[], told: Told): Issue[] =>
  issues.map((issue) => {
    const { ack, ...others } = issue
    const code = told.get(issue)
    if (ack === undefined || ack.code === code) return issue
    return code === undefined ? others : { ...others, ack: { level: ack.level, code } }
  })
