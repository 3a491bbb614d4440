// EDI as the steps need it: one value that knows all standards, so that no step asks which one it has. Pure: it joins
// what edi-maps offers to what an agreement says.
import type { AgreedDocument, Delimiters } from '../edi-maps/agreement.js'
import type { Acknowledged } from '../edi-maps/canonical/functional-ack.js'
import type { Document, Kind, PartialDocument } from '../edi-maps/canonical/document.js'
import type { Issue } from '../edi-maps/issue.js'
import type {
  EnvelopeNumbers,
  Group,
  Interchange,
  ReadResult,
  Transaction,
  WriteResult,
} from '../edi-maps/standard.js'
import { settingsOf } from '../edi-maps/envelope-settings.js'
import { finding } from '../edi-maps/issue.js'
import type { Role } from '../edi-maps/canonical/message.js'
import {
  MAPS,
  agreedOn,
  findMap,
  isVersion,
  mapReleases,
  overrideProblems,
  ready,
} from '../edi-maps/maps.js'
import { syntaxOf } from '../edi-maps/syntaxes.js'
import { zoneProblem } from '../edi-maps/time-zone.js'
import { translate } from '../edi-maps/translate.js'
import { writeTransaction } from '../edi-maps/write.js'
import { checkWritten } from './written-check.js'
import { readInterchangeAcks } from '../edi-maps/x12/interchange-ack.js'
import { contentHash, type AgreementProblem, type GatewayAgreement } from './agreement.js'
import { PermanentError } from './errors.js'
import type { NumbersNeeded } from './store/control-numbers.js'

type Standard = 'x12' | 'edifact'

/** Outcome of reading one set under an agreement. */
interface SetReading extends ReadResult {
  /** SHA-256 of the map and override that read it. */
  readonly mapHash?: string
}

/** All findings on a transaction, by which it is acknowledged. */
type Findings = (transaction: Transaction) => readonly Issue[]

/** An acknowledgement to be sent: what kind, and its bytes once it has numbers. */
interface AckDraft {
  /** `TA1`, `997`, `CONTRL`. */
  readonly type: string
  readonly needs: NumbersNeeded
  write(numbers: EnvelopeNumbers): Uint8Array
}

export interface Edi {
  /** Canonical kind of a set or message, from a sender of that role. */
  kindOf(standard: Standard, message: string, sender?: Role): Kind | undefined
  /** Whether a set is itself an acknowledgement, which is never acknowledged. */
  isAcknowledgement(standard: Standard, message: string): boolean
  /** Whether a set answers what we sent (997, CONTRL, 824, APERAK): it moves that and goes no further. */
  isAnswer(standard: Standard, message: string): boolean
  /**
   * Reads one set by what the agreement says of it. A set the agreement does not list, or in another version, is a
   * finding like any other.
   */
  readSet(
    agreement: GatewayAgreement,
    interchange: Interchange,
    group: Group,
    transaction: Transaction,
  ): SetReading
  /** What a set is about as far as it can be read, where no agreement says how. */
  glance(
    interchange: Interchange,
    group: Group,
    transaction: Transaction,
    sender?: Role,
  ): PartialDocument | undefined
  /** Entries of acknowledgements that stand in the envelope itself (TA1). */
  interchangeAcks(interchange: Interchange): readonly Acknowledged[]
  /** What the agreement wants to be answered. `groups` list their transactions, without segments. */
  acknowledge(
    agreement: GatewayAgreement,
    interchange: Interchange,
    groups: readonly Group[],
    findings: Findings,
  ): readonly AckDraft[]
  /** A Document as an interchange of its own. */
  write(
    agreement: GatewayAgreement,
    agreed: AgreedDocument,
    document: Document,
    numbers: EnvelopeNumbers,
  ): WriteResult
  /** How many functional groups an interchange with one document has: in EDIFACT none, unless applications are named. */
  groupsOf(agreement: GatewayAgreement): 0 | 1
  /** GS01 of a set; undefined where the standard has no groups. */
  groupType(standard: Standard, message: string): string | undefined
  mapHash(agreement: ReadBy, agreed: AgreedDocument): string
  /** An acknowledgement or delimiter that the standard does not have, a time zone there is not. */
  checkSettings(agreement: GatewayAgreement): readonly AgreementProblem[]
  /** Unknown set, version, map or override node of an agreed document. */
  checkDocument(agreement: GatewayAgreement, agreed: AgreedDocument): readonly AgreementProblem[]
  contentType(standard: Standard): string
}

const CONTENT_TYPES = { x12: 'application/edi-x12', edifact: 'application/edifact' } as const
const NO_BYTES = new Uint8Array(0)

const hasError = (issues: readonly Issue[]) => issues.some((one) => one.severity === 'error')

const mapOf = (standard: Standard, { message, version, map }: AgreedDocument, sender: Role) =>
  findMap(standard, message, map ?? version, sender)

const agreedFor = ({ standard, documents }: GatewayAgreement, { type, version }: Transaction) =>
  documents.find(
    (one) =>
      one.direction === 'in' && one.message === type && isVersion(standard, one.version, version),
  )

/** What of an agreement, beside the document's own keys, decides how a document is read and written. */
type ReadBy = Pick<GatewayAgreement, 'standard' | 'timezone'>

const mapHash = (
  { standard, timezone }: ReadBy,
  { message, version, map, override }: AgreedDocument,
) => contentHash({ standard, message, version, map, timezone, override: override ?? {} })

/** What edi-maps offers, by agreement. */
export const edi: Edi = {
  kindOf(standard, message, sender) {
    const maps = MAPS.filter((map) => map.standard === standard && map.id === message)
    const own = sender === undefined ? undefined : maps.find((map) => map.sender === sender)
    return (own ?? maps.find((map) => map.sender === undefined))?.kind
  },
  isAcknowledgement: (standard, message) => edi.kindOf(standard, message) === 'functionalAck',
  isAnswer: (standard, message) =>
    edi.isAcknowledgement(standard, message) || edi.kindOf(standard, message) === 'applicationAck',
  readSet: (agreement, interchange, group, transaction) => {
    const envelope = { interchange, group }
    const agreed = agreedFor(agreement, transaction)
    if (edi.isAcknowledgement(interchange.standard, transaction.type))
      return translate(transaction, envelope, agreed && agreedOn(agreement, agreed))
    if (!agreed) {
      // Read all the same, so that it can be told which documents the partner sent for nothing.
      const partial = edi.glance(interchange, group, transaction, agreement.theirRole)
      return {
        issues: [notAgreed(agreement, transaction)],
        ...(partial === undefined ? {} : { partial }),
      }
    }
    return {
      ...translate(transaction, envelope, agreedOn(agreement, agreed), agreement.theirRole),
      mapHash: mapHash(agreement, agreed),
    }
  },
  glance(interchange, group, transaction, sender) {
    const { document, partial = document } = translate(
      transaction,
      { interchange, group },
      undefined,
      sender,
    )
    return partial
  },
  interchangeAcks: (interchange) =>
    readInterchangeAcks(interchange).flatMap(({ body }) => body.acknowledged),
  acknowledge: (agreement, interchange, groups, findings) =>
    ackTypes(agreement, interchange).flatMap((type) => {
      const whole = { ...interchange, groups }
      const [first] = groups
      const write = (numbers: EnvelopeNumbers) =>
        syntaxOf(interchange.standard).acknowledge(whole, {
          type,
          findings,
          numbers,
          settings: {
            ...settingsOf(agreement),
            sender: party(interchange.receiver, first?.receiver),
            receiver: party(interchange.sender, first?.sender),
            test: interchange.test,
          },
          listAccepted: agreement.acks?.listAccepted ?? true,
        })
      // Written once to see how many numbers it takes; undefined: an acknowledgement is never acknowledged.
      const dry = write({ now: '2000-01-01T00:00:00Z', interchange: 1, group: 1, message: 1 })
      if (!dry) return []
      const needs = {
        groups: new Set(dry.controls.flatMap(({ group }) => group ?? [])).size,
        messages: dry.controls.length,
      }
      const name = type === 'contrl' ? 'CONTRL' : type
      return [{ type: name, needs, write: (numbers) => write(numbers)!.bytes }]
    }),
  write: (agreement, agreed, document, numbers) => {
    const { standard } = agreement
    const map = mapOf(standard, agreed, agreement.ourRole)
    if (!map) throw new PermanentError(`there is no map for ${agreed.message} ${agreed.version}`)
    const loaded = ready(map, agreedOn(agreement, agreed))
    const { segments, issues } = writeTransaction(document, loaded, agreed.layout)
    if (hasError(issues)) return { bytes: NO_BYTES, issues }
    const written = syntaxOf(standard).writeInterchange(
      [{ type: agreed.message, version: agreed.version, segments }],
      settingsOf(agreement),
      numbers,
    )
    const told = [...issues, ...written.issues]
    const all = checkWritten(written.bytes, told, [loaded])
    return { bytes: hasError(all) ? NO_BYTES : written.bytes, issues: all }
  },
  groupsOf: ({ standard, us, partner }) =>
    standard === 'x12' || us.group !== undefined || partner.group !== undefined ? 1 : 0,
  groupType: (standard, message) =>
    MAPS.find((map) => map.standard === standard && map.id === message)?.group,
  mapHash,
  checkSettings: ({ standard, acks, timezone, delimiters }) => {
    const { functional = 'never' } = acks ?? {}
    const isAnswer =
      functional === 'never' ||
      syntaxOf(standard).acknowledgements.includes(functional.toLowerCase())
    const zone = timezone === undefined ? undefined : zoneProblem(timezone)
    return [
      ...(isAnswer
        ? []
        : [{ path: '/acks/functional', text: `${functional} does not answer ${standard}` }]),
      ...(zone === undefined ? [] : [{ path: '/timezone', text: zone }]),
      ...delimiterProblems(standard, delimiters),
    ]
  },
  checkDocument: ({ standard, ourRole, theirRole }, agreed) => {
    const sender = agreed.direction === 'in' ? theirRole : ourRole
    const { message, version } = agreed
    const releases = mapReleases(standard, message)
    if (agreed.map !== undefined && !releases.has(agreed.map)) {
      const known =
        releases.size === 0 ? 'there are none' : `there are: ${[...releases].join(', ')}`
      return [{ path: '/map', text: `is no map of ${standard} ${message}; ${known}` }]
    }
    const map = mapOf(standard, agreed, sender)
    if (!map) {
      const known =
        releases.size === 0 ? '' : `; "map" chooses another one: ${[...releases].join(', ')}`
      return [{ path: '', text: `there is no map for ${standard} ${message} ${version}${known}` }]
    }
    return overrideProblems(map, agreed.override).map(({ id, key, text }) => ({
      path: `/override/${[id, ...(key === undefined ? [] : [key])].map(pointerStep).join('/')}`,
      text,
    }))
  },
  contentType: (standard) => CONTENT_TYPES[standard],
}

/** Characters that would be taken and never written. */
function delimiterProblems(
  standard: Standard,
  { decimal, release }: Delimiters = {},
): AgreementProblem[] {
  const path = '/delimiters'
  return [
    ...(decimal === undefined || decimal === '.'
      ? []
      : [{ path: `${path}/decimal`, text: 'numbers are written with a point' }]),
    ...(release === undefined || standard === 'edifact'
      ? []
      : [{ path: `${path}/release`, text: 'X12 has no release character' }]),
  ]
}

/** A key in a JSON pointer (RFC 6901). */
const pointerStep = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1')

const party = (id: Interchange['sender'], group: string | undefined) => ({
  interchange: id,
  ...(group === undefined ? {} : { group }),
})

function notAgreed(agreement: GatewayAgreement, { type, version, segments }: Transaction): Issue {
  const { offset, end, line, number } = segments[0] ?? { offset: 0, end: 0, line: 1, number: 1 }
  const expected = agreement.documents
    .filter(({ direction }) => direction === 'in')
    .map((one) => `${one.message} ${one.version}`)
    .join(', ')
  return finding(
    agreement.standard,
    'transaction-unsupported',
    { offset, end, line },
    `The agreement has no ${type} in version ${version === '' ? 'unknown' : version} coming in.`,
    { segment: number, segmentIndex: 1, ...(expected === '' ? {} : { expected }) },
  )
}

/**
 * What is to be answered. An interchange that is rejected is told so once: by TA1 where one goes out, else by the
 * functional acknowledgement. A duplicate never gets a second 997, which would contradict the first; a CONTRL rejects
 * the interchange as a duplicate and says nothing of its messages.
 */
function ackTypes(agreement: GatewayAgreement, interchange: Interchange): string[] {
  const { acknowledgements, requestedAcknowledgements } = syntaxOf(interchange.standard)
  const { interchange: policy = 'requested', functional } = agreement.acks ?? {}
  const type = functional?.toLowerCase() ?? acknowledgements[0]
  const isRejected = hasError(interchange.issues)
  const hasTa1 = acknowledgements.includes('ta1')
  const sendsTa1 =
    hasTa1 &&
    (policy === 'always' ||
      (policy === 'rejected' && isRejected) ||
      (policy === 'requested' && requestedAcknowledgements(interchange).includes('ta1')))
  const isDuplicate = interchange.issues.some((one) => one.code === 'interchange-duplicate')
  const isToldOnce = isRejected && (sendsTa1 || (hasTa1 && isDuplicate))
  const sendsFunctional = type !== undefined && type !== 'never' && !isToldOnce
  return [...(sendsTa1 ? ['ta1'] : []), ...(sendsFunctional ? [type] : [])]
}
