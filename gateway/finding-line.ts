// A finding as one line for people.
import type { Issue } from '../edi-maps/issue.js'
import { printable } from './printable.js'

/** `error segment-missing, line 12 (byte 431), SN1 of HL-I: text`; safe for a terminal. */
export function findingLine(issue: Issue): string {
  const { severity, code, line, offset, tag, element, component, loop, path, text } = issue
  const place = line > 0 ? `line ${line} (byte ${offset})` : undefined
  const at = element === undefined ? '' : String(element).padStart(2, '0')
  const part = component === undefined ? '' : `-${component}`
  const segment = tag === undefined ? undefined : `${tag}${at}${part}`
  const where = [place, segment && (loop ? `${segment} of ${loop}` : segment), path]
  const known = where.filter((word) => word !== undefined && word !== '')
  return printable(`${[`${severity} ${code}`, ...known].join(', ')}: ${text}`)
}
