// What a syntax (X12, EDIFACT) offers to everything above it. Both give the same shapes, so nothing above asks
// which one it has.
import type { Delimiters, Identity } from './agreement.js'
import type { Document, PartialDocument } from './canonical/document.js'
import type { Charset } from './charset.js'
import type { Issue, Place } from './issue.js'
import type { SegmentLayout } from './layout.js'
import type { Segment, SegmentData, ServiceCharacters } from './segment.js'
import type { Told } from './told.js'

/**
 * Chunk-safe reader of bytes: the same segments come out wherever the input is cut. Memory is bounded. Interchanges of
 * both standards may follow each other.
 */
export interface Tokenizer {
  /**
   * Segments completed by this chunk, in order; the chunk may be reused by the caller afterwards. What was found at
   * the byte level (garbage, broken header, missing terminator) stands in the `issues` of the segments.
   */
  push(bytes: Uint8Array): Segment[]
  /** The rest: a last segment without terminator, and a filler with what follows the last segment. */
  end(): Segment[]
}

export interface TokenizerOptions {
  /** How values are decoded; default `auto`. */
  readonly charset?: Charset
  /** A longer segment is reported and passed over, which bounds memory. Default 16 MiB. */
  readonly maxSegmentBytes?: number
}

/** Writes segments; findings on what was written so far stand in `issues`. */
export interface SegmentWriter {
  readonly issues: readonly Issue[]
  /** Byte text of one segment: as it came with its layout, in the normal form without. */
  write(data: SegmentData, layout?: SegmentLayout): string
  /** Sets the service characters of what follows. */
  use(characters: ServiceCharacters): void
}

export interface WriterOptions {
  /** In force until a header sets others. */
  readonly characters?: ServiceCharacters
  /** Default `auto`, which writes UTF-8. */
  readonly charset?: Charset
  /** Written for a character that may not be written; without it the value is reported as an error. */
  readonly replacement?: string
  /**
   * What partners refuse in data is replaced too: control characters (by a space where there is no replacement), and
   * under UNOA small letters.
   */
  readonly replaceControls?: boolean
}

/** One transaction set or message: its segments from ST/UNH to SE/UNT and what the envelope said around it. */
export interface Transaction {
  /** ST01 or UNH S009 0065. */
  readonly type: string
  /** ST02 or UNH 0062, as sent. */
  readonly control: string
  /** GS08 (or ST03) or `D:96A`; with association code in `association`. */
  readonly version: string
  readonly association?: string
  /** UNH S009 0051, `UN`. */
  readonly agency?: string
  readonly segments: readonly Segment[]
  readonly issues: readonly Issue[]
}

export interface Group {
  /** GS01 or UNG 0038. Absent where EDIFACT has no group. */
  readonly type?: string
  readonly control?: string
  readonly version?: string
  readonly sender?: string
  readonly receiver?: string
  /** GS04/GS05 as sent. */
  readonly date?: string
  readonly time?: string
  /** GE01/UNE 0060 as sent; absent when the trailer is. */
  readonly declaredCount?: number
  readonly transactions: readonly Transaction[]
  readonly issues: readonly Issue[]
}

/** ISA05/06 or UNB S002; `routing` is 0008/0014, which only EDIFACT has. */
export interface InterchangeParty {
  readonly qualifier?: string
  readonly id: string
  readonly routing?: string
}

export interface Interchange {
  readonly standard: 'x12' | 'edifact'
  /** First byte of its header, of the UNA where there is one, and one past its trailer: enough to read it by itself. */
  readonly offset: number
  readonly end: number
  /** Its header: where the control number stands, and what findings on it say beside. */
  readonly controlPlace: Place & Pick<Issue, 'segment' | 'segmentIndex' | 'tag' | 'element'>
  readonly characters: ServiceCharacters
  readonly sender: InterchangeParty
  readonly receiver: InterchangeParty
  /** ISA13 or UNB 0020, as sent. */
  readonly control: string
  /** ISA09/10 or UNB S004 as sent. */
  readonly date: string
  readonly time: string
  /** ISA12 or UNB S001 `UNOC:3`. */
  readonly version: string
  /** ISA14 = 1, UNB 0031 = 1. */
  readonly acknowledgementRequested: boolean
  /** ISA15 = T, UNB 0035 = 1. */
  readonly test: boolean
  /** ISA15 = I: information, never acted upon. */
  readonly informationOnly: boolean
  /** Acknowledgements standing between ISA and the first group (TA1). */
  readonly interchangeAcks: readonly Segment[]
  readonly groups: readonly Group[]
  readonly issues: readonly Issue[]
}

/**
 * What an envelope reader tells, in the order of the input. The objects of a start and of its end are the same: they
 * are filled as reading goes on. `outside` is a finding that belongs to no interchange.
 */
export type EnvelopeEvent =
  | { readonly kind: 'outside'; readonly issue: Issue }
  | { readonly kind: 'interchange'; readonly interchange: Interchange }
  | { readonly kind: 'group'; readonly interchange: Interchange; readonly group: Group }
  | {
      readonly kind: 'transaction'
      readonly interchange: Interchange
      readonly group: Group
      readonly transaction: Transaction
    }
  | { readonly kind: 'groupEnd'; readonly interchange: Interchange; readonly group: Group }
  | { readonly kind: 'interchangeEnd'; readonly interchange: Interchange }

/**
 * Puts segments into their envelopes, one transaction at a time, so that a file of any size can be read: interchanges
 * do not list their groups and groups not their transactions unless the reader was told to keep them.
 */
export interface EnvelopeReader {
  push(segments: readonly Segment[]): EnvelopeEvent[]
  /** Closes what the input left open. */
  end(): EnvelopeEvent[]
}

/** A whole input in memory. */
export interface Opened {
  readonly interchanges: readonly Interchange[]
  /** Findings that belong to no interchange. */
  readonly issues: readonly Issue[]
}

/** What a reader of one transaction gives: a Document when one can be made, and every finding. */
export interface ReadResult {
  readonly document?: Document
  /** Instead of `document`: of a transaction that is rejected, as far as it was read. */
  readonly partial?: PartialDocument
  readonly issues: readonly Issue[]
}

/** Numbers and the clock for an envelope to be written; nothing here is made up inside. */
export interface EnvelopeNumbers {
  /** ISO 8601 UTC instant. */
  readonly now: string
  readonly interchange: number
  readonly group: number
  /** Number of the first transaction; the following count up. */
  readonly message: number
}

/** A transaction to be put into an envelope. */
export interface OutgoingTransaction {
  /** `856`, `DESADV`. */
  readonly type: string
  /** What GS08 or UNH S009 says, e.g. `004010`. */
  readonly version: string
  /** GS01, where the type alone does not tell it. */
  readonly group?: string
  /** ST03. */
  readonly implementation?: string
  /** From after ST or UNH to before SE or UNT. */
  readonly segments: readonly SegmentData[]
}

/** What an envelope says beside numbers and clock. */
export interface EnvelopeSettings {
  readonly sender: Identity
  readonly receiver: Identity
  readonly test: boolean
  readonly delimiters?: Delimiters
  /** As in an agreement; default `ascii` for X12, `UNOC:3` for EDIFACT. */
  readonly charset?: string
  readonly replacement?: string
  /** Zone of the envelope's date and time; default UTC. */
  readonly timezone?: string
  /** UNB 0031: a CONTRL is asked for. */
  readonly acknowledgementRequested?: boolean
}

/** Bytes ready to be sent. Any `error` among the issues means: do not send. */
export interface WriteResult {
  readonly bytes: Uint8Array
  readonly issues: readonly Issue[]
}

/** `controls`: the numbers of each transaction, in the order they were given. */
export interface WrittenInterchange extends WriteResult {
  readonly controls: readonly {
    readonly interchange: string
    readonly group?: string
    readonly message: string
  }[]
}

export interface WrittenAcknowledgement extends WrittenInterchange {
  readonly told: Told
}

/** What an acknowledgement is made of and for. */
export interface AcknowledgeOptions {
  /** One of the syntax's `acknowledgements`. */
  readonly type: string
  /** All findings on a transaction, those of its envelope included. */
  readonly findings: (transaction: Transaction) => readonly Issue[]
  readonly numbers: EnvelopeNumbers
  /** Default: the interchange's own parties, the other way round. */
  readonly settings?: EnvelopeSettings
  /** Accepted transactions are listed too (default true). */
  readonly listAccepted?: boolean
}

/** Everything a standard offers beside being read (`payload.ts`); code above the standards knows no more of them than this. */
export interface Syntax {
  readonly standard: 'x12' | 'edifact'
  /** Acknowledgement types as `edigw ack --type` and golden files name them; the first is the usual one. */
  readonly acknowledgements: readonly string[]
  /** The types an interchange must get without an agreement: what its header asks for. */
  requestedAcknowledgements(interchange: Interchange): readonly string[]
  /**
   * Why an interchange gets no acknowledgement of a type though it is none itself: it does not hold what that answers, or
   * does not say what that must repeat. Its groups must be kept. Words that go on from a colon.
   */
  whyUnanswered(interchange: Interchange, type: string): string | undefined
  writer(options?: WriterOptions): SegmentWriter
  writeInterchange(
    transactions: readonly OutgoingTransaction[],
    settings: EnvelopeSettings,
    numbers: EnvelopeNumbers,
  ): WrittenInterchange
  /** Undefined when there is nothing to acknowledge: an acknowledgement is never acknowledged; else `whyUnanswered`. */
  acknowledge(
    interchange: Interchange,
    options: AcknowledgeOptions,
  ): WrittenAcknowledgement | undefined
}
