// A CONTRL as an interchange of its own, sent back to where the interchange came from.
import type {
  AcknowledgeOptions,
  EnvelopeSettings,
  Interchange,
  InterchangeParty,
  WrittenAcknowledgement,
} from '../standard.js'
import { acknowledgeInterchange, isAcknowledgement } from './acknowledge.js'
import { FIRST_WITH_REPETITIONS } from './header.js'
import { isLevelA, syntaxIdentifier } from './syntax-identifier.js'
import { writeInterchange } from './write-interchange.js'

export const ACKNOWLEDGEMENTS = ['contrl'] as const

/** Service directory of the CONTRL by syntax version. */
const BEFORE_4 = 'D:3'
const SINCE_4 = '4:1'

/** One CONTRL answers interchange, groups and messages. */
export const requestedAcknowledgements = (): readonly string[] => ACKNOWLEDGEMENTS

/** It holds nothing but CONTRL messages. */
function isOnlyAcknowledging({ groups }: Interchange): boolean {
  const messages = groups.flatMap((group) => group.transactions)
  return messages.length > 0 && messages.every(({ type }) => isAcknowledgement(type))
}

export function whyUnanswered(interchange: Interchange): string | undefined {
  const { control, sender, receiver } = interchange
  const isComplete = control !== '' && sender.id !== '' && receiver.id !== ''
  return isComplete || isOnlyAcknowledging(interchange)
    ? undefined
    : 'its UNB does not say sender, receiver and reference, which a CONTRL repeats'
}

/**
 * Undefined when the interchange holds nothing but CONTRL messages, or when its UNB does not say what a CONTRL must
 * repeat: sender, receiver and reference.
 */
export function acknowledge(
  interchange: Interchange,
  options: AcknowledgeOptions,
): WrittenAcknowledgement | undefined {
  const { groups } = interchange
  if (isOnlyAcknowledging(interchange) || whyUnanswered(interchange) !== undefined) return undefined
  const settings = replySettings(interchange, options.settings)
  const { version } = syntaxIdentifier(settings.charset) ?? { version: 0 }
  const { segments, told } = acknowledgeInterchange(interchange, groups, options)
  const contrl = {
    type: 'CONTRL',
    version: version >= FIRST_WITH_REPETITIONS ? SINCE_4 : BEFORE_4,
    segments,
  }
  return { ...writeInterchange([contrl], settings, options.numbers), told }
}

/** The parties of the interchange, the other way round, in its own syntax; what is given comes first. Never in a group. */
function replySettings(interchange: Interchange, given?: EnvelopeSettings): EnvelopeSettings {
  const { sender, receiver, version, test } = interchange
  const charset = given?.charset ?? replyCharset(version, [sender, receiver])
  return {
    test,
    ...given,
    sender: { interchange: given?.sender.interchange ?? receiver },
    receiver: { interchange: given?.receiver.interchange ?? sender },
    ...(charset === undefined ? {} : { charset }),
    acknowledgementRequested: false,
  }
}

/** The syntax that was received; one that cannot say the parties' ids, or is not known, is answered in a wider one. */
function replyCharset(version: string, parties: readonly InterchangeParty[]): string | undefined {
  if (syntaxIdentifier(version) === undefined) return undefined
  const [identifier = '', number = ''] = version.split(':')
  const isPlain = parties.every(({ id, qualifier = '' }) => isLevelA(id) && isLevelA(qualifier))
  return identifier === 'UNOA' && !isPlain ? `UNOB:${number}` : version
}
