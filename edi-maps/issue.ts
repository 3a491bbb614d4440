// The one shape in which everything that is wrong with a document is told: data, never thrown. The closed list of
// codes says for each what a functional acknowledgement will carry, so acknowledging needs no second translation.

/** Where an acknowledgement reports a code: TA1/UCI, AK9/UCF, AK5/UCM, AK3/UCS or AK4/UCD. */
type IssueLevel = 'interchange' | 'group' | 'transaction' | 'segment' | 'element'

/** `error` stops the transaction (or interchange); `warning` is reported and the data is used; `info` is only told. */
export type Severity = 'error' | 'warning' | 'info'

/** One row of the closed list. `x12` is a code of element I18 (TA105), 716, 718, 720 or 723 by level; `edifact` of 0085. */
export interface IssueKind {
  readonly level: IssueLevel
  readonly severity: Severity
  readonly x12?: string
  readonly edifact?: string
}

const kind = (
  level: IssueLevel,
  severity: Severity,
  x12?: string,
  edifact?: string,
): IssueKind => ({
  level,
  severity,
  ...(x12 === undefined ? {} : { x12 }),
  ...(edifact === undefined ? {} : { edifact }),
})

/**
 * Every code an `Issue` can have. Sources: X12 004010 elements I18, 716, 718, 720, 723; EDIFACT 0085 of service
 * directory 3. A code without `x12`/`edifact` is never put into a functional acknowledgement.
 * docs/errors.md documents each; a test compares both ways.
 */
export const ISSUE_KINDS = {
  'interchange-control-mismatch': kind('interchange', 'error', '001', '28'),
  'interchange-standard-unsupported': kind('interchange', 'warning', '002', '2'),
  'interchange-controls-version-unsupported': kind('interchange', 'warning', '003', '2'),
  'segment-terminator-invalid': kind('interchange', 'error', '004', '22'),
  'sender-qualifier-invalid': kind('interchange', 'error', '005', '12'),
  'sender-id-invalid': kind('interchange', 'warning', '006', '23'),
  'receiver-qualifier-invalid': kind('interchange', 'error', '007', '12'),
  'receiver-id-invalid': kind('interchange', 'warning', '008', '43'),
  'authorization-qualifier-invalid': kind('interchange', 'error', '010'),
  'authorization-invalid': kind('interchange', 'error', '011'),
  'security-qualifier-invalid': kind('interchange', 'error', '012'),
  'security-invalid': kind('interchange', 'error', '013'),
  'interchange-date-invalid': kind('interchange', 'error', '014', '12'),
  'interchange-time-invalid': kind('interchange', 'error', '015', '12'),
  'interchange-control-number-invalid': kind('interchange', 'error', '018', '12'),
  'acknowledgement-requested-invalid': kind('interchange', 'warning', '019', '12'),
  'test-indicator-invalid': kind('interchange', 'warning', '020', '25'),
  'group-count-mismatch': kind('interchange', 'warning', '021', '29'),
  'control-structure-invalid': kind('interchange', 'error', '022', '33'),
  'interchange-cut-off': kind('interchange', 'error', '023', '13'),
  'interchange-content-invalid': kind('interchange', 'error', '024', '33'),
  'interchange-empty': kind('interchange', 'error', '024', '32'),
  'groups-and-messages-mixed': kind('interchange', 'error', undefined, '30'),
  'interchange-duplicate': kind('interchange', 'error', '025', '26'),
  'element-separator-invalid': kind('interchange', 'error', '026', '22'),
  'component-separator-invalid': kind('interchange', 'error', '027', '22'),
  'interchange-width-wrong': kind('interchange', 'warning'),
  'not-edi': kind('interchange', 'error'),
  'data-outside-interchange': kind('interchange', 'warning'),
  'segment-unterminated': kind('interchange', 'warning'),
  'terminator-repeated': kind('interchange', 'warning'),
  'lines-wrapped': kind('interchange', 'info'),
  'cross-check-different': kind('interchange', 'error'),
  'cross-check-impossible': kind('interchange', 'info'),
  'no-agreement': kind('interchange', 'error', undefined, '17'),

  'group-unsupported': kind('group', 'error', '1', '15'),
  'group-version-unsupported': kind('group', 'error', '2', '2'),
  'group-trailer-missing': kind('group', 'error', '3', '13'),
  'group-control-mismatch': kind('group', 'error', '4', '28'),
  'transaction-count-mismatch': kind('group', 'error', '5', '29'),
  'group-control-number-invalid': kind('group', 'error', '6', '12'),
  'group-date-invalid': kind('group', 'warning'),
  'group-duplicate': kind('group', 'error', '6', '26'),

  'transaction-unsupported': kind('transaction', 'error', '1', '15'),
  'transaction-trailer-missing': kind('transaction', 'error', '2', '13'),
  'transaction-control-mismatch': kind('transaction', 'error', '3', '28'),
  'segment-count-mismatch': kind('transaction', 'error', '4', '29'),
  'transaction-type-invalid': kind('transaction', 'error', '6', '12'),
  'transaction-control-number-invalid': kind('transaction', 'error', '7', '12'),
  'transaction-not-in-group': kind('transaction', 'warning'),
  'release-read-as-another': kind('transaction', 'warning'),
  'transaction-duplicate': kind('transaction', 'error', '7', '26'),

  'segment-unknown': kind('segment', 'error', '1', '15'),
  'segment-unexpected': kind('segment', 'error', '2', '15'),
  'segment-missing': kind('segment', 'error', '3', '13'),
  'loop-repeats-too-often': kind('segment', 'error', '4', '36'),
  'segment-repeats-too-often': kind('segment', 'warning', '5', '35'),
  'segment-not-in-set': kind('segment', 'error', '6', '15'),
  'segment-out-of-order': kind('segment', 'error', '7', '15'),
  'segment-not-agreed': kind('segment', 'warning', '2', '15'),
  'segment-empty': kind('segment', 'warning', '8', '13'),
  'segment-too-large': kind('segment', 'error', '8', '16'),
  'binary-length-wrong': kind('segment', 'error', '8', '12'),

  'element-missing': kind('element', 'error', '1', '13'),
  'element-conditional-missing': kind('element', 'warning', '2', '48'),
  'too-many-elements': kind('element', 'error', '3', '16'),
  'element-too-short': kind('element', 'warning', '4', '40'),
  'element-too-long': kind('element', 'warning', '5', '39'),
  'character-invalid': kind('element', 'error', '6', '21'),
  'number-invalid': kind('element', 'error', '6', '37'),
  'code-invalid': kind('element', 'warning', '7', '12'),
  'date-invalid': kind('element', 'warning', '8', '12'),
  'time-invalid': kind('element', 'warning', '9', '12'),
  'element-excluded': kind('element', 'error', '10', '48'),
  'element-not-agreed': kind('element', 'warning', '10', '15'),
  'value-not-agreed': kind('element', 'warning', '7', '12'),
  'too-many-repetitions': kind('element', 'error', '12', '35'),
  'too-many-components': kind('element', 'error', '13', '16'),

  'hierarchy-parent-unknown': kind('element', 'error', '7', '12'),
  'hierarchy-number-duplicate': kind('element', 'error', '7', '12'),
  'hierarchy-order-wrong': kind('element', 'warning', '7', '12'),
  'hierarchy-too-deep': kind('element', 'error', '7', '12'),
  'total-mismatch': kind('element', 'warning'),
  'amount-mismatch': kind('element', 'warning'),
  'check-digit-wrong': kind('element', 'warning'),
  'code-not-mapped': kind('element', 'warning'),
  'value-not-writable': kind('element', 'error'),
  'level-left-out': kind('element', 'warning'),
  'value-left-out': kind('element', 'warning'),
  'value-cut': kind('element', 'warning'),
  'value-divided': kind('element', 'warning'),
  'character-replaced': kind('element', 'warning'),
} as const satisfies Record<string, IssueKind>

export type IssueCode = keyof typeof ISSUE_KINDS

/**
 * One finding. Positions are bytes in the input as it came (`offset` first byte, `end` one past the last), `line` counts
 * from 1 by LF, CR or CRLF, `segment` counts the segments of the input from 1. `segmentIndex` counts from 1 = ST/UNH
 * within the transaction (what AK302 and UCS 0096 carry), of a finding on the envelope from 1 = ISA/UNB. Of a segment that
 * is missing both are where it should stand. Elements, components and repetitions count from 1.
 * A finding on a value to be written (no input) has offset, end and line 0 and names the canonical `path`.
 */
export interface Issue {
  readonly code: IssueCode
  readonly severity: Severity
  readonly offset: number
  readonly end: number
  readonly line: number
  /** What \`edigw segments\` and \`edigw explain --segment\` call the segment. */
  readonly segment?: number
  readonly segmentIndex?: number
  readonly tag?: string
  /** Loop the segment stands in, by its map node id, e.g. `HL` or `N1`. */
  readonly loop?: string
  readonly element?: number
  readonly component?: number
  readonly repetition?: number
  /** The data element's reference number, e.g. `355` (AK402). */
  readonly elementRef?: string
  /** The offending value, at most 99 characters (AK404). */
  readonly value?: string
  /** What would have been right, in plain words or as a list of codes. */
  readonly expected?: string
  /** Canonical path the finding is about, e.g. `body.lines[2].quantityShipped`. */
  readonly path?: string
  /** One sentence a person understands. */
  readonly text: string
  /** Code an acknowledgement has for it; absent when none has. Whether one tells it depends on the rest: `told.ts`. */
  readonly ack?: { readonly level: IssueLevel; readonly code: string }
}

/** Byte range and line of a finding. */
export interface Place {
  readonly offset: number
  readonly end: number
  readonly line: number
}

/** Characters of a tag, or of a word of the input: as many as of a value, which AK404 has room for. */
const MAX_VALUE = 99
/** Characters of a text. Our own words take a third of it. */
const MAX_TEXT = 1000

/** A text without most of the tags and values in it that are longer than anybody reads. */
function readable(text: string): string {
  if (text.length <= MAX_VALUE) return text
  const short = text.replace(/\S+/g, (word) =>
    word.length <= MAX_VALUE ? word : `${word.slice(0, MAX_VALUE)}…`,
  )
  return short.length <= MAX_TEXT ? short : `${short.slice(0, MAX_TEXT)}…`
}

/**
 * A finding of the closed list with the severity and the acknowledgement code the list gives it. Its tag and text
 * are cut to a length that can be shown, as the caller has cut its value.
 */
export function finding(
  standard: 'x12' | 'edifact',
  code: IssueCode,
  place: Place,
  text: string,
  more: Omit<Partial<Issue>, 'code' | 'text' | keyof Place> = {},
): Issue {
  const row: IssueKind = ISSUE_KINDS[code]
  const ack = row[standard]
  const { tag } = more
  return {
    code,
    severity: row.severity,
    offset: place.offset,
    end: place.end,
    line: place.line,
    ...more,
    ...(tag !== undefined && tag.length > MAX_VALUE ? { tag: tag.slice(0, MAX_VALUE) } : {}),
    text: readable(text),
    ...(ack === undefined ? {} : { ack: { level: row.level, code: ack } }),
  }
}
