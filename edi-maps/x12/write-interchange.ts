// Puts transaction sets into an interchange: ISA, one GS per functional group, ST and SE around each set, counts and
// control numbers. Clock and numbers are arguments.
import type { Delimiters, Identity } from '../agreement.js'
import { bytesOf, charsetNamed } from '../charset.js'
import { finding, type Issue } from '../issue.js'
import { repetitionsOf } from '../layout.js'
import type { SegmentData, ServiceCharacters } from '../segment.js'
import type {
  EnvelopeNumbers,
  EnvelopeSettings,
  OutgoingTransaction,
  WrittenInterchange,
} from '../standard.js'
import { clockDigits } from '../time-zone.js'
import { groupOfSet } from './functional-groups.js'
import { segmentWriter } from './writer.js'

/** In order of preference; the first that does not occur in the data is taken. */
const ELEMENTS = ['*', '|', '\x1d']
const COMPONENTS = ['>', ':', '<', '\x1f']
const REPETITIONS = ['^', '!', '\x1e']
const TERMINATORS = ['~', '\x1c', '\n']
const DEFAULT_QUALIFIER = 'ZZ'
const DEFAULT_VERSION = '004010'
/** ISA11 is a repetition separator from this version of the interchange controls on. */
const FIRST_WITH_REPETITIONS = '00402'

/**
 * Writes sets, and TA1 segments where given, as one interchange; sets of one kind and version share a group. The
 * control number of the first group is `numbers.group`; each further group and set counts up.
 */
export function writeInterchange(
  transactions: readonly OutgoingTransaction[],
  settings: EnvelopeSettings,
  numbers: EnvelopeNumbers,
  interchangeAcks: readonly SegmentData[] = [],
): WrittenInterchange {
  const version = transactions[0]?.version ?? DEFAULT_VERSION
  const controls = /^\d{6}/.test(version) ? version.slice(0, 5) : DEFAULT_VERSION.slice(0, 5)
  const all = [...transactions.flatMap((set) => set.segments), ...interchangeAcks]
  const characters = choose(all, settings.delimiters ?? {}, controls >= FIRST_WITH_REPETITIONS)
  const issues: Issue[] = []
  const charset = charsetNamed(settings.charset ?? 'ascii')
  if (charset === undefined)
    issues.push(refused(`There is no character set “${settings.charset}”.`))
  const writer = segmentWriter({
    characters,
    charset: charset ?? 'ascii',
    replaceControls: true,
    ...(settings.replacement === undefined ? {} : { replacement: settings.replacement }),
  })
  const [date, time] = clock(numbers.now, settings.timezone)
  const control = String(numbers.interchange).padStart(9, '0')
  const lines = [
    writer.write(header(settings, { date: date.slice(2), time, control, controls }, characters)),
    ...interchangeAcks.map((segment) => writer.write(segment)),
  ]
  const written: WrittenInterchange['controls'][number][] = []
  let group = numbers.group
  let message = numbers.message
  const groups = grouped(transactions)
  for (const [{ type, version }, sets] of groups) {
    const groupControl = String(group++)
    lines.push(
      writer.write([
        'GS',
        type,
        applicationId(settings.sender),
        applicationId(settings.receiver),
        date,
        time,
        groupControl,
        'X',
        version,
      ]),
    )
    for (const set of sets) {
      const setControl = String(message++).padStart(4, '0')
      const { implementation = '' } = set
      lines.push(writer.write(['ST', set.type, setControl, implementation]))
      for (const segment of set.segments) lines.push(writer.write(segment))
      lines.push(writer.write(['SE', String(set.segments.length + 2), setControl]))
      written[transactions.indexOf(set)] = {
        interchange: control,
        group: groupControl,
        message: setControl,
      }
    }
    lines.push(writer.write(['GE', String(sets.length), groupControl]))
  }
  lines.push(writer.write(['IEA', String(groups.length), control]))
  return {
    bytes: bytesOf(lines.join('')),
    issues: [...issues, ...writer.issues],
    controls: written,
  }
}

interface Stamp {
  readonly date: string
  readonly time: string
  readonly control: string
  readonly controls: string
}

function header(
  settings: EnvelopeSettings,
  stamp: Stamp,
  characters: ServiceCharacters,
): SegmentData {
  const { sender, receiver, test } = settings
  const id = ({ interchange }: Identity) => [
    interchange.qualifier ?? DEFAULT_QUALIFIER,
    interchange.id,
  ]
  return [
    'ISA',
    ...['00', '', '00', ''],
    ...id(sender),
    ...id(receiver),
    stamp.date,
    stamp.time,
    characters.repetition ?? 'U',
    stamp.controls,
    stamp.control,
    '0',
    test ? 'T' : 'P',
    characters.component,
  ]
}

const applicationId = (identity: Identity): string => identity.group ?? identity.interchange.id

/** CCYYMMDD and HHMM of an ISO 8601 instant. */
function clock(now: string, zone: string | undefined): [date: string, time: string] {
  const digits = clockDigits(now, zone)
  return [digits.slice(0, 8), digits.slice(8, 12)]
}

/** Sets by functional group and version, in the order they come first. */
function grouped(
  transactions: readonly OutgoingTransaction[],
): [{ type: string; version: string }, OutgoingTransaction[]][] {
  const groups = new Map<string, [{ type: string; version: string }, OutgoingTransaction[]]>()
  for (const set of transactions) {
    const type = set.group ?? groupOfSet(set.type) ?? ''
    const key = `${type} ${set.version}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [{ type, version: set.version }, [set]])
    else group[1].push(set)
  }
  return [...groups.values()]
}

/** The delimiters the agreement gives, and for the others the first that does not occur in the data. */
function choose(
  segments: readonly SegmentData[],
  given: Delimiters,
  hasRepetitions: boolean,
): ServiceCharacters {
  const present = new Set<string>()
  for (const [, ...elements] of segments) {
    for (const element of elements) {
      for (const value of repetitionsOf(element).flat()) for (const char of value) present.add(char)
    }
  }
  const free = (candidates: readonly string[], taken: readonly (string | undefined)[]) =>
    candidates.find((c) => !present.has(c) && !taken.includes(c)) ?? candidates[0]!
  const fixed = [given.element, given.component, given.segment, given.repetition]
  return {
    element: given.element ?? free(ELEMENTS, fixed),
    component: given.component ?? free(COMPONENTS, fixed),
    segment: given.segment ?? free(TERMINATORS, fixed),
    ...(hasRepetitions ? { repetition: given.repetition ?? free(REPETITIONS, fixed) } : {}),
    suffix: given.suffix ?? '\n',
  }
}

const refused = (text: string): Issue =>
  finding('x12', 'value-not-writable', { offset: 0, end: 0, line: 0 }, text)
