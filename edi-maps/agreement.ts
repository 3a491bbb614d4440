// Trading-partner agreement: versioned data that says who two partners are to each other and how documents between
// them look. The gateway adds its own keys (channel, policies) on top; this part is what maps and syntaxes need.
import { Type, type Static } from '@sinclair/typebox'
import { Role } from './canonical/message.js'
import { object, words } from './canonical/values.js'

const text = () => Type.String({ minLength: 1 })
const char = () => Type.String({ minLength: 1, maxLength: 1 })

/** An interchange identity: ISA05/06 or UNB S002, with the group's application id (GS02) where it differs. */
export const Identity = object({
  interchange: object({
    qualifier: Type.Optional(Type.String({ minLength: 1, maxLength: 4 })),
    id: Type.String({ minLength: 1, maxLength: 35 }),
  }),
  group: Type.Optional(Type.String({ minLength: 1, maxLength: 35 })),
})

/** One rule of an override, for one node of a map. Unknown node ids fail when the agreement is loaded. */
export const OverrideRule = object({
  use: Type.Optional(words(['required', 'optional', 'unused'] as const)),
  max: Type.Optional(Type.Integer({ minimum: 0 })),
  drop: Type.Optional(Type.Literal(true)),
  move: Type.Optional(
    object({ to: text(), when: Type.Optional(Type.Record(Type.String(), Type.String())) }),
  ),
  constant: Type.Optional(Type.String()),
  from: Type.Optional(text()),
  format: Type.Optional(
    object({
      pad: Type.Optional(object({ length: Type.Integer({ minimum: 1 }), with: char() })),
      cut: Type.Optional(Type.Integer({ minimum: 1 })),
      case: Type.Optional(words(['upper', 'lower'] as const)),
      pattern: Type.Optional(text()),
    }),
  ),
  codes: Type.Optional(
    object({
      in: Type.Optional(Type.Record(Type.String(), Type.String())),
      out: Type.Optional(Type.Record(Type.String(), Type.String())),
    }),
  ),
  when: Type.Optional(Type.Record(Type.String(), Type.String())),
})
/** Rules by map node id, e.g. `{"BSN05": {"constant": "0001"}}`. */
export const Override = Type.Record(Type.String(), OverrideRule)

export const AgreedDocument = object({
  direction: words(['in', 'out'] as const),
  /** Transaction set or message type: `856`, `DESADV`. */
  message: text(),
  /** Release as GS08 or UNH S009 tells it: `004010`, `D:96A`; a GS08 suffix such as VICS is tolerated on receipt. */
  version: text(),
  /** Release whose map reads and writes it, where the version has none of its own: `004010` for a 004030. */
  map: Type.Optional(text()),
  override: Type.Optional(Override),
  /** Write hint; for an 856 the tree, e.g. `{"tree": "SOTPI"}`. It wins over the Document's own `extras.layout`. */
  layout: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
})

export const Delimiters = object({
  element: Type.Optional(char()),
  component: Type.Optional(char()),
  repetition: Type.Optional(char()),
  release: Type.Optional(char()),
  decimal: Type.Optional(char()),
  segment: Type.Optional(char()),
  /** What follows each segment terminator: nothing, LF or CRLF. */
  suffix: Type.Optional(words(['', '\n', '\r\n'] as const)),
})

/** Where a number sequence starts and ends; numbers themselves live in the store. */
const ControlRange = object({
  start: Type.Optional(Type.Integer({ minimum: 1 })),
  max: Type.Optional(Type.Integer({ minimum: 1 })),
})

export const AGREEMENT_PROPERTIES = {
  id: Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,62}$' }),
  name: text(),
  ourRole: Role,
  theirRole: Role,
  environment: words(['test', 'production'] as const),
  standard: words(['x12', 'edifact'] as const),
  us: Identity,
  partner: Identity,
  delimiters: Type.Optional(Delimiters),
  /**
   * `ascii` (default for X12), `latin1`, `utf-8`; for EDIFACT also what UNB S001 says: `UNOC:3` (default), `UNOA`.
   * UNOA writes capitals only.
   */
  charset: Type.Optional(text()),
  /** Written for a character that delimiters or charset do not allow; without it such a value is refused. */
  replacement: Type.Optional(char()),
  /** IANA name of the zone of times in the partner's documents that bear none of their own: `Europe/Berlin`. */
  timezone: Type.Optional(text()),
  documents: Type.Array(AgreedDocument),
  control: Type.Optional(
    object({
      interchange: Type.Optional(ControlRange),
      group: Type.Optional(ControlRange),
      message: Type.Optional(ControlRange),
    }),
  ),
  acks: Type.Optional(
    object({
      /** TA1: as ISA14 asks (default), always, never, or only for a rejected interchange. */
      interchange: Type.Optional(words(['requested', 'always', 'never', 'rejected'] as const)),
      /** What answers a group or interchange: default 997 for X12, CONTRL for EDIFACT. */
      functional: Type.Optional(words(['997', '999', 'CONTRL', 'never'] as const)),
      /** Whether AK2/AK5 is written for accepted sets too (default true). */
      listAccepted: Type.Optional(Type.Boolean()),
      /** We expect a 997/CONTRL for what we send, within this many minutes (default 1440). */
      expected: Type.Optional(Type.Boolean()),
      overdueAfterMinutes: Type.Optional(Type.Integer({ minimum: 1 })),
    }),
  ),
  duplicates: Type.Optional(
    object({
      /** What an interchange control number seen before leads to (default reject). */
      interchange: Type.Optional(words(['reject', 'accept'] as const)),
      lookBackDays: Type.Optional(Type.Integer({ minimum: 1 })),
    }),
  ),
  ordering: Type.Optional(words(['partner', 'document', 'none'] as const)),
  validFrom: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}' })),
} as const

export const Agreement = object(AGREEMENT_PROPERTIES)
export type Agreement = Static<typeof Agreement>
export type AgreedDocument = Static<typeof AgreedDocument>
export type Override = Static<typeof Override>
export type OverrideRule = Static<typeof OverrideRule>
export type Identity = Static<typeof Identity>
export type Delimiters = Static<typeof Delimiters>
