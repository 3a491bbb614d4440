// What codes say of an event and events of codes, the same for every standard's list of statuses.
import { meaningOf, statusOf } from './canonical/milestones.js'
import type { StatusEvent } from './canonical/shipment-status.js'
import type { CodeList } from './code-list.js'
import type { Report } from './elements.js'

type Told = Partial<Pick<StatusEvent, 'status' | 'milestone' | 'kind' | 'reason'>>

/** A status with its reason (canonical words). A code the list does not have is kept, and moves no shipment. */
export function eventOf(
  list: CodeList,
  code: string,
  reason: string | undefined,
  report: Report,
  at: number,
  kind: StatusEvent['kind'] = 'actual',
): Told {
  const status = list.word(code)!
  const why = reason === undefined ? {} : { reason }
  if (list.has(code)) return { status, ...meaningOf(status, reason), ...why }
  const text = `${list.title}: ${code} is not known; it is kept and moves no shipment.`
  report('code-not-mapped', { text, value: code, at })
  return { status, milestone: null, kind, ...why }
}

/** The words to write an event by, best first: its own status, then the one that says no more than its milestone. */
export function wordsOf({ status, milestone, kind }: Told): string[] {
  const coarse = milestone != null && kind === 'actual' ? [statusOf(milestone)] : []
  return status === undefined ? coarse : [status, ...coarse.filter((word) => word !== status)]
}

/** Tells that less than the event's status is written. */
export function reportCoarser({ status }: Told, word: string, report: Report): void {
  if (status === undefined || status === word) return
  const text = `${status} has no code here; ${word} is written, which is the same milestone.`
  report('code-not-mapped', { text, value: status })
}

/** The code of a reason; one without a code is told and left out. */
export function reasonCode(
  list: CodeList,
  reason: string | undefined,
  report: Report,
  at: number,
): string | undefined {
  if (reason === undefined) return undefined
  const code = list.code(reason)
  if (code === undefined) {
    const text = `The reason ${reason} has no code here and is left out.`
    report('code-not-mapped', { text, value: reason, at })
  }
  return code
}
