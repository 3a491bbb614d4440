// Agreements as the gateway uses them: the part maps and syntaxes need, plus how bytes and messages travel. One that
// is loaded has been checked completely; nothing is left to be found out when a message comes.
import { Type, type Static } from '@sinclair/typebox'
import { Ajv, type ErrorObject } from 'ajv'
import { createHash } from 'node:crypto'
import { AGREEMENT_PROPERTIES, type AgreedDocument } from '../edi-maps/agreement.js'
import { object } from '../edi-maps/canonical/values.js'
import type { Channel } from './channels/channel.js'

const CODE = '^[a-z0-9][a-z0-9._-]{0,62}$'

/** An agreement with the gateway's own keys. */
export const GatewayAgreement = object({
  ...AGREEMENT_PROPERTIES,
  /** `partner` of Messages; default is the agreement's id. Agreements with one partner share it. */
  partnerCode: Type.Optional(Type.String({ pattern: CODE })),
  /** `company` of Messages, as the Odoo addon knows it. */
  company: Type.Optional(Type.String({ minLength: 1 })),
  /** Connection that gets what comes in; default is the only one there is. */
  target: Type.Optional(Type.String({ pattern: CODE })),
  /** How bytes reach the partner: `kind` and the settings of that channel. Default: they wait to be fetched. */
  channel: Type.Optional(
    Type.Unsafe<{ kind: string; [setting: string]: unknown }>(
      Type.Object({ kind: Type.String({ minLength: 1 }) }, { additionalProperties: true }),
    ),
  ),
})
export type GatewayAgreement = Static<typeof GatewayAgreement>

/** One version of an agreement as it lies in the store. */
export interface AgreementVersion {
  readonly id: string
  readonly version: number
  readonly agreement: GatewayAgreement
}

/** What a check of an agreement found; `path` is a JSON pointer. */
export interface AgreementProblem {
  readonly path: string
  readonly text: string
}

/** Checks that need the standards: acknowledgements, delimiters and the time zone; one agreed document with its map and override. */
export type CheckSettings = (agreement: GatewayAgreement) => readonly AgreementProblem[]
export type CheckDocument = (
  agreement: GatewayAgreement,
  document: AgreedDocument,
) => readonly AgreementProblem[]

export type AgreementCheck = (
  body: unknown,
) => { agreement: GatewayAgreement } | { problems: readonly AgreementProblem[] }

const told = (base: string, errors: readonly ErrorObject[] | null | undefined) =>
  (errors ?? []).map((error): AgreementProblem => {
    const { allowedValues, additionalProperty } = error.params as {
      allowedValues?: string[]
      additionalProperty?: string
    }
    const more = allowedValues
      ? `: ${allowedValues.join(', ')}`
      : additionalProperty
        ? `: ${additionalProperty}`
        : ''
    return { path: base + error.instancePath, text: `${error.message ?? 'is wrong'}${more}` }
  })

/** Makes the check all agreements go through, whether from a file or the API. */
export function agreementCheck(
  channels: readonly Pick<Channel, 'kind' | 'settingsSchema'>[],
  checkDocument: CheckDocument,
  checkSettings: CheckSettings,
): AgreementCheck {
  const ajv = new Ajv({ allErrors: true })
  const shape = ajv.compile<GatewayAgreement>(GatewayAgreement)
  const settings = new Map(channels.map((c) => [c.kind, ajv.compile(c.settingsSchema)]))
  return (body) => {
    if (!shape(body)) return { problems: told('', shape.errors) }
    const problems: AgreementProblem[] = []
    if (body.channel) {
      const { kind, ...address } = body.channel
      const check = settings.get(kind)
      if (!check) {
        const known = [...settings.keys()].join(', ')
        problems.push({ path: '/channel/kind', text: `is no channel; known: ${known}` })
      } else if (!check(address)) problems.push(...told('/channel', check.errors))
    }
    problems.push(...checkSettings(body))
    body.documents.forEach((document, n) => {
      for (const problem of checkDocument(body, document))
        problems.push({ path: `/documents/${n}${problem.path}`, text: problem.text })
    })
    return problems.length > 0 ? { problems } : { agreement: body }
  }
}

/** SHA-256 in hex over JSON with sorted keys: equal for equal content, however it was written. */
export function contentHash(value: unknown): string {
  return createHash('sha256').update(sortedJson(value)).digest('hex')
}

function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value)
    .filter(([, v]) => v !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, v]) => `${JSON.stringify(key)}:${sortedJson(v)}`).join(',')}}`
}

/** `partner` of the Messages of an agreement. */
export const partnerCode = (agreement: GatewayAgreement) => agreement.partnerCode ?? agreement.id

/** An interchange id as ISA or UNB carries it. */
interface InterchangeId {
  readonly qualifier?: string
  readonly id: string
}

const sameId = (agreed: InterchangeId, seen: InterchangeId) =>
  agreed.id.trim() === seen.id.trim() &&
  (agreed.qualifier === undefined || agreed.qualifier.trim() === (seen.qualifier ?? '').trim())

/** What the envelope says of who sends what to whom. */
export interface EnvelopeIds {
  readonly standard: 'x12' | 'edifact'
  readonly sender: InterchangeId
  readonly receiver: InterchangeId
  readonly test: boolean
  /** GS02 and GS03 of the first group, which decide between agreements of the same interchange ids. */
  readonly groupSender?: string
  readonly groupReceiver?: string
  /** Type of the first set: among agreements that fit alike, one that lists it is preferred. */
  readonly message?: string
}

type InboundMatch =
  | { readonly found: AgreementVersion }
  /** There is an agreement, but only for the other environment. */
  | { readonly otherEnvironment: AgreementVersion }
  | undefined

/** All agreements in force, and how one is found. */
export interface AgreementBook {
  readonly active: readonly AgreementVersion[]
  /** `today` is `YYYY-MM-DD`: one that is valid from later is not in force yet. */
  inbound(ids: EnvelopeIds, today: string): InboundMatch
  /** For a Message of Odoo: by partner, roles, environment and a document that goes out and carries that kind. */
  outbound(
    wanted: { partner: string; test: boolean; ourRole: string; theirRole: string },
    carries: (agreement: GatewayAgreement, document: AgreedDocument) => boolean,
    today: string,
  ): { found: AgreementVersion; document: AgreedDocument } | { missing: string }
  byId(id: string): AgreementVersion | undefined
}

export function agreementBook(active: readonly AgreementVersion[]): AgreementBook {
  const inForce = (today: string) =>
    active.filter(({ agreement }) => (agreement.validFrom ?? '') <= today)
  return {
    active,
    byId: (id) => active.find((one) => one.id === id),
    inbound: (ids, today) => {
      const pair = inForce(today).filter(
        ({ agreement: a }) =>
          a.standard === ids.standard &&
          sameId(a.partner.interchange, ids.sender) &&
          sameId(a.us.interchange, ids.receiver),
      )
      const environment = ids.test ? 'test' : 'production'
      const fits = pair.filter(({ agreement }) => agreement.environment === environment)
      const lists = ({ documents }: GatewayAgreement) =>
        documents.some(({ direction, message }) => direction === 'in' && message === ids.message)
      const fit = (a: GatewayAgreement) =>
        (a.partner.group !== undefined && a.partner.group === ids.groupSender ? 4 : 0) +
        (a.us.group !== undefined && a.us.group === ids.groupReceiver ? 2 : 0) +
        (lists(a) ? 1 : 0)
      const [best] = [...fits].sort((a, b) => fit(b.agreement) - fit(a.agreement))
      if (best) return { found: best }
      return pair[0] ? { otherEnvironment: pair[0] } : undefined
    },
    outbound: ({ partner, test, ourRole, theirRole }, carries, today) => {
      const known = inForce(today).filter(({ agreement }) => partnerCode(agreement) === partner)
      if (known.length === 0) return { missing: `there is no agreement with partner ${partner}` }
      const environment = test ? 'test' : 'production'
      const fits = known.filter(({ agreement }) => agreement.environment === environment)
      if (fits.length === 0)
        return { missing: `there is no ${environment} agreement with partner ${partner}` }
      const roles = fits.filter(
        ({ agreement: a }) => a.ourRole === ourRole && a.theirRole === theirRole,
      )
      if (roles.length === 0)
        return {
          missing: `no agreement with partner ${partner} has us as ${ourRole} and them as ${theirRole}`,
        }
      for (const found of roles)
        for (const document of found.agreement.documents)
          if (document.direction === 'out' && carries(found.agreement, document))
            return { found, document }
      return { missing: `no agreement with partner ${partner} lists this document as going out` }
    },
  }
}

/** One pair of ids an identity may carry; `*` stands for any id. */
export interface CarriedPair {
  readonly sender: InterchangeId
  readonly receiver: InterchangeId
}

/** Whom a channel authenticated, with what it may bring. */
export interface ChannelIdentity {
  readonly channel: string
  readonly id: string
  readonly name: string
  readonly carries: readonly CarriedPair[]
  readonly environments: readonly ('test' | 'production')[]
}

/** Whether what we send under an agreement is for this identity: it may bring the partner's side of it. */
export const mayFetch = (
  identity: ChannelIdentity | undefined,
  { us, partner, environment }: GatewayAgreement,
): boolean =>
  carriageProblem(identity, {
    sender: partner.interchange,
    receiver: us.interchange,
    test: environment === 'test',
  }) === undefined

/** A pair of ids as `--carries` takes it. */
const pairText = ({ sender, receiver }: CarriedPair) =>
  [sender, receiver]
    .map(({ qualifier, id }) => (qualifier ? `${qualifier.trim()}:${id.trim()}` : id.trim()))
    .join('>')

/** Why an identity may not bring this interchange, in words; undefined when it may. */
export function carriageProblem(
  identity: ChannelIdentity | undefined,
  ids: Pick<EnvelopeIds, 'sender' | 'receiver' | 'test'>,
): string | undefined {
  if (!identity)
    return `the channel identity is unknown or not active: nothing says that it may carry ${pairText(ids)}`
  const environment = ids.test ? 'test' : 'production'
  if (!identity.environments.includes(environment))
    return `${identity.name} may not carry ${environment} interchanges`
  const matches = (carried: InterchangeId, seen: InterchangeId) =>
    carried.id === '*' || sameId(carried, seen)
  if (
    identity.carries.some((c) => matches(c.sender, ids.sender) && matches(c.receiver, ids.receiver))
  )
    return undefined
  return `${identity.name} may not carry interchanges from ${ids.sender.id.trim()} to ${ids.receiver.id.trim()}: add ${pairText(ids)}`
}
