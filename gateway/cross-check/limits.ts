// What the second readers are known to get wrong or not to know: a document that touches one of these is not compared.
import type { IssueCode } from '../../edi-maps/issue.js'
import type { Segment } from '../../edi-maps/segment.js'
import limits from './limits.json' with { type: 'json' }

/** What a limit looks at. */
export interface Subject {
  readonly standard: 'x12' | 'edifact'
  readonly size: number
  /** Segments and fillers, in order. */
  readonly segments: readonly Segment[]
}

export const MAX_BYTES = 1024 * 1024

const LIMITS: readonly { id: string; reader?: string; text: string }[] = limits

const READERS = { x12: 'node-x12', edifact: 'edifact' } as const
const EDIFACT_CHARSETS = new Set(['UNOA', 'UNOB', 'UNOC', 'UNOY'])
/** Bytes of an ISA with its terminator. */
const HEADER = 106
/** What these sets do not have. */
const OUTSIDE: Readonly<Record<string, RegExp>> = { UNOA: /[^ -#%-Z]/, UNOB: /[^ -#%-Za-z]/ }
const ENVELOPE = new Set(['ISA', 'GS', 'GE', 'IEA'])

const tags = ({ segments }: Subject) => segments.map(({ tag }) => tag).filter((tag) => tag !== '')
const count = (subject: Subject, tag: string) => tags(subject).filter((one) => one === tag).length
const characters = ({ segments }: Subject) => segments[0]?.characters
const text = (segment: Segment) =>
  Array.from({ length: segment.elementCount }, (_, i) => segment.raw(i + 1)).join('')

const hasIssue = ({ segments }: Subject, code: IssueCode) =>
  segments.some(({ issues }) => issues.some((issue) => issue.code === code))

/** The service string advice stands before UNB and is read by both. */
const withoutAdvice = (before: string) => before.replace(/^UNA[^]{6}/, '')

/** Between ISA and the first GS, or between GE and what follows it. */
const hasOutsideGroup = (subject: Subject) => {
  let inside = false
  for (const tag of tags(subject)) {
    if (tag === 'GS') inside = true
    if (!inside && !ENVELOPE.has(tag)) return true
    if (tag === 'GE') inside = false
  }
  return false
}

const isTrailed = (subject: Subject) =>
  count(subject, 'ST') === count(subject, 'SE') &&
  count(subject, 'GS') === count(subject, 'GE') &&
  tags(subject).at(-1) === 'IEA'

/** node-x12 makes a number of them and loses the zeros, in ISA13 and IEA02 alone. */
const isPlainNumber = (value: string) => /^\d+$/.test(value)

const touches: Readonly<Record<string, (subject: Subject) => boolean>> = {
  'too-large': ({ size }) => size > MAX_BYTES,
  'no-segments': (subject) => tags(subject).length === 0,
  'bytes-outside': ({ segments }) =>
    segments.some(({ tag, before }) => tag === '' || /[^\r\n]/.test(withoutAdvice(before))),
  'several-interchanges': (subject) => count(subject, 'ISA') + count(subject, 'UNB') > 1,
  'no-header': (subject) => tags(subject)[0] !== 'ISA',
  'header-width': ({ segments }) => segments[0]?.range(16).end !== segments[0]!.offset + HEADER - 1,
  'lines-wrapped': (subject) => hasIssue(subject, 'lines-wrapped'),
  unterminated: ({ segments }) => {
    const last = segments.at(-1)!
    return last.range(last.elementCount).end === last.end
  },
  terminator: (subject) => /[^\0-\x7f]/.test(characters(subject)?.segment ?? ''),
  'no-group': (subject) => count(subject, 'GS') === 0,
  'outside-group': hasOutsideGroup,
  incomplete: (subject) => !isTrailed(subject),
  'empty-segment': ({ segments }) => segments.some(({ elementCount }) => elementCount === 0),
  binary: (subject) => tags(subject).some((tag) => tag === 'BIN' || tag === 'BDS'),
  'control-number': ({ segments }) =>
    segments.some(
      (one) =>
        (one.tag === 'ISA' && !isPlainNumber(one.raw(13))) ||
        (one.tag === 'IEA' && !isPlainNumber(one.raw(2))),
    ),
  charset: ({ segments }) =>
    segments.some((one) => one.tag === 'UNB' && !EDIFACT_CHARSETS.has(one.get('1-1'))),
  'outside-charset': ({ segments }) => {
    const charset = segments.find(({ tag }) => tag === 'UNB')?.get('1-1') ?? 'UNOA'
    const outside = OUTSIDE[charset]
    return outside !== undefined && segments.some((one) => outside.test(text(one)))
  },
  'una-repetition': ({ segments }) => /^UNA[^]{4}[^ ]/.test(segments[0]?.before ?? ''),
  repetition: ({ segments }) =>
    segments.some((one) =>
      Array.from({ length: one.elementCount }).some((_, i) => one.repetitionCount(i + 1) > 1),
    ),
  'line-feed-terminator': (subject) => /[\r\n]/.test(characters(subject)?.segment ?? ''),
  'release-backslash': (subject) => characters(subject)?.release === '\\',
  'blank-or-control': ({ segments }) =>
    segments.some(
      (one) =>
        hasControl(text(one)) || hasControl(withoutAdvice(one.before).replace(/[\r\n]/g, '')),
    ),
  'empty-segment-edifact': ({ segments }) =>
    segments.some(({ elementCount }) => elementCount === 0),
}

const hasControl = (value: string) =>
  [...value].some((one) => one < ' ' || (one >= '\x7f' && one < '\xa0'))

/** Why a document is not compared, in words; undefined: it can be. */
export const limitOf = (subject: Subject): string | undefined =>
  LIMITS.find(
    ({ id, reader = READERS[subject.standard] }) =>
      reader === READERS[subject.standard] && touches[id]!(subject),
  )?.text
