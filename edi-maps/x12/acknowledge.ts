// Findings to acknowledgement segments: TA1 for an interchange, the body of a 997 or 999 for a group. Says only what the
// findings say; whether an acknowledgement is sent at all is the agreement's business.
import { append } from '../append.js'
import type { Issue, IssueCode } from '../issue.js'
import type { SegmentData } from '../segment.js'
import type { Group, Interchange, Transaction } from '../standard.js'
import type { Told } from '../told.js'

/** AK501: accepted, accepted with errors (the data is used), rejected (it is not). */
type Verdict = 'A' | 'E' | 'R'

const isError = ({ severity }: Issue) => severity === 'error'
/** TA105: no error. */
const NO_ERROR = '000'

/** What findings on one transaction lead to. Findings that no acknowledgement can tell change nothing but by an error. */
function verdict(issues: readonly Issue[]): Verdict {
  if (issues.some(isError)) return 'R'
  return issues.some((issue) => issue.severity === 'warning' && issue.ack !== undefined) ? 'E' : 'A'
}

/** All findings on a transaction, those of its envelope first. */
export type Findings = (transaction: Transaction) => readonly Issue[]

/** Syntax codes one AK5 or AK9 has room for. */
const MAX_CODES = 5
const MAX_VALUE = 99
/** AK4 per AK3 (004010: 99). */
const MAX_ELEMENTS = 99

/**
 * TA1: `TA1*ISA13*ISA09*ISA10*A|E|R*note`. Carries the gravest finding of the interchange itself, the first where
 * several are equal; findings inside groups never reach it.
 */
export function acknowledgeInterchange(interchange: Interchange): {
  readonly segment: SegmentData
  readonly told: Told
} {
  const own = interchange.issues.filter((issue) => issue.ack?.level === 'interchange')
  const worst = own.find(isError) ?? own[0]
  const status = worst === undefined ? 'A' : isError(worst) ? 'R' : 'E'
  const { control, date, time } = interchange
  const code = worst?.ack?.code ?? NO_ERROR
  const told = own.filter((issue) => issue.ack?.code === code)
  return {
    segment: ['TA1', control, date, time, status, code],
    told: new Map(told.map((issue) => [issue, code])),
  }
}

export interface GroupAcknowledgement {
  /** From AK1 to AK9. */
  readonly segments: readonly SegmentData[]
  /** AK901. */
  readonly status: 'A' | 'E' | 'P' | 'R'
  readonly told: Told
}

/** Notes down by which code a finding is told. */
type Tell = (issue: Issue, code: string) => void

/** What a 997 and a 999 say the same way, under other names. */
interface Form {
  readonly segment: 'AK3' | 'IK3'
  readonly element: 'AK4' | 'IK4'
  readonly trailer: 'AK5' | 'IK5'
  /** The lists of a 999 (618, 620, 621) have codes of their own for what an agreement demands beyond the standard. */
  readonly codes: Readonly<Partial<Record<IssueCode, string>>>
  /** IK303 is the loop's name; AK303 is the id of a loop bounded by LS and LE, which findings do not tell. */
  readonly tellsLoops: boolean
  /** CTX names the element because of which another one must be there. */
  readonly tellsTriggers: boolean
}

const FORMS: Readonly<Record<'997' | '999', Form>> = {
  '997': {
    segment: 'AK3',
    element: 'AK4',
    trailer: 'AK5',
    codes: {},
    tellsLoops: false,
    tellsTriggers: false,
  },
  '999': {
    segment: 'IK3',
    element: 'IK4',
    trailer: 'IK5',
    codes: { 'segment-not-agreed': 'I4', 'element-not-agreed': 'I10', 'value-not-agreed': 'I12' },
    tellsLoops: true,
    tellsTriggers: true,
  },
}

/**
 * The body of a 997 or 999 for one group (AK1, AK2 … AK5 or IK5 per set, AK9).
 * `listAccepted`: whether sets without findings get their AK2/AK5 too (default true); `isRejected`: the interchange
 * is rejected, so nothing in it is accepted.
 */
export function acknowledgeGroup(
  group: Group,
  findings: Findings,
  {
    type = '997',
    listAccepted = true,
    isRejected = false,
  }: { type?: '997' | '999'; listAccepted?: boolean; isRejected?: boolean } = {},
): GroupAcknowledgement {
  const form = FORMS[type]
  const told = new Map<Issue, string>()
  const tell: Tell = (issue, code) => void told.set(issue, code)
  const since5010 = type === '999' || (group.version ?? '').slice(0, 6) >= '005010'
  const groupErrors = group.issues.filter((issue) => issue.ack?.level === 'group')
  const groupFails = isRejected || groupErrors.some(isError)
  const segments: SegmentData[] = [
    ['AK1', group.type ?? '', group.control ?? '', ...(since5010 ? [group.version ?? ''] : [])],
  ]
  let accepted = 0
  let withErrors = false
  for (const transaction of group.transactions) {
    const issues = findings(transaction)
    // What refuses a set for its group is told of the group alone.
    const ofGroup = issues.filter((issue) => issue.ack?.level === 'group')
    if (ofGroup.length > 0) {
      append(groupErrors, ofGroup)
      continue
    }
    const outcome = verdict(issues)
    if (outcome !== 'R' && !groupFails) accepted++
    if (outcome === 'E') withErrors = true
    // In a group rejected as a whole no set is accepted, so a good one is left out, not called accepted.
    if (outcome !== 'R' && groupFails) continue
    if (outcome === 'A' && !listAccepted) continue
    const { version } = transaction
    const convention = type === '999' && version !== group.version ? [version] : []
    segments.push(['AK2', transaction.type, transaction.control, ...convention])
    append(segments, segmentNotes(issues, form, since5010, tell))
    segments.push([form.trailer, outcome, ...transactionCodes(issues, outcome, tell)])
  }
  const count = group.transactions.length
  const codes = ownCodes(groupErrors, tell)
  const status =
    groupFails || (count > 0 && accepted === 0)
      ? 'R'
      : accepted < count
        ? 'P'
        : withErrors || codes.length > 0
          ? 'E'
          : 'A'
  segments.push([
    'AK9',
    status,
    String(group.declaredCount ?? count),
    String(count),
    String(accepted),
    ...codes,
  ])
  return { segments, status, told }
}

/** The codes of findings of a level that has room for some, each once. */
function ownCodes(issues: readonly Issue[], tell: Tell): string[] {
  const codes = distinct(issues.map((issue) => issue.ack!.code)).slice(0, MAX_CODES)
  for (const issue of issues) if (codes.includes(issue.ack!.code)) tell(issue, issue.ack!.code)
  return codes
}

/** AK502–06, IK502–06: the set's own codes, then 5 when segments are in error. */
function transactionCodes(issues: readonly Issue[], outcome: Verdict, tell: Tell): string[] {
  if (outcome === 'A') return []
  const own = issues.filter((issue) => issue.ack?.level === 'transaction')
  const codes = ownCodes(own, tell)
  const inSegments = issues.some(
    (issue) =>
      issue.ack?.level === 'segment' ||
      issue.ack?.level === 'element' ||
      (issue.ack === undefined && issue.severity === 'error'),
  )
  return distinct(inSegments ? [...codes, '5'] : codes).slice(0, MAX_CODES)
}

/** AK3 and AK4 (IK3 and IK4), one AK3 per segment in error, in the order of the segments. */
function segmentNotes(
  issues: readonly Issue[],
  form: Form,
  since5010: boolean,
  tell: Tell,
): SegmentData[] {
  const places = new Map<string, { position: number; tag: string; issues: Issue[] }>()
  for (const issue of issues) {
    if (issue.ack?.level !== 'segment' && issue.ack?.level !== 'element') continue
    const position = issue.segmentIndex ?? 1
    const tag = issue.tag ?? ''
    const key = `${position} ${tag} ${issue.code === 'segment-missing' ? 'missing' : ''}`
    const place = places.get(key)
    if (place === undefined) places.set(key, { position, tag, issues: [issue] })
    else place.issues.push(issue)
  }
  return [...places.values()]
    .sort((a, b) => a.position - b.position)
    .flatMap(({ position, tag, issues: here }) => {
      const own = here.filter((issue) => issue.ack!.level === 'segment')
      const elements = here.filter((issue) => issue.ack!.level === 'element').slice(0, MAX_ELEMENTS)
      const loop = form.tellsLoops ? loopName(here[0]!) : ''
      const worst = own.find(isError) ?? own[0]
      const code = worst === undefined ? HAS_ELEMENT_ERRORS : codeOf(worst, form)
      for (const issue of own) if (codeOf(issue, form) === code) tell(issue, code)
      for (const issue of elements) tell(issue, codeOf(issue, form))
      return [
        [form.segment, tag, String(position), loop, code] as const,
        ...elements.flatMap((issue) => [
          elementNote(issue, form, since5010),
          ...(form.tellsTriggers ? trigger(issue) : []),
        ]),
      ]
    })
}

const HAS_ELEMENT_ERRORS = '8'

const codeOf = ({ code, ack }: Issue, form: Form): string => form.codes[code] ?? ack!.code

/** The standard names a loop by the segment that opens it. */
const loopName = ({ loop = '' }: Issue): string => /[A-Z0-9]+(?=-?[^/-]*$)/.exec(loop)?.[0] ?? ''

/**
 * CTX: the element that makes a missing one necessary, where the syntax note (C, L, or P of two) tells which it is.
 */
function trigger({
  code,
  tag = '',
  segmentIndex = 1,
  element,
  expected = '',
}: Issue): SegmentData[] {
  if (code !== 'element-conditional-missing') return []
  const [kind = '', ...numbers] = /^([CLP])(\d\d)(\d\d)/.exec(expected)?.slice(1) ?? []
  const isPair = kind === 'P' && expected.length === 5
  const by = numbers.map(Number).find((n) => n !== element)
  if (by === undefined || (kind === 'P' && !isPair)) return []
  return [['CTX', 'SITUATIONAL TRIGGER', tag, String(segmentIndex), '', String(by)]]
}

/** AK4, IK4: position, reference number, code and a copy of the value, but never a copy of an invalid character. */
function elementNote(issue: Issue, form: Form, since5010: boolean): SegmentData {
  const { element = 1, component, repetition, elementRef = '' } = issue
  const position = [
    String(element),
    component === undefined ? '' : String(component),
    repetition === undefined || !since5010 ? '' : String(repetition),
  ]
  while (position.at(-1) === '') position.pop()
  const copy = issue.code === 'character-invalid' ? '' : (issue.value ?? '').slice(0, MAX_VALUE)
  return [form.element, [position], elementRef, codeOf(issue, form), ...(copy === '' ? [] : [copy])]
}

const distinct = (codes: readonly string[]): string[] => [...new Set(codes)]
