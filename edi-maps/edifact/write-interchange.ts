// Puts messages into an interchange: UNA and UNB, UNH and UNT around each message, UNG where the agreement names
// applications, counts and references. Clock and numbers are arguments.
import type { Delimiters, Identity } from '../agreement.js'
import { bytesOf } from '../charset.js'
import { finding } from '../issue.js'
import type { SegmentData, ServiceCharacters } from '../segment.js'
import type {
  EnvelopeNumbers,
  EnvelopeSettings,
  InterchangeParty,
  OutgoingTransaction,
  WrittenInterchange,
} from '../standard.js'
import { clockDigits } from '../time-zone.js'
import { FIRST_WITH_REPETITIONS } from './header.js'
import { syntaxIdentifier, type SyntaxIdentifier } from './syntax-identifier.js'
import { DEFAULT_CHARACTERS, segmentWriter } from './writer.js'

const DEFAULT_REPETITION = '*'
const DEFAULT_AGENCY = 'UN'
const FALLBACK: SyntaxIdentifier = { identifier: 'UNOC', version: 3, charset: 'latin1' }

/**
 * Writes messages as one interchange. With application ids in `settings` (an identity's `group`) messages of one type
 * stand in a group; its reference counts up from `numbers.group`, that of messages from `numbers.message`.
 */
export function writeInterchange(
  transactions: readonly OutgoingTransaction[],
  settings: EnvelopeSettings,
  numbers: EnvelopeNumbers,
): WrittenInterchange {
  const syntax = syntaxIdentifier(settings.charset)
  const { identifier, version, charset } = syntax ?? FALLBACK
  const writer = segmentWriter({
    characters: serviceCharacters(settings.delimiters ?? {}, version),
    charset,
    replaceControls: true,
    ...(settings.replacement === undefined ? {} : { replacement: settings.replacement }),
  })
  const issues =
    syntax === undefined ? [refused(`There is no character set “${settings.charset}”.`)] : []
  const stamp = clock(numbers.now, version, settings.timezone)
  const control = String(numbers.interchange)
  const lines = [writer.write(header({ identifier, version, stamp, control }, settings))]
  const controls: WrittenInterchange['controls'][number][] = []
  const { sender, receiver } = settings
  const hasGroups = sender.group !== undefined || receiver.group !== undefined
  const groups = hasGroups ? byType(transactions) : [transactions]
  let message = numbers.message
  for (const [n, messages] of groups.entries()) {
    const group = String(numbers.group + n)
    if (hasGroups) lines.push(writer.write(groupHeader(messages[0]!, settings, stamp, group)))
    for (const one of messages) {
      const reference = String(message++)
      lines.push(writer.write(['UNH', reference, [identifierOf(one)]]))
      for (const segment of one.segments) lines.push(writer.write(segment))
      lines.push(writer.write(['UNT', String(one.segments.length + 2), reference]))
      controls[transactions.indexOf(one)] = {
        interchange: control,
        ...(hasGroups ? { group } : {}),
        message: reference,
      }
    }
    if (hasGroups) lines.push(writer.write(['UNE', String(messages.length), group]))
  }
  const count = hasGroups ? groups.length : transactions.length
  lines.push(writer.write(['UNZ', String(count), control]))
  return { bytes: bytesOf(lines.join('')), issues: [...issues, ...writer.issues], controls }
}

/** Characters of the agreement, else the standard's. Numbers are written with a point, so the UNA says a point. */
function serviceCharacters(given: Delimiters, version: number): ServiceCharacters {
  const { repetition = DEFAULT_REPETITION, ...others } = given
  return {
    ...DEFAULT_CHARACTERS,
    ...others,
    decimal: '.',
    ...(version >= FIRST_WITH_REPETITIONS ? { repetition } : {}),
  }
}

type Stamp = readonly [date: string, time: string]

function header(
  of: { identifier: string; version: number; stamp: Stamp; control: string },
  { sender, receiver, test, acknowledgementRequested = false }: EnvelopeSettings,
): SegmentData {
  return [
    'UNB',
    [[of.identifier, String(of.version)]],
    partyElement(sender.interchange),
    partyElement(receiver.interchange),
    [of.stamp],
    of.control,
    ...['', '', ''],
    acknowledgementRequested ? '1' : '',
    '',
    test ? '1' : '',
  ]
}

/** UNB S002 and S003 as they are written. */
export const partyElement = ({ id, qualifier = '', routing = '' }: InterchangeParty) => [
  [id, qualifier, routing],
]

function groupHeader(
  first: OutgoingTransaction,
  { sender, receiver }: EnvelopeSettings,
  stamp: Stamp,
  control: string,
): SegmentData {
  const id = (identity: Identity) => identity.group ?? identity.interchange.id
  const [type = '', version = '', release = '', agency = ''] = identifierOf(first)
  return ['UNG', type, id(sender), id(receiver), [stamp], control, agency, [[version, release]]]
}

/** UNH S009 of `{type: 'DESADV', version: 'D:96A'}` (or `D96A`), with agency and association `D:96A:UN:EAN005`. */
function identifierOf({ type, version }: OutgoingTransaction): string[] {
  const [number = '', release = '', agency = DEFAULT_AGENCY, ...association] = version
    .replace(/^([A-Z])(?=\d)/, '$1:')
    .split(':')
  return [type, number, release, agency, ...association]
}

/** Messages by type, in the order they come first. */
function byType(messages: readonly OutgoingTransaction[]): OutgoingTransaction[][] {
  const groups = new Map<string, OutgoingTransaction[]>()
  for (const message of messages) {
    const group = groups.get(message.type)
    if (group === undefined) groups.set(message.type, [message])
    else group.push(message)
  }
  return [...groups.values()]
}

/** YYMMDD (CCYYMMDD from syntax version 4 on) and HHMM of an ISO 8601 instant. */
function clock(now: string, version: number, zone: string | undefined): Stamp {
  const digits = clockDigits(now, zone)
  return [digits.slice(version >= FIRST_WITH_REPETITIONS ? 0 : 2, 8), digits.slice(8, 12)]
}

const refused = (text: string) =>
  finding('edifact', 'value-not-writable', { offset: 0, end: 0, line: 0 }, text)
