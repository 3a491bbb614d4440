// Findings to the body of a CONTRL: UCI for the interchange, UCF for a group, UCM for a message, UCS and UCD for what is
// wrong in it (ISO 9735 service messages). Says only what the findings say; whether a CONTRL is sent at all is the
// agreement's business.
import type { Issue } from '../issue.js'
import type { ElementValue, SegmentData } from '../segment.js'
import type { AcknowledgeOptions, Group, Interchange, Transaction } from '../standard.js'
import type { Told } from '../told.js'
import { partyElement } from './write-interchange.js'

/** 0083: this level is rejected with all below it; acknowledged, and so is below it what is not rejected explicitly. */
const REJECTED = '4'
const ACKNOWLEDGED = '7'
/** 0085: unspecified error. */
const UNSPECIFIED = '18'
/** UCS per UCM, UCD per UCS. */
const MAX_SEGMENTS = 999
const MAX_ELEMENTS = 99

const isError = (issue: Issue) => issue.severity === 'error'

/** Notes down a finding that is told. */
type Tell = (issue: Issue) => void

/** A CONTRL is never acknowledged. */
export const isAcknowledgement = (type: string): boolean => type === 'CONTRL'

/** Whether the interchange is rejected as a whole. */
const isRejected = (interchange: Interchange): boolean => interchange.issues.some(isError)

/** From UCI on. `findings` are all on a message; a message with an error among them is rejected, its siblings are not. */
export function acknowledgeInterchange(
  interchange: Interchange,
  groups: readonly Group[],
  { findings, listAccepted = true }: Pick<AcknowledgeOptions, 'findings' | 'listAccepted'>,
): { readonly segments: SegmentData[]; readonly told: Told } {
  const { control, sender, receiver } = interchange
  const told = new Map<Issue, string>()
  const tell: Tell = (issue) => void told.set(issue, issue.ack!.code)
  const uci = ['UCI', control, partyElement(sender), partyElement(receiver)] as const
  if (isRejected(interchange)) {
    const segment = [...uci, REJECTED, ...reason(interchange.issues, 'interchange', tell)] as const
    return { segments: [segment], told }
  }
  const messages = ({ transactions }: Group) =>
    transactions
      .filter(({ type }) => !isAcknowledgement(type))
      .flatMap((message) => acknowledgeMessage(message, findings(message), listAccepted, tell))
  const segments = [
    [...uci, ACKNOWLEDGED],
    ...groups.filter((group) => group.control === undefined).flatMap(messages),
    ...groups
      .filter((group) => group.control !== undefined)
      .flatMap((group) => {
        const ucf = groupElements(group)
        return group.issues.some(isError)
          ? [[...ucf, REJECTED, ...reason(group.issues, 'group', tell)] satisfies SegmentData]
          : [[...ucf, ACKNOWLEDGED] satisfies SegmentData, ...messages(group)]
      }),
  ] satisfies SegmentData[]
  return { segments, told }
}

const groupElements = ({ control = '', sender = '', receiver = '' }: Group) =>
  ['UCF', control, sender, receiver] as const

function acknowledgeMessage(
  message: Transaction,
  issues: readonly Issue[],
  listAccepted: boolean,
  tell: Tell,
): SegmentData[] {
  const { control, type, version, agency = '', association = '' } = message
  const ucm = ['UCM', control, [[type, ...version.split(':'), agency, association]]] as const
  if (!issues.some(isError)) return listAccepted ? [[...ucm, ACKNOWLEDGED]] : []
  const inside = segmentNotes(issues, tell)
  const own = reason(issues, 'transaction', tell)
  const why = own.length === 0 && inside.length === 0 ? [UNSPECIFIED] : own
  return [[...ucm, REJECTED, ...why], ...inside]
}

/** 0085, 0013 and S011 of the gravest finding of a level; nothing where the level itself has none. */
function reason(
  issues: readonly Issue[],
  level: NonNullable<Issue['ack']>['level'],
  tell: Tell,
): ElementValue[] {
  const own = issues.filter((issue) => issue.ack?.level === level && isError(issue))
  const [first] = own
  if (first === undefined)
    return issues.some(isError) && level !== 'transaction' ? [UNSPECIFIED] : []
  tell(first)
  const { tag = '' } = first
  const isService = /^UN[A-Z]$/.test(tag)
  return [
    first.ack!.code,
    ...(isService ? [tag] : []),
    ...(isService && first.element !== undefined ? [place(first)] : []),
  ]
}

/** S011: position in the segment, the tag being 1, and of the component. */
function place({ element = 0, component }: Issue): ElementValue {
  return [[String(element + 1), ...(component === undefined ? [] : [String(component)])]]
}

/** UCS and UCD, one UCS per segment, in the order of the segments. */
function segmentNotes(issues: readonly Issue[], tell: Tell): SegmentData[] {
  const places = new Map<string, { position: number; issues: Issue[] }>()
  for (const issue of issues) {
    if (issue.ack?.level !== 'segment' && issue.ack?.level !== 'element') continue
    // What is missing is told of the segment before it.
    const isMissing = issue.code === 'segment-missing'
    const position = (issue.segmentIndex ?? 1) - (isMissing ? 1 : 0)
    const key = isMissing ? `${position} ${issue.tag}` : String(position)
    const found = places.get(key)
    if (found === undefined) places.set(key, { position, issues: [issue] })
    else found.issues.push(issue)
  }
  return [...places.values()]
    .sort((a, b) => a.position - b.position)
    .slice(0, MAX_SEGMENTS)
    .flatMap(({ position, issues: here }) => {
      const own = here.filter((issue) => issue.ack!.level === 'segment')
      const elements = here.filter((issue) => issue.ack!.level === 'element').slice(0, MAX_ELEMENTS)
      const code = (own.find(isError) ?? own[0])?.ack?.code
      for (const issue of own) if (issue.ack!.code === code) tell(issue)
      for (const issue of elements) tell(issue)
      return [
        ['UCS', String(position), ...(code === undefined ? [] : [code])] as const,
        ...elements.map((issue): SegmentData => ['UCD', issue.ack!.code, place(issue)]),
      ]
    })
}
