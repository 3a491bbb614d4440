// What reading finds, told of the segment at hand.
import { append } from '../append.js'
import type { Dictionary, Standing } from '../dictionary.js'
import { finding, type Issue, type IssueCode, type Severity } from '../issue.js'
import type { Segment } from '../segment.js'

export const isError = (issue: Issue): boolean => issue.severity === 'error'

/** Where a finding stands; kept where it is told later. */
export interface Where {
  readonly segment: Segment
  readonly segmentIndex: number
  readonly loop: string | undefined
}

/** An element, or a component of it; component 0 is the whole element. */
export interface ElementPlace {
  readonly element: number
  readonly component: number
}

const MAX_VALUE = 99

export class Findings {
  issues: Issue[] = []
  segment: Segment
  /** From 1 = ST or UNH. */
  segmentIndex = 1
  loop: string | undefined = undefined
  private readonly standard: 'x12' | 'edifact'
  private readonly dictionary: Dictionary
  /** Those on missing segments by tag and loop: one may come too late. */
  private missing: Map<string, Issue[]> | undefined = undefined
  private takenBack: Set<Issue> | undefined = undefined

  /** `header` opens the transaction. */
  constructor(standard: 'x12' | 'edifact', dictionary: Dictionary, header: Segment) {
    this.segment = header
    this.standard = standard
    this.dictionary = dictionary
  }

  get hasErrors(): boolean {
    return this.issues.some(isError)
  }

  readonly standing = (): Standing => ({
    segment: this.segment.number,
    segmentIndex: this.segmentIndex,
    ...(this.loop === undefined ? {} : { loop: this.loop }),
  })

  where(): Where {
    const { segment, segmentIndex, loop } = this
    return { segment, segmentIndex, loop }
  }

  /** What follows is told of that segment. */
  goTo({ segment, segmentIndex, loop }: Where): void {
    this.segment = segment
    this.segmentIndex = segmentIndex
    this.loop = loop
  }

  tell(code: IssueCode, text: string, more: Partial<Issue> = {}): void {
    const { offset, end, line, tag } = this.segment
    const issue = finding(this.standard, code, { offset, end, line }, text, {
      ...this.standing(),
      tag,
      ...more,
    })
    this.issues.push(issue)
    if (code === 'segment-missing') this.rememberMissing(issue)
  }

  private rememberMissing(issue: Issue): void {
    const place = placeOf(issue)
    const missing = (this.missing ??= new Map<string, Issue[]>())
    const before = missing.get(place)
    if (before === undefined) missing.set(place, [issue])
    else before.push(issue)
  }

  tellElement(
    code: IssueCode,
    text: string,
    { element, component }: ElementPlace,
    value: string,
    expected?: string,
    severity?: Severity,
  ): void {
    const { segment } = this
    const elementRef = this.dictionary.elementRef(segment.tag, element)
    this.tell(code, text, {
      ...segment.range(element, component === 0 ? undefined : component),
      element,
      ...(component === 0 ? {} : { component }),
      ...(elementRef === undefined ? {} : { elementRef }),
      ...(value === '' ? {} : { value: value.slice(0, MAX_VALUE) }),
      ...(expected === undefined ? {} : { expected }),
      ...(severity === undefined ? {} : { severity }),
    })
  }

  /** A segment that comes too late was told to be missing where it should have been: `settle` leaves that out. */
  takeBackMissing(tag: string, loop: string | undefined): void {
    const issue = this.missing?.get(placeOf({ tag, loop }))?.pop()
    if (issue !== undefined) (this.takenBack ??= new Set()).add(issue)
  }

  /** Leaves out what was taken back; all at once, as each by itself would move all that follow it. */
  settle(): void {
    const { takenBack } = this
    if (takenBack === undefined) return
    this.issues = this.issues.filter((issue) => !takenBack.has(issue))
    this.takenBack = undefined
  }

  /** Takes findings back, from the given one on, that are of some codes and about one place. */
  lift(from: number, { element, component }: ElementPlace, codes: ReadonlySet<IssueCode>): void {
    const kept = this.issues
      .splice(from)
      .filter(
        (one) =>
          one.element !== element ||
          (one.component ?? component) !== component ||
          !codes.has(one.code),
      )
    append(this.issues, kept)
  }
}

const placeOf = ({
  tag = '',
  loop = '',
}: {
  readonly tag?: string | undefined
  readonly loop?: string | undefined
}) => `${tag} ${loop}`
