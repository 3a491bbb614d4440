// An acknowledgement as an interchange of its own: TA1 for the interchange, 997 or 999 for its groups, sent back to
// where the interchange came from.
import type { Identity } from '../agreement.js'
import type {
  AcknowledgeOptions,
  EnvelopeSettings,
  Group,
  Interchange,
  OutgoingTransaction,
  WrittenAcknowledgement,
} from '../standard.js'
import type { Told } from '../told.js'
import { acknowledgeGroup, acknowledgeInterchange } from './acknowledge.js'
import { writeInterchange } from './write-interchange.js'

export const ACKNOWLEDGEMENTS = ['997', '999', 'ta1'] as const

/** Groups of acknowledgements are never acknowledged. */
const ACKNOWLEDGING_GROUP = 'FA'
/** X12N 005010X231A1: the guide a 999 follows. */
const GUIDE_OF_999 = '005010X231A1'
const DEFAULT_VERSION = '004010'
/** ISA14 = 1 asks for a TA1; more is for the agreement to say. */
export const requestedAcknowledgements = (interchange: Interchange): readonly string[] =>
  interchange.acknowledgementRequested ? ['997', 'ta1'] : ['997']

export function whyUnanswered(interchange: Interchange, type: string): string | undefined {
  const { groups, interchangeAcks, acknowledgementRequested, control } = interchange
  // A date or time that is missing is what a TA1 tells (014, 015); without the number nobody knows of what.
  if (type === 'ta1')
    return control !== '' || holdsOnlyAcknowledgements(interchange)
      ? undefined
      : 'its ISA does not say its control number, which a TA1 repeats'
  if (groups.length + interchangeAcks.length > 0) return undefined
  // An ISA may end before its ISA14.
  const asked = acknowledgementRequested ? 'a TA1' : 'no TA1'
  return `it holds no functional group that a ${type} could answer, and asks for ${asked} in ISA14`
}

/** Whether an interchange holds something, and nothing of it is to be acknowledged. */
const holdsOnlyAcknowledgements = ({ groups, interchangeAcks }: Interchange): boolean =>
  groups.length + interchangeAcks.length > 0 &&
  groups.every(({ type }) => type === ACKNOWLEDGING_GROUP)

/** Undefined when the interchange holds nothing but acknowledgements, or nothing the type answers. */
export function acknowledge(
  interchange: Interchange,
  options: AcknowledgeOptions,
): WrittenAcknowledgement | undefined {
  const { type, numbers } = options
  const groups = interchange.groups.filter((group) => group.type !== ACKNOWLEDGING_GROUP)
  if (holdsOnlyAcknowledgements(interchange) || whyUnanswered(interchange, type) !== undefined)
    return undefined
  const settings = options.settings ?? replySettings(interchange, groups[0])
  if (type === 'ta1') {
    const { segment, told } = acknowledgeInterchange(interchange)
    return { ...writeInterchange([], settings, numbers, [segment]), told }
  }
  const answers = groups.map((group) => acknowledgementOf(interchange, group, options))
  const told = new Map(answers.flatMap((answer) => [...answer.told]))
  const sets = answers.map(({ set }) => set)
  return { ...writeInterchange(sets, settings, numbers), told }
}

function acknowledgementOf(
  interchange: Interchange,
  group: Group,
  { type, findings, listAccepted = true }: AcknowledgeOptions,
): { readonly set: OutgoingTransaction; readonly told: Told } {
  const isRejected = interchange.issues.some((issue) => issue.severity === 'error')
  if (type === '999') {
    const { segments, told } = acknowledgeGroup(group, findings, { type, listAccepted, isRejected })
    const set = { type, version: GUIDE_OF_999, implementation: GUIDE_OF_999, segments }
    return { set, told }
  }
  const { segments, told } = acknowledgeGroup(group, findings, { listAccepted, isRejected })
  return { set: { type, version: group.version ?? DEFAULT_VERSION, segments }, told }
}

/** The parties of an interchange, the other way round. */
function replySettings(interchange: Interchange, group: Group | undefined): EnvelopeSettings {
  const identity = (party: Interchange['sender'], application: string | undefined): Identity => ({
    interchange: party,
    ...(application === undefined ? {} : { group: application }),
  })
  return {
    sender: identity(interchange.receiver, group?.receiver),
    receiver: identity(interchange.sender, group?.sender),
    test: interchange.test,
  }
}
