// Findings as one line for people.
import { acknowledgedWords } from '../edi-maps/acknowledged-words.js'
import type { Issue } from '../edi-maps/issue.js'
import { plural } from '../edi-maps/plural.js'
import { printable } from './printable.js'

/**
 * `error segment-missing, line 12 (byte 431), SN1 of HL-I: text`; with a type of acknowledgement what that says of it
 * follows, `(acknowledged: AK304 3: a mandatory segment is missing)`. `about` names the Document it is about, where that is
 * not plain. Safe for a terminal.
 */
export function findingLine(issue: Issue, answer?: string, about?: string): string {
  const {
    severity,
    code,
    segment: number,
    line,
    offset,
    tag,
    element,
    component,
    loop,
    path,
    text,
  } = issue
  const nth = number === undefined ? undefined : `segment ${number}`
  const place = line > 0 ? `line ${line} (byte ${offset})` : undefined
  const at = element === undefined ? '' : String(element).padStart(2, '0')
  const part = component === undefined ? '' : `-${component}`
  const segment = tag === undefined ? undefined : `${tag}${at}${part}`
  const where = [about, nth, place, segment && (loop ? `${segment} of ${loop}` : segment), path]
  const known = where.filter((word) => word !== undefined && word !== '')
  const words = answer === undefined ? undefined : acknowledgedWords(issue, answer)
  const told = words === undefined ? '' : ` (acknowledged: ${words})`
  return printable(`${[`${severity} ${code}`, ...known].join(', ')}: ${text}${told}`)
}

/**
 * Why something was rejected, in one line: its first error with its place, and how many errors follow. `SE01 says 77, the
 * set has 41 segments from ST to SE (SE01, segment 43, line 42)`. Empty when nothing is an error.
 */
export function reasonOf(issues: readonly Issue[]): string {
  const [first, ...others] = issues.filter(({ severity }) => severity === 'error')
  if (first === undefined) return ''
  const { tag, element, component, segment, line, text } = first
  const at = element === undefined ? '' : String(element).padStart(2, '0')
  const part = component === undefined ? '' : `-${component}`
  const place = [
    ...(tag === undefined ? [] : [`${tag}${at}${part}`]),
    ...(segment === undefined ? [] : [`segment ${segment}`]),
    ...(line > 0 ? [`line ${line}`] : []),
  ]
  const more = others.length === 0 ? '' : `; and ${plural(others.length, 'more error')}`
  return `${text.replace(/\.$/, '')}${place.length === 0 ? '' : ` (${place.join(', ')})`}${more}`
}
